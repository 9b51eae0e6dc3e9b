"""Where somebody speaks."""

import numpy as np
import pytest

from engine.audio.activity import HOP_S, QUIETEST_DB, activity, frame_levels
from tests.engine.audio.prompts import RATE, voice, with_noise


def test_levels_are_of_full_scale() -> None:
    sine = np.sin(2 * np.pi * 440 * np.arange(RATE) / RATE)
    np.testing.assert_allclose(frame_levels(sine, RATE), -3.01, atol=0.1)
    np.testing.assert_allclose(frame_levels(0.1 * sine, RATE), -23.01, atol=0.1)
    assert len(frame_levels(sine, RATE)) == 99
    assert set(frame_levels(np.zeros(RATE), RATE)) == {QUIETEST_DB}
    assert len(frame_levels(np.zeros(0), RATE)) == len(frame_levels(np.zeros(3), RATE)) == 1


@pytest.mark.parametrize("noise_db", [None, 30.0, 20.0])
def test_speech_is_found_between_its_silent_edges(noise_db: float | None) -> None:
    sound = voice(4.0, edge_s=1.0)
    heard = activity(sound if noise_db is None else with_noise(sound, noise_db), RATE)
    first, last = heard.span()
    assert heard.has_speech
    assert first * HOP_S == pytest.approx(1.0, abs=0.06)
    assert last * HOP_S == pytest.approx(3.0, abs=0.4)
    assert heard.speech_db > heard.threshold_db > heard.noise_db


def test_a_steady_sound_is_no_speech() -> None:
    hiss = np.random.default_rng(0).standard_normal(RATE) * 0.1
    assert not activity(hiss, RATE).has_speech
    assert activity(np.zeros(RATE), RATE).span() == (0, 0)
