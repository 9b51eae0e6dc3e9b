"""Runs that make their steps together, when they want one at the same time: continuous batching, on threads.

Whoever wants a step and finds none being made makes it for all who want one, and the others wait for theirs. A run
comes and goes between any two steps. What the work is, this module does not know.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from threading import Condition
from typing import Generic, TypeVar

Wish = TypeVar("Wish")
Made = TypeVar("Made")

# For how long a member is waited for that is expected, as a share of the last work: two that are made apart take nearly
# twice as long as together.
PATIENCE = 0.5
# What work takes in seconds as long as none has been done.
FIRST_S = 0.01


@dataclass(slots=True, eq=False)
class _Asked(Generic[Wish, Made]):
    """What a member wants, and what became of it."""

    wish: Wish
    made: Made | None = None
    error: BaseException | None = None
    done: bool = False


@dataclass(slots=True, eq=False)
class Member:
    """One who may ask. Who has just been answered is expected back, until they have been waited for in vain."""

    expected: bool = False


class Company(Generic[Wish, Made]):
    """The members, and what they ask for now. May be used from any thread."""

    def __init__(self) -> None:
        self._condition = Condition()
        self._members: list[Member] = []
        self._asked: dict[int, _Asked[Wish, Made]] = {}
        self._at_work = False
        self._took_s = FIRST_S

    def join(self) -> Member:
        """A new member."""
        member = Member()
        with self._condition:
            self._members.append(member)
        return member

    def leave(self, member: Member) -> None:
        """The member asks for nothing any more; may be called more than once."""
        with self._condition:
            if member in self._members:
                self._members.remove(member)
            self._asked.pop(id(member), None)
            self._condition.notify_all()

    def ask(self, member: Member, wish: Wish, work: Callable[[Sequence[Wish]], Sequence[Made]]) -> Made:
        """What is made of ``wish``, in one piece of ``work`` with what others wish for. Raises what the work raises.

        It is the work of one of those that asked, which are of one kind.
        """
        own = _Asked[Wish, Made](wish)
        with self._condition:
            self._asked[id(member)] = own
            self._condition.notify_all()
            while not own.done and self._at_work:
                self._condition.wait()
            together = [] if own.done else self._gathered()
        if together:
            self._work(together, work)
        with self._condition:
            member.expected = True
        if own.error is not None:
            raise own.error
        return own.made  # type: ignore[return-value]  # it is done

    def _gathered(self) -> list[_Asked[Wish, Made]]:
        """Under the lock: all that is asked for, when those that are expected have come or have been waited for."""
        self._at_work = True
        give_up = time.monotonic() + PATIENCE * self._took_s
        while late := [each for each in self._members if each.expected and id(each) not in self._asked]:
            left = give_up - time.monotonic()
            if left <= 0:
                for each in late:
                    each.expected = False
                break
            self._condition.wait(left)
        together = list(self._asked.values())
        self._asked.clear()
        return together

    def _work(self, together: list[_Asked[Wish, Made]], work: Callable[[Sequence[Wish]], Sequence[Made]]) -> None:
        began = time.monotonic()
        try:
            for asked, made in zip(together, work([asked.wish for asked in together]), strict=True):
                asked.made = made
        except BaseException as error:  # noqa: BLE001 - raised by all that asked
            for asked in together:
                asked.error = error
        with self._condition:
            self._took_s = time.monotonic() - began
            for asked in together:
                asked.done = True
            self._at_work = False
            self._condition.notify_all()
