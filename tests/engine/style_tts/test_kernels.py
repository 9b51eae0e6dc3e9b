"""The compiled snake is the plain one, as exact as torch's."""

import numpy as np
import pytest
import torch

from engine.style_tts.kernels import snake


@pytest.mark.parametrize("size", [1, 10, 100, 10_000])
def test_the_snake_is_as_exact_as_the_sines_of_torch(size):
    rng = np.random.default_rng(size)
    x = rng.uniform(-size, size, (500, 24)).astype(np.float32)
    scale, shift = (rng.uniform(0.5, 1, 24).astype(np.float32) for _ in range(2))
    out = np.empty_like(x)
    snake(x, scale, shift, out)
    u = torch.addcmul(*map(torch.from_numpy, (shift, x, scale)))
    exact = u.double() + torch.sin(u.double()) ** 2
    ours, theirs = (np.abs(each - exact.numpy()).max() for each in (out, (u + torch.sin(u) ** 2).numpy()))
    # A product and a sum in one are rounded once less than two, which shows where u is large.
    assert ours < 3 * max(theirs, 2e-7, 6e-8 * size)


def test_a_nan_stays_one():
    out = np.empty((1, 2), np.float32)
    snake(np.array([[np.nan, 0]], np.float32), np.ones(2, np.float32), np.zeros(2, np.float32), out)
    assert np.isnan(out[0, 0])
    assert out[0, 1] == 0
