"""Where somebody speaks in a recording: levels of short frames, and the one above which they are speech."""

from dataclasses import dataclass

import numpy as np

FRAME_S, HOP_S = 0.02, 0.01
# What is digital silence counts as this quiet.
QUIETEST_DB = -96.0
# Speech is looked for at most so far below the loudest frames.
_RANGE_DB = 60.0


@dataclass(frozen=True, slots=True)
class Activity:
    """Levels (f,) in dB of full scale, of frames that begin every `HOP_S` seconds.

    ``speech_db`` is the level of the frames that are speech, ``noise_db`` that of the quietest; frames louder than
    ``threshold_db`` are speech.
    """

    levels: np.ndarray
    speech_db: float
    noise_db: float
    threshold_db: float

    @property
    def is_speech(self) -> np.ndarray:
        """For each frame (f,) whether it is speech."""
        return self.levels > self.threshold_db

    @property
    def has_speech(self) -> bool:
        """Whether there are loud and quiet frames: a steady hum or hiss is no speech."""
        return self.speech_db - self.noise_db > 6

    def span(self) -> tuple[int, int]:
        """The first frame of speech and the one after the last; (0, 0) where there is none."""
        (frames,) = np.nonzero(self.is_speech)
        return (int(frames[0]), int(frames[-1]) + 1) if len(frames) else (0, 0)


def frame_levels(samples: np.ndarray, sample_rate: int) -> np.ndarray:
    """Levels (f,) in dB of full scale of mono ``samples`` (n,); a sine of full scale has -3.

    Fewer samples than a frame has are one frame.
    """
    size, hop = round(FRAME_S * sample_rate), round(HOP_S * sample_rate)
    padded = np.pad(np.asarray(samples, np.float64), (0, max(0, size - len(samples))))
    energy = np.concatenate([[0.0], np.cumsum(np.square(padded))])
    starts = np.arange(0, len(padded) - size + 1, hop)
    power = np.maximum(energy[starts + size] - energy[starts], 0) / size
    return np.maximum(10 * np.log10(np.maximum(power, 1e-12)), QUIETEST_DB)


def activity(samples: np.ndarray, sample_rate: int) -> Activity:
    """Where speech is in mono ``samples`` (n,) in [-1, 1]."""
    levels = frame_levels(samples, sample_rate)
    top, noise = float(np.percentile(levels, 95)), float(np.percentile(levels, 5))
    threshold = max(noise, top - _RANGE_DB) + 0.4 * min(top - noise, _RANGE_DB)
    loud = levels[levels > threshold]
    speech = 10 * np.log10(np.mean(10 ** (loud / 10))) if len(loud) else top
    return Activity(levels, float(speech), noise, threshold)
