"""What is said of recordings with known faults."""

import time

import numpy as np
import pytest

from engine.audio.activity import activity
from engine.audio.prompt_check import (
    CUT,
    DENOISE,
    FAIR,
    GOOD,
    LEVEL,
    MONO,
    POOR,
    TRIM,
    check,
    clipped_share,
    pitches,
    reverberation_s,
)
from tests.engine.audio.prompts import RATE, in_a_room, voice, with_noise

CLEAN = voice()


def faults(samples: np.ndarray) -> dict[str, tuple[str, str]]:
    """Grade and repair of what is not good."""
    return {each.name: (each.grade, each.repair) for each in check(samples, RATE) if each.grade != GOOD}


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("pitch", [100.0, 130.0, 220.0])
def test_a_good_recording_has_no_fault(seed: int, pitch: float) -> None:
    findings = check(voice(seed=seed, pitch=pitch), RATE)
    assert {each.name for each in findings} == {
        "channels", "length", "clipping", "level", "noise", "room", "silence", "speakers",
    }  # fmt: skip
    assert {each.grade for each in findings} == {GOOD}
    assert {each.repair for each in findings} == {""}
    assert all(each.message.endswith(".") for each in findings)


@pytest.mark.parametrize(
    ("seconds", "fault"),
    [(0.6, (POOR, "")), (2.0, (FAIR, "")), (4.0, None), (12.0, (FAIR, CUT)), (20.0, (POOR, CUT))],
)
def test_length(seconds: float, fault: tuple[str, str] | None) -> None:
    assert faults(voice(seconds)).get("length") == fault


def test_channels() -> None:
    assert "channels" not in faults(CLEAN[None])
    assert "channels" not in faults(np.stack([CLEAN, CLEAN]))
    assert faults(np.stack([CLEAN, 0.5 * CLEAN])) == {"channels": (FAIR, MONO)}
    # Of two that cancel each other out the louder one is looked at.
    assert faults(np.stack([CLEAN, -0.95 * CLEAN])) == {"channels": (POOR, MONO)}


@pytest.mark.parametrize(("gain", "fault"), [(0.03, (FAIR, LEVEL)), (1.0, None), (3.5, (FAIR, LEVEL))])
def test_level(gain: float, fault: tuple[str, str] | None) -> None:
    assert faults(CLEAN * gain).get("level") == fault


def test_clipping() -> None:
    assert clipped_share(CLEAN) == 0.0
    assert clipped_share(np.zeros(0, np.float32)) == 0.0
    # It stays clipped when it is made quieter afterwards.
    clipped = 0.3 * np.clip(CLEAN * 4, -0.6, 0.6)
    assert clipped_share(clipped) > 0.01
    assert faults(clipped)["clipping"] == (POOR, "")
    slightly = CLEAN.copy()
    slightly[RATE : RATE + 20] = CLEAN.max()
    assert faults(slightly)["clipping"] == (FAIR, "")


@pytest.mark.parametrize(("below_db", "fault"), [(45, None), (24, (FAIR, DENOISE)), (12, (POOR, DENOISE))])
def test_noise(below_db: float, fault: tuple[str, str] | None) -> None:
    assert faults(with_noise(CLEAN, below_db)).get("noise") == fault


def test_an_echo_is_told_from_noise_and_longer_ones_are_worse() -> None:
    seconds = [reverberation_s(activity(in_a_room(CLEAN, room), RATE)) for room in (0.2, 0.5, 0.9)]
    assert seconds == sorted(seconds)
    assert seconds[0] == pytest.approx(0.2, abs=0.08)
    assert seconds[1] == pytest.approx(0.5, abs=0.12)
    assert "room" not in faults(CLEAN)
    assert "room" not in faults(in_a_room(CLEAN, 0.3))
    assert faults(in_a_room(CLEAN, 0.65))["room"] == (FAIR, "")
    hall = faults(in_a_room(CLEAN, 1.2))
    assert hall["room"] == (POOR, "")
    # Taking noise off would not help.
    assert hall["noise"][1] == ""


def test_silence_at_the_ends_and_pauses() -> None:
    padded = np.pad(CLEAN, (RATE, RATE * 3 // 2))
    assert faults(padded) == {"silence": (FAIR, TRIM)}
    (finding,) = (each for each in check(padded, RATE) if each.name == "silence")
    assert finding.message.values["before"] == "1.1"
    paused = np.concatenate([CLEAN, np.zeros(2 * RATE, np.float32), CLEAN])
    assert faults(paused)["pauses"] == (FAIR, "")


def test_a_word_that_is_cut_off() -> None:
    _, last = activity(CLEAN, RATE).span()
    cut = CLEAN[: round(last * 0.01 * RATE) - RATE // 20]
    assert faults(cut) == {"end": (FAIR, "")}


def test_one_speaker_or_two() -> None:
    heard = pitches(CLEAN, RATE, activity(CLEAN, RATE))
    assert np.median(heard[heard > 0]) == pytest.approx(120, rel=0.05)
    two = np.concatenate([voice(3.0, pitch=110), voice(3.0, pitch=210, seed=3)])
    assert faults(two) == {"speakers": (POOR, "")}
    # One who speaks now lower and now higher is one.
    assert faults(np.concatenate([voice(3.0, pitch=110), voice(3.0, pitch=135, seed=3)])) == {}


@pytest.mark.parametrize(
    ("samples", "said"),
    [
        (np.zeros(RATE, np.float32), "no sound"),
        (np.zeros(0, np.float32), "no sound"),
        (np.random.default_rng(0).standard_normal(5 * RATE) * 0.1, "no speech"),
        (0.3 * np.sin(np.arange(4 * RATE) / 20), "no speech"),
    ],
)
def test_what_is_no_speech_at_all(samples: np.ndarray, said: str) -> None:
    speech = [each for each in check(samples, RATE) if each.name == "speech"]
    assert [each.grade for each in speech] == [POOR]
    assert said in speech[0].message


@pytest.mark.parametrize("rate", [8_000, 16_000, 44_100, 192_000])
def test_any_rate_will_do(rate: int) -> None:
    positions = np.linspace(0, len(CLEAN) - 1, round(len(CLEAN) * rate / RATE))
    resampled = np.interp(positions, np.arange(len(CLEAN)), CLEAN).astype(np.float32)
    assert {each.grade for each in check(resampled, rate)} == {GOOD}


def test_a_minute_is_looked_at_in_seconds() -> None:
    began = time.process_time()
    check(voice(60.0), RATE)
    assert time.process_time() - began < 5
