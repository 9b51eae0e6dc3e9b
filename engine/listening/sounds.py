"""The sounds of a test: all of them equally loud, and those that are made for comparison."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from engine.audio.loudness import lkfs
from engine.errors import AudioError
from engine.listening.design import Design

# As broadcasters have it (EBU R 128); where a sound would be clipped for that, all of them are softer.
LOUDNESS, PEAK = -23.0, 0.98
LONGEST_S = 30.0
# The anchor is that of MUSHRA (ITU-R BS.1534-3): a copy without what is above 3.5 kHz.
ANCHOR_HZ, SPOILT_HZ, SLOPE = 3500.0, 1000.0, 1.15


@dataclass(frozen=True, slots=True, kw_only=True)
class Samples:
    """Mono float32 ``samples`` (n,) in [-1, 1]."""

    samples: np.ndarray
    sample_rate: int


def sounds_of(design: Design, takes: Sequence[Samples]) -> list[Samples]:
    """What is heard as each sound of ``design``, whose first are the ``takes``.

    Raises AudioError for a take that is too long or silent.
    """
    for number, take in enumerate(takes):
        if len(take.samples) > LONGEST_S * take.sample_rate:
            raise AudioError(
                "sound {number} is longer than {most:.0f} s; choose shorter sentences",
                number=number + 1,
                most=LONGEST_S,
            )
    made = list(takes)
    for number, sound in enumerate(design.sounds[len(takes) :], len(takes)):
        of = takes[sound.of]
        made.append(anchor(of) if sound.role == "anchor" else spoilt(of, seed=design.seed + number))
    return equally_loud(made)


def equally_loud(sounds: Sequence[Samples]) -> list[Samples]:
    """The sounds, each of the same loudness: `LOUDNESS`, or what the one with the highest peaks can have.

    Raises AudioError for one that is too quiet to have a loudness.
    """
    found = [lkfs(each.samples, each.sample_rate) for each in sounds]
    for number, loudness in enumerate(found):
        if not np.isfinite(loudness):
            raise AudioError("sound {number} is silent; leave it out", number=number + 1)
    highest = (20 * np.log10(PEAK / np.abs(each.samples).max()) for each in sounds)
    target = min(LOUDNESS, *(float(loudness + room) for loudness, room in zip(found, highest, strict=True)))
    return [
        Samples(samples=each.samples * np.float32(10 ** ((target - loudness) / 20)), sample_rate=each.sample_rate)
        for each, loudness in zip(sounds, found, strict=True)
    ]


def anchor(sound: Samples) -> Samples:
    """A copy without what is above 3.5 kHz, which is worse by as much for everybody."""
    return Samples(samples=_low(sound.samples, sound.sample_rate, ANCHOR_HZ), sample_rate=sound.sample_rate)


def spoilt(sound: Samples, seed: int) -> Samples:
    """A copy that nobody who listens takes for a good one: without what is above 1 kHz, and in noise as strong."""
    low = _low(sound.samples, sound.sample_rate, SPOILT_HZ)
    noise = np.random.default_rng(seed).standard_normal(len(low), dtype=np.float32)
    return Samples(samples=low + noise * np.float32(np.sqrt(np.mean(low**2))), sample_rate=sound.sample_rate)


def _low(samples: np.ndarray, sample_rate: int, edge_hz: float) -> np.ndarray:
    """What is below ``edge_hz``, in phase; from there to `SLOPE` times it the filter falls to nothing as a cosine."""
    # Padded to a length that is quick to transform; also, nothing comes around from the end to the beginning.
    size = 1 << (len(samples) + sample_rate // 10).bit_length()
    hz = np.fft.rfftfreq(size, 1 / sample_rate)
    falling = np.clip((hz / edge_hz - 1) / (SLOPE - 1), 0, 1)
    spectrum = np.fft.rfft(samples.astype(np.float64), size) * (0.5 + 0.5 * np.cos(np.pi * falling))
    return np.fft.irfft(spectrum, size)[: len(samples)].astype(np.float32)
