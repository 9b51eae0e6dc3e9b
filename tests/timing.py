"""Bounds on time that hold on a machine with other work to do.

A pause of the scheduler is no fault of ours and does not come back each time; what takes too long by itself does.
"""

import time
from collections.abc import Callable, Iterable

import httpx

TRIES = 8
# How long to wait on a machine with other work to do; nothing waits so long where it does not have to.
PATIENCE_S = 60
# Of the processor's time, to see how busy it is with others.
PROBE_S = 0.05
# Four times the length; sixteen times the time would be its square. What takes less than the floor tells nothing.
SHORT, LONG = 1500, 6000
FACTOR, FLOOR_S = 8, 0.15


def be_patient() -> None:
    """Let every request that sets no limit of its own wait for ``PATIENCE_S``."""
    for phase in ("connect", "read", "write", "pool"):
        setattr(httpx._config.DEFAULT_TIMEOUT_CONFIG, phase, PATIENCE_S)


def busyness() -> float:
    """How many times as long as by itself something takes here at the moment; 1 while there is a core for it."""
    began, worked = time.monotonic(), time.thread_time()
    while (own := time.thread_time() - worked) < PROBE_S:
        pass
    return max(1.0, (time.monotonic() - began) / own)


def within(limit_s: float, attempt: Callable[[], float]) -> None:
    """Fails when each of a few attempts takes longer than ``limit_s``; ``attempt`` returns the seconds that it took.

    Where others keep the cores busy, the limit is as many times as long as everything then takes.
    """
    took: list[tuple[float, float]] = []
    while not took or (took[-1][0] >= took[-1][1] and len(took) < TRIES):
        before = busyness()
        seconds = attempt()
        took.append((seconds, limit_s * max(before, busyness())))
    said = ", ".join(f"{seconds:.2f} of {limit:.2f}" for seconds, limit in took)
    assert took[-1][0] < took[-1][1], f"took longer than is allowed each time: {said} s"


def until(condition: Callable[[], bool], patience_s: float = PATIENCE_S) -> float:
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


def in_proportion(
    cost: Callable[[int], float], *, short: int, long: int, factor: float = 9, floor_s: float = 0.01
) -> bool:
    """Whether ``cost``, the seconds of a length, grows ``factor`` times at most from ``short`` to ``long``.

    That goes for one of a few attempts; what takes less than ``floor_s`` tells nothing.
    """
    return any(cost(long) <= factor * cost(short) + floor_s for _ in range(TRIES))


def quadratic(
    work: Callable[[str], object], runs: Iterable[str], *, short: int = SHORT, long: int = LONG
) -> list[tuple[str, float, float]]:
    """Those of ``runs``, each repeated to two lengths, for which ``work`` takes longer than its length explains."""
    slow = []
    for run in runs:
        texts = [(run * length)[:length] for length in (short, long)]
        # Once more where it looks bad: a core may have been busy with something else.
        for _ in range(TRIES):
            first, second = (seconds(work, text) for text in texts)
            if second <= FACTOR * first + FLOOR_S:
                break
        else:
            slow.append((run, first, second))
    return slow
