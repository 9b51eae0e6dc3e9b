"""What long work yields: sound, progress, notices.

A generator of these is the one idiom for everything slow. Closing it cancels the work; its ``finally`` cleans up.
"""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, slots=True, kw_only=True)
class AudioChunk:
    """A piece of sound: mono float32 ``samples`` of shape (n,) in [-1, 1]. The chunks in order *are* the result."""

    samples: np.ndarray
    sample_rate: int
    segment: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far something is: ``done`` of ``total`` in any unit; ``total`` is None while it is unknown.

    ``rate`` is how many units a second it makes at the moment, None where nobody asks.
    """

    done: float
    total: float | None
    label: str
    rate: float | None = None

    @property
    def remaining_s(self) -> float | None:
        """Seconds to go at the present rate; None while that cannot be said."""
        return (self.total - self.done) / self.rate if self.total is not None and self.rate else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """Something the user should know about a result that is produced all the same."""

    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Started:
    """The model is in memory and the text is cut: synthesis begins now, and times to first sound count from here."""

    sample_rate: int
    device: str
    dtype: str
    seed: int
    segments: int
    load_s: float


Event = AudioChunk | Progress | Notice | Started
