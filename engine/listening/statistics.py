"""What answers say beyond those who gave them: means with bootstrap intervals, and the exact binomial test."""

import math
from collections.abc import Hashable, Sequence
from dataclasses import dataclass

import numpy as np

RESAMPLES = 2000
LEVEL = 0.95
# Resamples are drawn so many numbers at a time, so that memory does not grow with the listeners.
_BLOCK = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Mean:
    """The ``mean`` of ``count`` values by ``listeners``; ``low`` and ``high`` bound its interval of `LEVEL`.

    They are None where fewer than two listeners leave nothing to resample.
    """

    mean: float
    low: float | None
    high: float | None
    count: int
    listeners: int


def mean(values: Sequence[float], listeners: Sequence[Hashable], seed: int = 0) -> Mean:
    """The mean of at least one value, with a percentile bootstrap interval; ``listeners`` says whose each is.

    Whole listeners are drawn with replacement, not single values: those of one person are not independent. Where
    everybody gave one value this is the ordinary bootstrap (Efron and Tibshirani, An Introduction to the Bootstrap,
    1993, chapters 8 and 13). The same seed gives the same interval.
    """
    people = {who: place for place, who in enumerate(dict.fromkeys(listeners))}
    places = np.array([people[who] for who in listeners])
    counts = np.bincount(places).astype(float)
    sums = np.bincount(places, weights=np.asarray(values, float))
    low, high = _interval(sums, counts, seed) if len(people) > 1 else (None, None)
    return Mean(mean=float(sums.sum() / counts.sum()), low=low, high=high, count=len(places), listeners=len(people))


def _interval(sums: np.ndarray, counts: np.ndarray, seed: int) -> tuple[float, float]:
    """Of the ratio of two totals over people (n,), who are drawn anew."""
    generator, people = np.random.default_rng(seed), len(sums)
    drawn = np.empty(RESAMPLES)
    step = max(1, _BLOCK // people)
    for start in range(0, RESAMPLES, step):
        rows = min(step, RESAMPLES - start)
        who = generator.integers(people, size=(rows, people))
        drawn[start : start + rows] = sums[who].sum(axis=1) / counts[who].sum(axis=1)
    low, high = np.quantile(drawn, ((1 - LEVEL) / 2, (1 + LEVEL) / 2))
    return float(low), float(high)


def binomial_p(successes: int, trials: int) -> float:
    """How likely a fair coin is to land at least as far from even: the exact two-sided test, 1 for no trials.

    At even odds both tails are equal, so it is twice the one that was found.
    """
    if not 0 <= successes <= trials:
        raise ValueError(f"{successes} of {trials} is no outcome")
    tail = min(successes, trials - successes)
    if 2 * tail == trials:
        return 1.0
    outcomes = np.arange(tail + 1)
    factorial = np.vectorize(math.lgamma, otypes=[float])
    logs = math.lgamma(trials + 1) - factorial(outcomes + 1) - factorial(trials - outcomes + 1) - trials * math.log(2)
    return float(min(1.0, 2 * np.exp(logs).sum()))
