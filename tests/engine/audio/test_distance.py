"""Distances of sounds, where they are known."""

import numpy as np
import pytest

from engine.audio.distance import log_spectral, signal_to_noise

SOUND = np.random.default_rng(0).standard_normal(24_000).astype(np.float32)


def test_a_tenth_of_noise_is_twenty_decibels():
    noise = np.random.default_rng(1).permutation(SOUND) * np.float32(0.1)
    assert signal_to_noise(SOUND, SOUND + noise) == pytest.approx(20, abs=1e-3)
    assert signal_to_noise(SOUND, SOUND) == 200


def test_half_as_loud_is_six_decibels_at_every_frequency():
    assert log_spectral(SOUND, SOUND / 2) == pytest.approx(20 * np.log10(2), abs=1e-4)
    assert log_spectral(SOUND, SOUND) == 0
    assert log_spectral(SOUND[:100], SOUND[:100] / 2) == pytest.approx(20 * np.log10(2), abs=1e-4)
