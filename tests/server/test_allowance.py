"""What a visitor may use in an hour and at once, and what happens beyond it."""

import time
from collections.abc import Generator

import numpy as np
import pytest

from engine.errors import TextError
from engine.events import AudioChunk, Event
from server.allowance import AT_ONE_ADDRESS, HOUR_S, MOST_KNOWN, Allowance, Limited, Limits, Meter
from server.rights import Visitor

ANN = Visitor(name="ann", address="192.0.2.1")


def sound(seconds: float) -> Generator[Event, None, None]:
    yield AudioChunk(samples=np.zeros(round(1000 * seconds), np.float32), sample_rate=1000, segment=0)


def use(allowance: Allowance, visitor: Visitor, seconds: float = 0.0) -> None:
    for _ in allowance.begin(visitor).watch(sound(seconds)):
        pass


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The time; the test moves it."""
    now = [1000.0]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    return now


def test_the_owner_and_a_studio_without_limits_are_not_counted() -> None:
    for allowance, visitor in (
        (Allowance(None), ANN),
        (Allowance(Limits(requests=1, at_once=1, text=1)), Visitor(name="owner", owner=True)),
    ):
        for _ in range(5):
            allowance.begin(visitor, "a long text")
        assert allowance.longest(visitor) == float("inf")


def test_a_text_may_be_so_long() -> None:
    allowance = Allowance(Limits(text=10))
    allowance.begin(ANN, "0123456789").end()
    with pytest.raises(TextError, match="11 characters; visitors may send 10"):
        allowance.begin(ANN, "0123456789x")
    assert allowance.longest(ANN) == 10


def test_so_many_at_once_and_each_makes_room_when_it_ends() -> None:
    allowance = Allowance(Limits(at_once=2))
    first, second = allowance.begin(ANN), allowance.begin(ANN)
    with pytest.raises(Limited, match="2 requests of yours") as refused:
        allowance.begin(ANN)
    assert (refused.value.status, refused.value.wait_s) == (429, 2.0)
    first.end()
    first.end()
    third = allowance.begin(ANN)
    with pytest.raises(Limited):
        allowance.begin(ANN)
    events = second.watch(sound(1))
    next(events)
    events.close()  # nobody listens any more
    with allowance.begin(ANN):
        pass
    third.end()


def test_an_hour_has_so_many_requests_and_so_much_sound(clock: list[float]) -> None:
    for limits, each in ((Limits(requests=3), 0.0), (Limits(seconds=30), 10.0)):
        clock[0] = 1000.0
        allowance = Allowance(limits)
        for _ in range(3):
            use(allowance, ANN, each)
        clock[0] += 600
        with pytest.raises(Limited, match="more in 50 min") as refused:
            use(allowance, ANN)
        assert refused.value.wait_s == HOUR_S - 600
        clock[0] += HOUR_S - 599
        use(allowance, ANN, each)


def test_who_throws_the_cookie_away_is_known_by_the_address() -> None:
    allowance = Allowance(Limits(requests=3))
    for number in range(3 * AT_ONE_ADDRESS):
        use(allowance, Visitor(name=str(number), address="192.0.2.1"))
    with pytest.raises(Limited):
        use(allowance, Visitor(name="new", address="192.0.2.1"))
    use(allowance, Visitor(name="new", address="192.0.2.2"))


def test_a_refused_request_is_not_counted() -> None:
    allowance = Allowance(Limits(requests=1))
    use(allowance, ANN)
    for _ in range(20):
        with pytest.raises(Limited):
            use(allowance, ANN)
    for number in range(AT_ONE_ADDRESS - 1):
        use(allowance, Visitor(name=f"neighbour {number}", address=ANN.address))


def test_what_is_remembered_has_an_end() -> None:
    allowance = Allowance(Limits())
    going = allowance.begin(ANN)
    for number in range(MOST_KNOWN + 10):
        allowance.begin(Visitor(name=str(number))).end()
    assert len(allowance._uses) <= MOST_KNOWN
    assert "visit ann" in allowance._uses  # it still runs
    going.end()


def test_who_has_a_key_has_its_limits_and_is_counted_by_it_alone() -> None:
    allowance = Allowance(Limits(text=10, requests=1))
    program = Visitor(name="key Home", address=ANN.address, limits=Limits(text=100, requests=3, at_once=9))
    for _ in range(3):
        allowance.begin(program, "x" * 100).end()
    assert allowance.longest(program) == 100
    with pytest.raises(Limited, match="3 requests an hour"):
        allowance.begin(program)
    with pytest.raises(TextError, match="may send 100"):
        allowance.begin(program, "x" * 101)
    # Neither is the address used up for those without a key, nor is a studio without limits without those of keys.
    allowance.begin(ANN).end()
    with pytest.raises(TextError, match="may send 100"):
        Allowance(None).begin(program, "x" * 101)


def test_what_is_used_is_told_to_the_meter_the_owners_too() -> None:
    told: list[tuple[str, float]] = []

    class Noted(Meter):
        def began(self, characters: int) -> None:
            told.append(("began", characters))

        def first_sound(self, seconds: float) -> None:
            told.append(("first", seconds >= 0))

        def sounded(self, seconds: float) -> None:
            told.append(("sounded", seconds))

        def ended(self) -> None:
            told.append(("ended", 0))

    going = Allowance(None, Noted()).begin(Visitor(name="owner", owner=True), "Hello.")
    for _ in going.watch(chunk for _ in range(2) for chunk in sound(0.5)):
        pass
    going.end()
    assert told == [("began", 6), ("sounded", 0.5), ("first", True), ("sounded", 0.5), ("ended", 0)]
