"""Faster and slower at the same pitch, piece by piece."""

import numpy as np
import pytest

from engine.audio.tempo import Tempo

RATE = 24_000


def tone(seconds: float, pitch: float = 300.0) -> np.ndarray:
    return (0.5 * np.sin(2 * np.pi * pitch * np.arange(round(seconds * RATE)) / RATE)).astype(np.float32)


def paced(sound: np.ndarray, speed: float, size: int = 4000) -> np.ndarray:
    tempo = Tempo(speed, RATE)
    pieces = [tempo.push(sound[start : start + size]) for start in range(0, len(sound), size)]
    return np.concatenate([*pieces, tempo.finish()])


@pytest.mark.parametrize("speed", [0.25, 0.4, 0.5, 0.8, 1.3, 2.0, 4.0])
def test_it_lasts_as_long_as_it_should_and_keeps_its_pitch(speed: float) -> None:
    heard = paced(tone(3.0), speed)
    assert len(heard) / RATE == pytest.approx(3.0 / speed, rel=0.03)
    middle = heard[len(heard) // 4 : 3 * len(heard) // 4]
    crossings = np.count_nonzero(np.diff(np.signbit(middle)))
    assert crossings / 2 / (len(middle) / RATE) == pytest.approx(300, rel=0.03)


def test_sound_leaves_as_it_comes() -> None:
    tempo = Tempo(2.0, RATE)
    assert sum(tempo.push(tone(0.25)).size for _ in range(4)) > 0.3 * RATE


def test_at_its_own_pace_it_is_left_alone() -> None:
    sound = tone(0.3)
    assert paced(sound, 1.0).tobytes() == sound.tobytes()
    assert paced(np.zeros(0, np.float32), 0.5).size == 0


@pytest.mark.parametrize("speed", [0.0, 0.2, 4.1, float("nan")])
def test_beyond_its_bounds_it_is_refused(speed: float) -> None:
    with pytest.raises(ValueError, match="a tempo is within"):
        Tempo(speed, RATE)
