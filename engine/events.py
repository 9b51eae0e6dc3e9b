"""What long work yields: sound, progress, notices, texts.

A generator of these is the one idiom for everything slow. Closing it cancels the work; its ``finally`` cleans up.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np


@dataclass(frozen=True, slots=True, kw_only=True)
class AudioChunk:
    """A piece of sound: mono float32 ``samples`` of shape (n,) in [-1, 1]. The chunks in order *are* the result.

    A system's own chunks may have a ``gain``, by which `engine.audio.joiner` multiplies them.
    """

    samples: np.ndarray
    sample_rate: int
    segment: int = 0
    gain: float = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far something is: ``done`` of ``total`` in any unit; ``total`` is None while it is unknown.

    ``label`` names the stage, a plain text or a `Message` with the values that stand in it. ``rate`` is how many units
    a second it makes at the moment, None where nobody asks.
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
class Rewritten:
    """The text as the system has rewritten it: with ``options`` changed so, it is spoken as it stands, or as edited."""

    text: str
    options: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class SpokenWord:
    """A word of the text, and from when to when it is heard, in seconds."""

    text: str
    start_s: float
    end_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """When the words of a piece are spoken, told before its sound by systems that know it.

    From a system the times count from the beginning of the segment's own sound, in a result from its beginning. A word
    before a pause may end in silence of the model's that has been cut off.
    """

    words: tuple[SpokenWord, ...]
    segment: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Try:
    """One of several takes: its seed, what was heard of it, and how many of ``total`` words (characters) were wrong."""

    seed: int
    heard: str
    errors: int
    total: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Tried:
    """Which takes were made, in order, and which is ``kept``, by its place. Told before the sound of that one."""

    tries: tuple[Try, ...]
    kept: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Started:
    """The model is in memory and the text is cut: synthesis begins now, and times to first sound count from here."""

    sample_rate: int
    device: str
    dtype: str
    seed: int
    segments: int
    load_s: float


Event = AudioChunk | Progress | Notice | Rewritten | Words | Tried | Started
