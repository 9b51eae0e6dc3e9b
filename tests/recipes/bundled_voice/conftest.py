"""What a teacher might have said: tones whose phonemes, durations and pitch are known."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from engine.style_tts.config import SAMPLE_RATE, SAMPLES_PER_FRAME, SAMPLES_PER_PITCH
from recipes.bundled_voice.corpus import Example, write_shard


def example(number: int, *, sound: bool = True) -> Example:
    """A tone between two pauses, in one of two voices."""
    rng = np.random.default_rng(number)
    ids = np.array([0, *rng.integers(1, 170, 8), 0], np.int16)
    frames = np.full(len(ids), 3, np.int16)
    pitch = np.full(2 * int(frames.sum()), 120.0 + 80 * (number % 2), np.float32)
    pitch[:6] = pitch[-6:] = 0
    phase = 2 * np.pi * np.cumsum(pitch.repeat(SAMPLES_PER_PITCH)) / SAMPLE_RATE
    tone = np.where(pitch.repeat(SAMPLES_PER_PITCH) > 0, 8000 * np.sin(phase), 0).astype(np.int16)
    assert len(tone) == int(frames.sum()) * SAMPLES_PER_FRAME
    return Example(
        speaker=number % 2,
        ids=ids,
        expected=frames + 0.2,
        frames=frames,
        pitch=pitch,
        energy=np.where(pitch > 0, 2.0, -5.0).astype(np.float32),
        samples=tone if sound else np.zeros(0, np.int16),
    )


@pytest.fixture
def said(tmp_path: Path) -> Callable[..., Path]:
    """A function that writes a folder of so many examples."""

    def write(name: str = "corpus", count: int = 24, *, sound: bool = True) -> Path:
        folder = tmp_path / name
        folder.mkdir()
        write_shard(folder / "0-00000.npz", [example(number, sound=sound) for number in range(count)])
        return folder

    return write
