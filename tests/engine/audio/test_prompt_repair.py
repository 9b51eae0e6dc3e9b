"""Each repair takes away what was found, and leaves the voice."""

import numpy as np
import pytest

from engine.audio.activity import activity
from engine.audio.prompt_check import CUT, DENOISE, GOOD, LEVEL, MONO, REPAIRS, TRIM, check
from engine.audio.prompt_repair import repair
from engine.errors import AudioError
from tests.engine.audio.prompts import RATE, voice, with_noise

CLEAN = voice()


def repaired(samples: np.ndarray) -> np.ndarray:
    """With all repairs that the check names."""
    return repair(samples, RATE, {each.repair for each in check(samples, RATE)} - {""})


def faults(samples: np.ndarray) -> set[str]:
    return {each.name for each in check(samples, RATE) if each.grade != GOOD}


@pytest.mark.parametrize(
    "samples",
    [
        np.stack([CLEAN, 0.5 * CLEAN]),
        np.stack([CLEAN, -0.95 * CLEAN]),
        np.pad(CLEAN, (RATE, 2 * RATE)),
        CLEAN * 0.02,
        CLEAN * 3.5,
        voice(18.0),
        np.pad(0.02 * np.stack([CLEAN, 0.9 * CLEAN]), ((0, 0), (RATE, RATE))),
        with_noise(CLEAN, 28),
    ],
    ids=["stereo", "cancelling", "silence", "quiet", "loud", "long", "all at once", "noise"],
)
def test_what_was_found_is_gone(samples: np.ndarray) -> None:
    assert faults(samples)
    assert not faults(repaired(samples))


def test_nothing_is_done_that_nobody_asked_for() -> None:
    np.testing.assert_array_equal(repair(CLEAN, RATE, ()), CLEAN)
    np.testing.assert_allclose(repair(np.stack([CLEAN, 0 * CLEAN]), RATE, ()), CLEAN / 2)
    assert repair(CLEAN.astype(np.float64), RATE, REPAIRS).dtype == np.float32


def test_silence_is_cut_and_the_voice_is_not() -> None:
    padded = np.pad(CLEAN, (RATE, 2 * RATE))
    trimmed = repair(padded, RATE, [TRIM])
    assert len(trimmed) / RATE == pytest.approx(len(CLEAN) / RATE, abs=0.4)
    assert np.square(trimmed).sum() == pytest.approx(np.square(CLEAN).sum(), rel=1e-4)


def test_a_long_recording_is_cut_in_a_pause() -> None:
    cut = repair(voice(20.0), RATE, [CUT])
    assert 3 < len(cut) / RATE <= 10
    assert np.abs(cut[-RATE // 50 :]).max() < 0.01
    np.testing.assert_array_equal(repair(CLEAN, RATE, [CUT]), CLEAN)


def test_speech_is_levelled_and_its_peak_is_kept_below_full_scale() -> None:
    assert activity(repair(CLEAN * 0.01, RATE, [LEVEL]), RATE).speech_db == pytest.approx(-23, abs=0.2)
    spiky = CLEAN * 0.01
    spiky[RATE] = 0.5
    assert np.abs(repair(spiky, RATE, [LEVEL])).max() <= 0.9
    assert abs(repair(CLEAN + 0.2, RATE, [LEVEL]).mean()) < 1e-3
    assert not repair(np.zeros(RATE), RATE, REPAIRS).any()
    assert len(repair(np.zeros(0), RATE, REPAIRS)) == 0


@pytest.mark.parametrize("below_db", [30.0, 20.0, 12.0])
def test_noise_gets_quieter_and_the_voice_stays(below_db: float) -> None:
    noisy = with_noise(CLEAN, below_db)
    denoised = repair(noisy, RATE, [DENOISE])
    assert len(denoised) == len(noisy)
    before, after = activity(noisy, RATE), activity(denoised, RATE)
    assert after.noise_db < before.noise_db - 8
    assert after.speech_db == pytest.approx(before.speech_db, abs=1.0)
    # It is nearer to what was said than before.
    assert np.square(denoised - CLEAN).sum() < 0.8 * np.square(noisy - CLEAN).sum()


def test_cancelling_channels_give_the_louder_one() -> None:
    np.testing.assert_array_equal(repair(np.stack([-0.9 * CLEAN, CLEAN]), RATE, [MONO]), CLEAN)


def test_a_repair_that_does_not_exist() -> None:
    with pytest.raises(AudioError, match="there is no repair polish"):
        repair(CLEAN, RATE, ["polish"])
