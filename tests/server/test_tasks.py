"""Work that outlives the page: begun once, told about at any time, stopped at its next step."""

import threading
import time
from collections.abc import Generator

import pytest

from engine.errors import Busy, WeightsMissing
from engine.events import Progress
from server.tasks import Tasks


def ended(tasks: Tasks, id: str) -> dict:  # noqa: A002
    """What is said of a task once it does not run any more."""
    give_up = time.monotonic() + 20
    while tasks.status()[id]["state"] == "running":
        assert time.monotonic() < give_up
        time.sleep(0.005)
    return tasks.status()[id]


def endless(closed: threading.Event) -> Generator[Progress, None, None]:
    try:
        for done in range(1_000_000):
            yield Progress(done=done, total=None, label="counting")
            time.sleep(0.002)
    finally:
        closed.set()


def test_a_task_tells_how_far_it_is_and_what_came_of_it() -> None:
    def steps() -> Generator[Progress, None, str]:
        yield Progress(done=1, total=4, label="fetching", rate=2.0)
        return "there"

    tasks = Tasks()
    tasks.start("a", "download", steps())
    told = ended(tasks, "a")
    assert (told["kind"], told["state"], told["result"]) == ("download", "done", "there")
    assert (told["label"]["message"], told["done"], told["total"], told["remaining_s"]) == ("fetching", 1, 4, 1.5)
    tasks.forget("a")
    assert tasks.status() == {}


def test_one_thing_is_worked_on_once_and_stopping_closes_the_work() -> None:
    tasks, closed = Tasks(), threading.Event()
    tasks.start("a", "download", endless(closed))
    with pytest.raises(Busy, match=r"a is being worked on already \(download\)"):
        tasks.start("a", "verify", endless(threading.Event()))
    assert tasks.stop("a")
    assert closed.is_set()
    assert tasks.status()["a"]["state"] == "stopped"
    assert not tasks.stop("a")
    again = threading.Event()
    tasks.start("a", "download", endless(again))
    tasks.end_all()
    assert again.is_set()


def test_a_failure_is_one_readable_line() -> None:
    def failing() -> Generator[Progress, None, None]:
        yield Progress(done=0, total=None, label="looking")
        raise WeightsMissing("there is\nnothing")

    tasks = Tasks()
    tasks.start("a", "download", failing())
    told = ended(tasks, "a")
    assert (told["state"], told["message"]) == ("failed", "there is nothing")
