"""Two sounds at equal loudness."""

import numpy as np
import pytest

from engine.audio.loudness import MOST_DB, gain_to, lkfs

RATE = 24_000
NOISE = (0.1 * np.random.default_rng(0).standard_normal(2 * RATE)).astype(np.float32)


@pytest.mark.parametrize("seconds", [2.0, 0.1])
def test_a_quieter_copy_is_brought_to_its_twin(seconds):
    sound = NOISE[: round(seconds * RATE)]
    assert gain_to(sound, 0.5 * sound, RATE) == pytest.approx(2.0, rel=1e-3)
    assert gain_to(0.5 * sound, sound, RATE) == pytest.approx(0.5, rel=1e-3)


def test_loudness_is_the_ear_s():
    """Of equal power, 3 kHz is louder than 40 Hz."""
    time = np.arange(2 * RATE) / RATE
    low, high = (0.1 * np.sin(2 * np.pi * pitch * time).astype(np.float32) for pitch in (40, 3000))
    assert gain_to(low, high, RATE) < 0.6


def test_silence_and_what_is_far_off_stay_in_bounds():
    assert gain_to(NOISE, 0 * NOISE, RATE) == gain_to(0 * NOISE, NOISE, RATE) == 1.0
    assert gain_to(NOISE, 0.01 * NOISE, RATE) == pytest.approx(10 ** (MOST_DB / 20))


def test_high_peaks_are_not_clipped_while_they_are_measured():
    clicks = 0.05 * NOISE
    clicks[:: RATE // 10] = 0.99
    assert lkfs(clicks, RATE) - lkfs(0.2 * clicks, RATE) == pytest.approx(20 * np.log10(5), abs=0.01)
