"""Monotonic alignment search: exact, always valid, and compiled even where nothing can be written."""

import itertools
from pathlib import Path

import numba
import numpy as np
import pytest
import torch

from engine.errors import TextError
from engine.systems.vits.training.alignment import _compile, log_likelihoods, monotonic_path

GOLDENS = Path(__file__).parents[4] / "goldens" / "vits"


@pytest.mark.parametrize("case", [0, 1, 2, 3, 4, 6])
def test_paths_equal_the_published_ones(case):
    with np.load(GOLDENS / "alignment.npz") as golden:
        arrays = (torch.from_numpy(golden[f"{name}{case}"]) for name in ("v", "ylen", "xlen"))
        path = monotonic_path(*arrays)
        np.testing.assert_array_equal(path.numpy(), golden[f"path{case}"])


def test_the_path_is_the_best_of_all():
    scores = torch.randn(7, 4, generator=torch.Generator().manual_seed(1))
    # Every monotonic path is a choice of the three frames at which the next token begins.
    totals = []
    for starts in itertools.combinations(range(1, 7), 3):
        token = torch.bucketize(torch.arange(7), torch.tensor(starts), right=True)
        totals.append(scores[torch.arange(7), token].sum())
    path = monotonic_path(scores[None], torch.tensor([7]), torch.tensor([4]))[0]
    torch.testing.assert_close((scores * path).sum(), torch.stack(totals).max())


def test_each_frame_has_one_token_and_each_token_a_frame():
    frames, tokens = torch.tensor([50, 31, 12]), torch.tensor([12, 12, 12])
    path = monotonic_path(torch.randn(3, 50, 12), frames, tokens)
    assert path.sum(2).tolist() == [[1.0] * n + [0.0] * (50 - n) for n in frames.tolist()]
    assert (path.sum(1) >= 1).all()


def test_more_tokens_than_frames_are_refused():
    with pytest.raises(TextError, match="item 1 has 5 tokens for 3 frames"):
        monotonic_path(torch.zeros(2, 6, 5), torch.tensor([6, 3]), torch.tensor([5, 5]))


def test_likelihoods_are_those_of_the_normal_distribution():
    z, mean, log_std = torch.randn(2, 3, 5), torch.randn(2, 3, 4), 0.3 * torch.randn(2, 3, 4)
    normal = torch.distributions.Normal(mean[:, :, None], log_std.exp()[:, :, None])
    expected = normal.log_prob(z[..., None]).sum(1)
    torch.testing.assert_close(log_likelihoods(z, mean, log_std), expected, atol=1e-5, rtol=1e-5)


def test_a_place_for_the_cache_is_not_needed():
    # Numba finds no place for the cache of a function without a file, as in an installation that cannot be written.
    names = {}
    exec("def double(values):\n    values *= 2", names)
    with pytest.raises(RuntimeError, match="no locator"):
        numba.njit(cache=True)(names["double"])
    values = np.ones(3)
    _compile(names["double"])(values)
    assert values.tolist() == [2, 2, 2]
