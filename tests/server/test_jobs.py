"""A job ends soon after it is stopped or abandoned, and passes on what the engine raises."""

import asyncio
import threading
import time
from collections.abc import Generator

import pytest

from engine.errors import TextError
from engine.events import Event, Progress
from server.jobs import Job, Jobs
from tests.timing import within


class Endless:
    """Events without end; ``closed`` is set when the generator has been closed."""

    def __init__(self, step_s: float = 0.01) -> None:
        self.made = 0
        self.step_s = step_s
        self.closed = threading.Event()

    def events(self) -> Generator[Event, None, None]:
        try:
            while True:
                time.sleep(self.step_s)
                self.made += 1
                yield Progress(done=self.made, total=None, label="")
        finally:
            self.closed.set()


def test_every_event_arrives_in_order() -> None:
    async def run() -> list[float]:
        events = (Progress(done=n, total=100, label="") for n in range(100))
        return [event.done async for event in Job(events)]

    assert asyncio.run(run()) == list(range(100))


def test_a_stopped_job_hands_over_what_it_has_and_ends() -> None:
    async def run() -> float:
        endless = Endless()
        job = Job(endless.events())
        seen = 0
        async for _ in job:
            seen += 1
            if seen == 5:
                began = time.monotonic()
                job.stop()
        took = time.monotonic() - began
        assert endless.closed.is_set()
        assert job.stopped
        return took

    within(0.5, lambda: asyncio.run(run()))


def test_an_abandoned_job_ends_though_its_queue_is_full() -> None:
    async def run() -> float:
        endless = Endless(step_s=0.0)
        job = Job(endless.events(), backlog=2)
        await asyncio.sleep(0.1)
        began = time.monotonic()
        job.abandon()
        assert await asyncio.to_thread(endless.closed.wait, 30)
        return time.monotonic() - began

    within(0.5, lambda: asyncio.run(run()))


def test_a_listener_who_does_not_read_holds_the_worker_back_and_then_counts_as_gone() -> None:
    async def run() -> None:
        endless = Endless(step_s=0.0)
        job = Job(endless.events(), backlog=3, patience_s=0.3)
        await asyncio.sleep(0.15)
        assert endless.made <= 5
        assert await asyncio.to_thread(endless.closed.wait, 30)
        assert job.stopped

    asyncio.run(run())


def test_what_the_engine_raises_reaches_the_listener() -> None:
    def events() -> Generator[Event, None, None]:
        yield Progress(done=0, total=1, label="")
        raise TextError("nothing to say")

    async def run() -> None:
        async for _ in Job(events()):
            pass

    with pytest.raises(TextError, match="nothing to say"):
        asyncio.run(run())


def test_jobs_are_stopped_by_id_and_forgotten_when_they_end() -> None:
    async def run() -> None:
        jobs = Jobs()
        endless = Endless()
        job = jobs.start(endless.events())
        assert jobs.stop(job.id)
        jobs.end(job)
        assert not jobs.stop(job.id)
        assert len(jobs) == 0
        jobs.start(endless.events())
        jobs.end_all()
        assert len(jobs) == 0
        assert await asyncio.to_thread(endless.closed.wait, 30)

    asyncio.run(run())
