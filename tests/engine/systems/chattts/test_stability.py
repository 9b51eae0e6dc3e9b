"""The measure of a voice's drift tells voices apart and not levels."""

import pytest
import torch

from engine.systems.chattts.stability import drift, timbre


@pytest.fixture(scope="module")
def hum(networks):
    def make(pitch, level=1.0, seed=0):
        seconds = torch.arange(24_000) / 24_000
        noise = torch.randn(24_000, generator=torch.Generator().manual_seed(seed))
        tone = sum(torch.sin(2 * torch.pi * pitch * n * seconds) / n for n in range(1, 20))
        return timbre(level * (tone + 0.01 * noise), networks.dvae)

    return make


def test_one_piece_has_no_drift(hum):
    assert drift([hum(120)]) == 0


def test_another_level_is_no_drift_but_another_voice_is(hum):
    same = drift([hum(120), hum(120, level=0.5, seed=1)])
    other = drift([hum(120), hum(240)])
    assert same < 0.2 * other
