"""Who asks while others are at work is served next, together; who is expected is waited for, and nobody for long."""

import time
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier, Event, Thread

import pytest

from engine.nn.decoding import company
from engine.nn.decoding.company import Company

LONG_S = 60.0


def squares(wishes):
    return [wish * wish for wish in wishes]


class Slow:
    """Work that begins, tells what it was asked for, and ends when it may."""

    def __init__(self):
        self.begun, self.may_end, self.asked = Event(), Event(), []

    def __call__(self, wishes):
        self.asked.append(sorted(wishes))
        self.begun.set()
        assert self.may_end.wait(LONG_S)
        return squares(wishes)


def waiting(together, count):
    """Until so many ask."""
    give_up = time.monotonic() + LONG_S
    while len(together._asked) < count:
        assert time.monotonic() < give_up
        time.sleep(0.001)


def test_who_comes_while_others_work_is_served_next_all_in_one():
    together, slow = Company(), Slow()
    members = [together.join() for _ in range(4)]
    with ThreadPoolExecutor(4) as pool:
        first = pool.submit(together.ask, members[0], 2, slow)
        assert slow.begun.wait(LONG_S)
        others = [
            pool.submit(together.ask, member, wish, slow) for member, wish in zip(members[1:], (3, 4, 5), strict=True)
        ]
        waiting(together, 3)
        slow.may_end.set()
        assert [each.result(LONG_S) for each in (first, *others)] == [4, 9, 16, 25]
    assert slow.asked == [[2], [3, 4, 5]]


def test_whoever_was_answered_is_expected_and_waited_for(monkeypatch):
    monkeypatch.setattr(company, "PATIENCE", 1e6)
    together, sizes = Company(), []
    members = [together.join() for _ in range(3)]

    def work(wishes):
        sizes.append(len(wishes))
        time.sleep(0.001)
        return squares(wishes)

    met = Barrier(3)

    def run(member):
        member.expected = True
        met.wait(LONG_S)
        found = [together.ask(member, wish, work) for wish in range(50)]
        together.leave(member)
        return found

    with ThreadPoolExecutor(3) as pool:
        assert list(pool.map(run, members)) == [[wish * wish for wish in range(50)]] * 3
    assert sizes == [3] * 50


def test_who_does_not_come_is_waited_for_once_and_welcome_again(monkeypatch):
    monkeypatch.setattr(company, "PATIENCE", 0.0)
    together = Company()
    here, away = together.join(), together.join()
    assert together.ask(away, 1, squares) == 1
    assert away.expected
    assert together.ask(here, 2, squares) == 4
    assert not away.expected
    assert together.ask(away, 3, squares) == 9
    assert away.expected


def test_who_has_left_is_not_waited_for(monkeypatch):
    monkeypatch.setattr(company, "PATIENCE", 1e9)
    together = Company()
    here, gone = together.join(), together.join()
    together.ask(gone, 1, squares)
    answered = []
    asking = Thread(target=lambda: answered.append(together.ask(here, 2, squares)), daemon=True)
    asking.start()
    waiting(together, 1)
    assert not answered, "it is expected"
    together.leave(gone)
    together.leave(gone)
    asking.join(LONG_S)
    assert answered == [4]


def test_what_goes_wrong_is_told_to_all_that_asked_and_to_nobody_else():
    together, slow = Company(), Slow()
    members = [together.join() for _ in range(3)]

    def fails(_):
        raise MemoryError

    with ThreadPoolExecutor(3) as pool:
        first = pool.submit(together.ask, members[0], 2, slow)
        assert slow.begun.wait(LONG_S)
        others = [pool.submit(together.ask, member, 3, fails) for member in members[1:]]
        waiting(together, 2)
        slow.may_end.set()
        assert first.result(LONG_S) == 4
        for each in others:
            with pytest.raises(MemoryError):
                each.result(LONG_S)
    assert together.ask(members[0], 5, squares) == 25
