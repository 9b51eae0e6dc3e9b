"""Means, intervals and the binomial test, beside scipy's."""

import numpy as np
import pytest
from scipy import stats

from engine.listening import statistics
from engine.listening.statistics import RESAMPLES, binomial_p, mean

RATINGS = np.random.default_rng(7).integers(1, 6, 60).astype(float)


@pytest.mark.parametrize("trials", [0, 1, 2, 7, 20, 101, 5000])
def test_the_binomial_test_is_scipy_s(trials: int) -> None:
    for successes in sorted({0, trials, trials // 2, trials // 3, min(trials, trials // 2 + 1)}):
        expected = stats.binomtest(successes, trials).pvalue if trials else 1.0
        assert binomial_p(successes, trials) == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize("successes", [-1, 4])
def test_an_outcome_that_cannot_be_is_refused(successes: int) -> None:
    with pytest.raises(ValueError, match="no outcome"):
        binomial_p(successes, 3)


def test_the_interval_of_one_value_each_is_scipy_s_bootstrap() -> None:
    found = mean(RATINGS, range(len(RATINGS)))
    expected = stats.bootstrap(
        (RATINGS,), np.mean, n_resamples=100_000, method="percentile", rng=np.random.default_rng(1)
    )
    # 2000 resamples leave the ends of the interval to chance by about a twentieth of its width.
    width = expected.confidence_interval.high - expected.confidence_interval.low
    assert found.mean == pytest.approx(RATINGS.mean())
    assert found.low == pytest.approx(expected.confidence_interval.low, abs=0.05 * width)
    assert found.high == pytest.approx(expected.confidence_interval.high, abs=0.05 * width)
    assert (found.count, found.listeners) == (60, 60)


def test_listeners_are_drawn_whole_as_in_scipy_s_bootstrap_of_pairs() -> None:
    """Where each rates by a taste of their own, the interval is wider than that of as many independent values."""
    generator = np.random.default_rng(3)
    sizes = generator.integers(3, 12, 20)
    tastes = generator.normal(0, 1, 20)
    values = np.concatenate([taste + generator.normal(3, 0.3, size) for taste, size in zip(tastes, sizes, strict=True)])
    people = np.repeat(np.arange(20), sizes)
    sums = np.bincount(people, weights=values)
    expected = stats.bootstrap(
        (sums, sizes),
        lambda sums, sizes, axis=-1: sums.sum(axis=axis) / sizes.sum(axis=axis),
        paired=True,
        vectorized=True,
        n_resamples=100_000,
        method="percentile",
        rng=np.random.default_rng(1),
    ).confidence_interval
    found = mean(values, list(people))
    width = expected.high - expected.low
    assert found.low == pytest.approx(expected.low, abs=0.05 * width)
    assert found.high == pytest.approx(expected.high, abs=0.05 * width)
    alone = mean(values, range(len(values)))
    assert found.high - found.low > 1.5 * (alone.high - alone.low)


def test_an_interval_holds_the_truth_about_as_often_as_it_says() -> None:
    generator, held = np.random.default_rng(5), 0
    for seed in range(300):
        found = mean(generator.normal(0, 1, 40), range(40), seed)
        held += found.low <= 0 <= found.high
    # 95 % of 300 are 285; of 40 values the percentile interval is known to be a little narrow.
    assert 270 <= held < 298


def test_a_seed_gives_an_interval_again_in_any_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    found = mean(RATINGS, range(60), 4)
    assert found == mean(RATINGS, range(60), 4)
    assert found != mean(RATINGS, range(60), 5)
    monkeypatch.setattr(statistics, "_BLOCK", 60 * 7)
    assert mean(RATINGS, range(60), 4) == found
    assert RESAMPLES % 7


def test_one_listener_has_a_mean_and_no_interval() -> None:
    found = mean([3, 4], ["ann", "ann"])
    assert (found.mean, found.low, found.high, found.count, found.listeners) == (3.5, None, None, 2, 1)
