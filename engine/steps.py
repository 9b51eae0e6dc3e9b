"""Long work in steps: a generator yields where it may be stopped, and what it returns is the result."""

import contextlib
import threading
from collections.abc import Callable, Generator
from concurrent.futures import Future
from typing import TypeVar

from engine.events import Progress

Step = TypeVar("Step")
Shown = TypeVar("Shown")
Result = TypeVar("Result")
# For work whose steps say nothing; other generators name what they yield.
Steps = Generator[None, None, Result]

# Multiplications after which work on a CPU can be stopped: about 0.1 s of one core.
STEP_WORK = 4e9
# Seconds between two looks at work that no step divides.
LOOK_S = 0.1


class Pace:
    """Counts the multiplications of a loop, and says when so many are done that it is time for a step."""

    def __init__(self) -> None:
        self._done = 0.0

    def due(self, work: float) -> bool:
        """Whether with ``work`` more there are STEP_WORK since it was last so."""
        self._done += work
        if self._done < STEP_WORK:
            return False
        self._done = 0.0
        return True


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


def in_background(work: Callable[[], Result]) -> Steps[Result]:
    """``work``, which no step divides, on a thread: a step each LOOK_S, and what it returns or raises.

    Closing it does not end the work, which goes on to its end for nobody: it must be of use then, too, or short.
    """
    outcome: Future[Result] = Future()

    def run() -> None:
        try:
            outcome.set_result(work())
        except BaseException as error:  # noqa: BLE001 - raised where the result is awaited
            outcome.set_exception(error)

    # A process that ends does not wait for it.
    threading.Thread(target=run, name="background work", daemon=True).start()
    while True:
        try:
            return outcome.result(LOOK_S)
        except TimeoutError:
            if outcome.done():
                raise
            yield
