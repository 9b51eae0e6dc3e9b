"""The sounds of a test: equally loud, and the copies that are made of them."""

import numpy as np
import pytest
from scipy import signal

from engine.audio.loudness import lkfs
from engine.errors import AudioError
from engine.listening.design import Sound, design
from engine.listening.sounds import LONGEST_S, LOUDNESS, PEAK, Samples, anchor, equally_loud, sounds_of, spoilt

RATE = 24_000
NOISE = (0.05 * np.random.default_rng(0).standard_normal(2 * RATE)).astype(np.float32)


def at(gain: float, rate: int = RATE) -> Samples:
    return Samples(samples=np.float32(gain) * NOISE, sample_rate=rate)


def power(sound: Samples) -> tuple[np.ndarray, np.ndarray]:
    return signal.welch(sound.samples, sound.sample_rate, nperseg=2048)


def test_all_are_equally_loud_at_any_rate() -> None:
    made = equally_loud([at(1), at(0.01), at(3, 44_100)])
    assert [lkfs(each.samples, each.sample_rate) for each in made] == pytest.approx([LOUDNESS] * 3, abs=0.01)


def test_for_one_of_high_peaks_all_are_softer_and_none_is_clipped() -> None:
    click = NOISE * 0.05
    click[:: RATE // 10] = 0.9
    made = equally_loud([at(1), Samples(samples=click, sample_rate=RATE)])
    loudness = [lkfs(each.samples, RATE) for each in made]
    assert loudness[0] == pytest.approx(loudness[1], abs=0.01)
    assert loudness[0] < LOUDNESS - 3
    assert max(np.abs(each.samples).max() for each in made) == pytest.approx(PEAK, rel=1e-4)


def test_the_anchor_is_the_sound_below_3500_hz() -> None:
    hz, before = power(at(1))
    _, after = power(anchor(at(1)))
    assert after[hz < 3400] == pytest.approx(before[hz < 3400], rel=0.02)
    assert (after[hz > 4200] < 1e-4 * before[hz > 4200]).all()


def test_a_spoilt_copy_is_half_noise_and_the_same_again() -> None:
    sound = at(1)
    made = spoilt(sound, seed=3)
    np.testing.assert_array_equal(made.samples, spoilt(sound, seed=3).samples)
    hz, after = power(made)
    _, before = power(sound)
    # What is above 1.2 kHz is noise alone, and the sound has another half below.
    assert np.corrcoef(made.samples, sound.samples)[0, 1] < 0.4
    assert 1.5 < after[hz < 900].mean() / after[hz > 1300].mean() < 30
    assert after[hz > 1300].mean() < before[hz > 1300].mean()


def test_a_design_has_a_sound_for_each_of_its_numbers() -> None:
    takes = [Sound(system=name, voice="", sentence="Hello.") for name in ("one", "other")]
    made = design("mushra", takes, anchors=True, checks=1)
    heard = sounds_of(made, [at(1), at(0.2)])
    assert len(heard) == len(made.sounds) == 4
    assert [lkfs(each.samples, RATE) for each in heard] == pytest.approx([LOUDNESS] * 4, abs=0.01)
    hz, low = power(heard[2])
    assert low[hz > 4200].max() < 1e-4 * low[hz < 3000].mean()


def test_what_is_silent_or_long_is_refused() -> None:
    made = design("mos", [Sound(system=name, voice="", sentence="Hello.") for name in ("one", "other")])
    with pytest.raises(AudioError, match="sound 2 is silent"):
        sounds_of(made, [at(1), at(0)])
    long = Samples(samples=np.tile(NOISE, 16), sample_rate=RATE)
    with pytest.raises(AudioError, match=f"sound 1 is longer than {LONGEST_S:.0f} s"):
        sounds_of(made, [long, at(1)])
