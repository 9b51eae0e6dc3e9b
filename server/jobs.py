"""A job is one request in flight: a worker thread that draws events from the engine, and an async iterator of them.

The thread looks at a stop flag between events, so a stopped or abandoned job frees its model at the next one. The
queue between the two is bounded: a listener that does not read holds the worker back, and when it has taken nothing for
``patience_s`` it counts as gone.
"""

import asyncio
import logging
import secrets
import threading
import time
from collections.abc import AsyncIterator, Generator
from concurrent.futures import CancelledError

from engine.errors import EngineError
from engine.events import Event

logger = logging.getLogger(__name__)

# What the worker hands over: an event, what the engine raised, or None for the end.
_Item = Event | BaseException | None


class _ListenerGone(Exception):
    """Nobody takes the events any more."""


class Unheard(EngineError):
    """Nobody took the sound that was made, so no more of it was."""


class Job:
    """Runs ``events`` on a thread of its own. Made and iterated on one event loop; `stop` may come from anywhere.

    Iteration ends early after `stop`; it raises what the engine raises, and Unheard for a listener who comes back after
    having counted as gone. Who takes an event in parts says `heard` at each.
    """

    def __init__(self, events: Generator[Event, None, None], *, backlog: int = 16, patience_s: float = 5.0) -> None:
        self.id = secrets.token_urlsafe(12)
        self._events = events
        self._patience_s = patience_s
        self._loop = asyncio.get_running_loop()
        self._queue: asyncio.Queue[_Item] = asyncio.Queue(maxsize=backlog)
        self._stopping = threading.Event()
        self._abandoned = threading.Event()
        self._unheard = False
        self._heard = time.monotonic()
        self._thread = threading.Thread(target=self._work, name=f"job-{self.id}", daemon=True)
        self._thread.start()

    @property
    def stopped(self) -> bool:
        """Whether somebody asked it to end early."""
        return self._stopping.is_set()

    def stop(self) -> None:
        """End at the next event; what has been made until then is still handed over."""
        self._stopping.set()

    def abandon(self) -> None:
        """End at the next event; nobody takes what has been made."""
        self._abandoned.set()
        self._stopping.set()

    def heard(self) -> None:
        """The listener has taken something."""
        self._heard = time.monotonic()

    async def __aiter__(self) -> AsyncIterator[Event]:
        while (item := await self._queue.get()) is not None:
            self.heard()
            if self._unheard:
                raise Unheard("nothing of the sound was taken for {seconds:g} s", seconds=self._patience_s)
            if isinstance(item, BaseException):
                raise item
            yield item

    def _work(self) -> None:
        try:
            try:
                self._draw_events()
            finally:
                self._events.close()
        except _ListenerGone:
            return
        except BaseException as error:  # noqa: BLE001 - whatever it is belongs to the listener
            self._finish(error)
        self._finish(None)

    def _draw_events(self) -> None:
        for event in self._events:
            if self.stopped:
                return
            self._hand_over(event)

    def _finish(self, last: _Item) -> None:
        try:
            self._hand_over(last)
        except _ListenerGone:
            logger.debug("job %s ended without a listener", self.id)

    def _hand_over(self, item: _Item) -> None:
        put = self._queue.put(item)
        try:
            future = asyncio.run_coroutine_threadsafe(put, self._loop)
        except RuntimeError as error:  # the server has shut down
            put.close()
            raise _ListenerGone from error
        began = time.monotonic()
        while True:
            try:
                return future.result(timeout=0.05)
            except CancelledError as error:  # the loop has ended
                raise _ListenerGone from error
            except TimeoutError:
                gone = time.monotonic() - max(began, self._heard) > self._patience_s
                if gone or self._abandoned.is_set():
                    self._unheard = gone
                    future.cancel()
                    self.abandon()
                    raise _ListenerGone from None


class Jobs:
    """The jobs in flight, by id, so that they can be stopped from another request."""

    def __init__(self) -> None:
        self._jobs: dict[str, Job] = {}

    def start(self, events: Generator[Event, None, None], *, backlog: int = 16, patience_s: float = 5.0) -> Job:
        """A running job for ``events``, of which ``backlog`` may wait for a listener as patient as that."""
        job = Job(events, backlog=backlog, patience_s=patience_s)
        self._jobs[job.id] = job
        return job

    def stop(self, job: str) -> bool:
        """Stop one; False when there is none of this id (any more)."""
        if job not in self._jobs:
            return False
        self._jobs[job].stop()
        return True

    def end(self, job: Job) -> None:
        """Forget a job, ending it first if it still runs."""
        job.abandon()
        self._jobs.pop(job.id, None)

    def end_all(self) -> None:
        """End everything: the server closes."""
        for job in tuple(self._jobs.values()):
            self.end(job)

    def __len__(self) -> int:
        return len(self._jobs)
