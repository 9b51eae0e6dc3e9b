"""Work in steps: generators that yield where they may be stopped, and whose return value is the result."""

from collections.abc import Generator
from typing import TypeVar

Result = TypeVar("Result")
Steps = Generator[None, None, Result]


def finish(work: Steps[Result]) -> Result:
    """What ``work`` returns, with no stop on the way."""
    while True:
        try:
            next(work)
        except StopIteration as end:
            return end.value
