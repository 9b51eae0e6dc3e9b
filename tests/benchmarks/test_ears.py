"""The judges of speech: words are compared as they are said, and noise is not natural."""

import numpy as np
import pytest

from benchmarks.ears import RATE, Ears, compared


def test_numbers_and_abbreviations_count_as_they_are_said():
    assert compared(["Twenty five people saw Doctor Lee."], ["25 people saw Dr. Lee."]).wer == 0
    wrong = compared(["One two three.", "Four five."], ["One three.", "Four four five."])
    assert (wrong.deletions, wrong.insertions, wrong.substitutions) == (1, 1, 0)
    assert wrong.wer == pytest.approx(2 / 5)


def test_noise_is_not_natural():
    ears, noise = Ears(threads=1), np.random.default_rng(1).standard_normal(3 * RATE).astype(np.float32)
    assert 0 < ears.naturalness(0.1 * noise, RATE) < 2.5
