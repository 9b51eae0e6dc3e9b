"""Work on a thread for somebody who may go before it is done."""

from collections.abc import Callable
from threading import Event
from typing import TypeVar

import anyio
import anyio.to_thread
from starlette.requests import Request

T = TypeVar("T")

# Nobody reads this status: the listener has gone.
GONE = 499


async def watched(
    request: Request, work: Callable[[Event], T], limiter: anyio.CapacityLimiter | None = None
) -> T | None:
    """What ``work`` makes, in its turn at ``limiter``; None when whoever asked has gone before.

    It is told of that by an event that is set then. All of the request's body must have been read.
    """
    gone, made, problem = Event(), None, None
    async with anyio.create_task_group() as group:

        async def watch() -> None:
            # All of the body is here, so what is received next is that nobody listens.
            while (await request.receive())["type"] != "http.disconnect":
                pass
            gone.set()
            group.cancel_scope.cancel()

        group.start_soon(watch)
        try:
            made = await anyio.to_thread.run_sync(work, gone, limiter=limiter)
        except Exception as error:  # noqa: BLE001 - raised below: the group would wrap it
            problem = error
        group.cancel_scope.cancel()
    if problem is not None:
        raise problem
    return None if gone.is_set() else made
