"""Work for somebody who may go before it is done: on a thread, or on the event loop."""

import contextlib
from collections.abc import Awaitable, Callable, Generator
from threading import Event
from typing import TypeVar

import anyio
import anyio.to_thread
from starlette.requests import Request

T = TypeVar("T")

Step = TypeVar("Step")

# Nobody reads this status: the listener has gone.
GONE = 499


async def watched(
    request: Request, work: Callable[[Event], T], limiter: anyio.CapacityLimiter | None = None
) -> T | None:
    """What ``work`` makes on a thread, in its turn at ``limiter``; None when whoever asked has gone before.

    It is told of that by an event that is set then. All of the request's body must have been read.
    """
    gone = Event()
    made = await unless_gone(request, lambda: anyio.to_thread.run_sync(work, gone, limiter=limiter), gone.set)
    return None if gone.is_set() else made


async def unless_gone(
    request: Request, work: Callable[[], Awaitable[T]], leave: Callable[[], object] = lambda: None
) -> T | None:
    """What ``work`` brings; when whoever asked goes before, ``leave`` is called, the work is cancelled, and it is None.

    All of the request's body must have been read. Raises what the work raises.
    """
    made, problem = None, None
    async with anyio.create_task_group() as group:

        async def watch() -> None:
            # All of the body is here, so what is received next is that nobody listens.
            while (await request.receive())["type"] != "http.disconnect":
                pass
            leave()
            group.cancel_scope.cancel()

        group.start_soon(watch)
        try:
            made = await work()
        except Exception as error:  # noqa: BLE001 - raised below: the group would wrap it
            problem = error
        group.cancel_scope.cancel()
    if problem is not None:
        raise problem
    return made


def as_long_as_wanted(work: Generator[Step, None, T], gone: Event) -> T | None:
    """What ``work`` returns at its end; None, and the work closed, at its first step after ``gone`` is set."""
    with contextlib.closing(work):
        while True:
            try:
                next(work)
            except StopIteration as end:
                result: T = end.value
                return result
            if gone.is_set():
                return None
