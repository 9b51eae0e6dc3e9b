"""The harmonic source and its noise against the published reference values."""

import numpy as np
import pytest
import torch

from engine.style_tts import source
from tests.engine.style_tts.closeness import KINDS, close


@pytest.mark.parametrize("kind", KINDS)
def test_the_source_is_the_published_one(model, golden, kind):
    values, generator = golden(f"decoder_{kind}"), model(f"modules_{kind}").decoder.generator
    pitch, silent = values["F0"], torch.zeros(1, 4800, 9)
    sines = source.harmonics(pitch, silent)
    close(sines[:, :1200], values["sine_zero"], 1e-6)
    close((sines.abs().sum(-1, keepdim=True) > 0).float().amax(), torch.tensor(1.0), 0)
    close(generator.source(pitch, silent), values["har_zero"], 1e-6)
    close(generator.source(pitch, values["source_noise"]), values["har_seed11"], 1e-6)
    assert torch.equal(source.draw_noise(16, torch.Generator().manual_seed(11)), values["source_noise"])


@pytest.mark.parametrize("kind", KINDS)
def test_the_source_is_voiced_where_there_is_pitch(golden, kind):
    values = golden(f"decoder_{kind}")
    ones = torch.ones(1, 4800, 9)
    level = source.harmonics(values["F0"], ones) - source.harmonics(values["F0"], torch.zeros(1, 4800, 9))
    voiced = (level[..., :1] < 0.01).float()
    assert torch.equal(voiced, values["uv"])


def test_the_source_noise_is_not_that_of_a_contiguous_tensor():
    drawn = source.draw_noise(1, torch.Generator().manual_seed(3))
    rng = torch.Generator().manual_seed(3)
    torch.rand(1, 9, generator=rng)
    assert not np.allclose(drawn, torch.randn(1, 300, 9, generator=rng))
