"""Work in steps: generators that yield where they may be stopped, and whose return value is the result."""

from collections.abc import Generator
from typing import Any, TypeVar

from engine.events import Progress

Result = TypeVar("Result")
Steps = Generator[None, None, Result]


def finish(steps: Generator[Any, None, Result]) -> Result:
    """Run ``steps`` to their end, drop what they yield, and return their result."""
    while True:
        try:
            next(steps)
        except StopIteration as end:
            return end.value


def with_progress(steps: Steps[Result], progress: Progress) -> Generator[Progress, None, Result]:
    """The same work, which yields ``progress`` at each step."""
    while True:
        try:
            next(steps)
        except StopIteration as end:
            return end.value
        yield progress
