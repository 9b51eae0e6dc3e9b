"""Work that outlives the page: begun once, told about at any time, stopped at its next step."""

import threading
import time
from collections.abc import Generator

import pytest

from engine.errors import Busy, WeightsMissing
from engine.events import Progress
from server.tasks import MOST_ENDED, Tasks
from tests.timing import until


def ended(tasks: Tasks, id: str) -> dict:  # noqa: A002
    """What is said of a task once it does not run any more."""
    until(lambda: newest(tasks, id)["state"] != "running")
    return newest(tasks, id)


def newest(tasks: Tasks, id: str) -> dict:  # noqa: A002
    return [told for told in tasks.status() if told["id"] == id][-1]


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
    assert tasks.status() == []


def test_one_thing_is_worked_on_once_and_stopping_closes_the_work() -> None:
    tasks, closed = Tasks(), threading.Event()
    tasks.start("a", "download", endless(closed))
    with pytest.raises(Busy, match=r"a is being worked on already \(download\)"):
        tasks.start("a", "verify", endless(threading.Event()))
    assert tasks.stop("a")
    assert closed.is_set()
    assert newest(tasks, "a")["state"] == "stopped"
    assert not tasks.stop("a")
    again = threading.Event()
    tasks.start("a", "download", endless(again))
    tasks.end_all()
    assert again.is_set()


def test_a_failure_is_one_readable_line() -> None:
    def failing() -> Generator[Progress, None, None]:
        yield Progress(done=0, total=None, label="looking")
        raise WeightsMissing("there is\nnothing in {place}", place="a b")

    tasks = Tasks()
    tasks.start("a", "download", failing())
    told = ended(tasks, "a")
    assert (told["state"], told["message"]) == ("failed", "there is nothing in a b")


def test_one_kind_of_work_does_not_hide_how_another_has_ended() -> None:
    def failing() -> Generator[Progress, None, None]:
        yield Progress(done=0, total=None, label="looking")
        raise WeightsMissing("there is nothing in {place}", place="a")

    def good() -> Generator[Progress, None, str]:
        yield Progress(done=0, total=None, label="looking")
        return "there"

    def states() -> list[tuple[str, str, str]]:
        return [(told["id"], told["kind"], told["state"]) for told in tasks.status()]

    tasks = Tasks()
    for id, kind, steps in (("a", "download", failing), ("a", "verify", good), ("b", "import", failing)):  # noqa: A001
        tasks.start(id, kind, steps())
        ended(tasks, id)
    assert states() == [("a", "download", "failed"), ("a", "verify", "done"), ("b", "import", "failed")]
    told = tasks.status()[0]
    assert (told["template"], told["values"]) == ("there is nothing in {place}", {"place": "a"})
    tasks.start("a", "download", good())
    ended(tasks, "a")
    assert states() == [("a", "verify", "done"), ("b", "import", "failed"), ("a", "download", "done")]
    tasks.forget("a", "verify")
    tasks.forget("b", "download")
    assert states() == [("b", "import", "failed"), ("a", "download", "done")]


def test_only_so_much_that_has_ended_is_remembered_and_all_that_goes_on() -> None:
    def good() -> Generator[Progress, None, str]:
        yield Progress(done=0, total=None, label="looking")
        return "there"

    tasks, closed = Tasks(), threading.Event()
    tasks.start("first", "download", endless(closed))
    for number in range(MOST_ENDED + 5):
        tasks.start(str(number), "verify", good())
        ended(tasks, str(number))
    known = [told["id"] for told in tasks.status()]
    assert known == ["first", *map(str, range(4, MOST_ENDED + 5))]
    tasks.end_all()
    assert closed.is_set()
