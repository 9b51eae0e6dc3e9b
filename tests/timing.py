"""Bounds on time that hold on a machine with other work to do.

A pause of the scheduler is no fault of ours and does not come back each time; what takes too long by itself does.
"""

import time
from collections.abc import Callable, Iterable

import httpx

TRIES = 4
# How long to wait on a machine with other work to do; nothing waits so long where it does not have to.
PATIENCE_S = 60
# Four times the length; sixteen times the time would be its square. What takes less than the floor tells nothing.
SHORT, LONG = 1500, 6000
FACTOR, FLOOR_S = 8, 0.15


def be_patient() -> None:
    """Let every request that sets no limit of its own wait for ``PATIENCE_S``."""
    for phase in ("connect", "read", "write", "pool"):
        setattr(httpx._config.DEFAULT_TIMEOUT_CONFIG, phase, PATIENCE_S)


def within(limit_s: float, attempt: Callable[[], float]) -> None:
    """Fails when each of a few attempts takes longer than ``limit_s``; ``attempt`` returns the seconds that it took."""
    took: list[float] = []
    while not took or (took[-1] >= limit_s and len(took) < TRIES):
        took.append(attempt())
    assert took[-1] < limit_s, f"took {', '.join(f'{s:.2f}' for s in took)} s; at most {limit_s} are allowed"


def until(condition: Callable[[], bool], patience_s: float = 30.0) -> float:
    """Seconds until ``condition`` holds; fails after ``patience_s``."""
    began = time.monotonic()
    while not condition():
        assert time.monotonic() - began < patience_s, f"not within {patience_s} s"
        time.sleep(0.005)
    return time.monotonic() - began


def seconds(work: Callable[[str], object], text: str) -> float:
    """The processor's seconds, of all threads, that ``work`` takes."""
    began = time.process_time()
    work(text)
    return time.process_time() - began


def quadratic(
    work: Callable[[str], object], runs: Iterable[str], *, short: int = SHORT, long: int = LONG
) -> list[tuple[str, float, float]]:
    """Those of ``runs``, each repeated to two lengths, for which ``work`` takes longer than its length explains."""
    slow = []
    for run in runs:
        texts = [(run * length)[:length] for length in (short, long)]
        # Once more where it looks bad: a core may have been busy with something else.
        for _ in range(3):
            first, second = (seconds(work, text) for text in texts)
            if second <= FACTOR * first + FLOOR_S:
                break
        else:
            slow.append((run, first, second))
    return slow
