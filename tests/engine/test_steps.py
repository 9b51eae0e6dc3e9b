"""Work in steps is driven to its end in one place: shown, told in other words, closed when something goes wrong."""

import threading
from collections.abc import Generator

import pytest

from engine import steps
from engine.events import Progress
from engine.steps import Pace, finish, in_background, mapped, with_progress
from tests.timing import until


def count(to: int, log: list[str]) -> Generator[int, None, str]:
    """1, 2, ... ``to``, and at the end a word; ``log`` hears of the end, however that comes about."""
    try:
        yield from range(1, to + 1)
        return "counted"
    finally:
        log.append("over")


def test_finish_returns_what_the_work_returns_and_shows_its_steps_in_order() -> None:
    shown: list[int] = []
    assert finish(count(3, [])) == "counted"
    assert finish(count(0, []), shown.append) == "counted"
    assert finish(count(3, []), shown.append) == "counted"
    assert shown == [1, 2, 3]


def test_what_the_work_raises_comes_through() -> None:
    def fails() -> Generator[int, None, None]:
        yield 1
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        finish(fails())
    with pytest.raises(ValueError, match="no"):
        list(mapped(fails(), str))


def test_work_is_closed_when_showing_it_fails() -> None:
    log: list[str] = []

    def show(number: int) -> None:
        if number == 2:
            raise KeyboardInterrupt

    work = count(3, log)
    with pytest.raises(KeyboardInterrupt):
        finish(work, show)
    assert log == ["over"]


def test_told_yields_other_words_leaves_out_none_and_keeps_the_result() -> None:
    seen: list[str] = []
    assert finish(mapped(count(4, []), lambda n: f"{n} of 4" if n % 2 == 0 else None), seen.append) == "counted"
    assert seen == ["2 of 4", "4 of 4"]


def test_closing_what_is_told_closes_the_work() -> None:
    log: list[str] = []
    telling = mapped(count(3, log), str)
    assert next(telling) == "1"
    telling.close()
    assert log == ["over"]


def test_steps_that_say_nothing_are_told_as_how_far_the_work_is() -> None:
    at, seen = Progress(done=2, total=3, label="speaking"), []
    assert finish(with_progress(count(2, []), at), seen.append) == "counted"
    assert seen == [at, at]


def test_a_step_is_due_when_enough_work_is_done() -> None:
    pace = Pace()
    assert [pace.due(steps.STEP_WORK * share) for share in (0.4, 0.4, 0.4, 0.9, 0.1, 2)] == [0, 0, 1, 0, 1, 1]


def test_work_in_the_background_leaves_its_step_to_whoever_waits() -> None:
    shown: list[None] = []
    # It ends only when it has been looked at twice.
    assert finish(in_background(lambda: until(lambda: len(shown) >= 2) and "made"), shown.append) == "made"
    for wrong in (ValueError("no"), TimeoutError("late"), KeyboardInterrupt()):

        def fails(wrong: BaseException = wrong) -> None:
            raise wrong

        with pytest.raises(type(wrong)):
            finish(in_background(fails))


def test_closing_what_is_in_the_background_does_not_wait_for_it() -> None:
    go_on, over = threading.Event(), threading.Event()
    work = in_background(lambda: go_on.wait(30) and over.set())
    next(work)
    work.close()
    assert not over.is_set()
    go_on.set()
    assert over.wait(30)
