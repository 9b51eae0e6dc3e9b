"""Long work in steps: a generator yields where it may be stopped, and what it returns is the result."""

import contextlib
from collections.abc import Callable, Generator
from typing import TypeVar

from engine.events import Progress

Step = TypeVar("Step")
Shown = TypeVar("Shown")
Result = TypeVar("Result")
# For work whose steps say nothing; other generators name what they yield.
Steps = Generator[None, None, Result]


def finish(work: Generator[Step, None, Result], show: Callable[[Step], object] | None = None) -> Result:
    """What ``work`` returns at its end. Each step is given to ``show``; when that raises, the work is closed."""
    with contextlib.closing(work):
        while True:
            try:
                step = next(work)
            except StopIteration as end:
                result: Result = end.value
                return result
            if show is not None:
                show(step)


def mapped(work: Generator[Step, None, Result], each: Callable[[Step], Shown | None]) -> Generator[Shown, None, Result]:
    """``work`` with what ``each`` makes of each step, left out where that is None. Closing it closes the work."""
    with contextlib.closing(work):
        while True:
            try:
                step = next(work)
            except StopIteration as end:
                result: Result = end.value
                return result
            if (shown := each(step)) is not None:
                yield shown


def with_progress(work: Generator[Step, None, Result], progress: Progress) -> Generator[Progress, None, Result]:
    """The same work, which yields ``progress`` at each step."""
    return mapped(work, lambda _: progress)
