"""Bounds on time that hold on a machine with other work to do.

A pause of the scheduler is no fault of ours and does not come back each time; what takes too long by itself does.
"""

import time
from collections.abc import Callable

import httpx

TRIES = 4
# How long to wait on a machine with other work to do; nothing waits so long where it does not have to.
PATIENCE_S = 60


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
