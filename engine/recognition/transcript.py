"""What was heard in a recording."""

from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class HeardWord:
    """A word as it was heard, from when to when in seconds, and how sure the recogniser is of it: 0 to 1."""

    text: str
    start_s: float
    end_s: float
    confidence: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Transcript:
    """What was said in a recording of ``audio_s`` seconds, in one ``language``, by the ``recogniser`` of this id.

    ``text`` is as one would write it, ``words`` are its parts in order: where words are not written apart (zh, ja, th)
    a few characters each. Where there is no speech both are empty. ``repeats`` says that the recogniser went round in
    circles somewhere: either the recording does, or it is no speech.
    """

    text: str
    language: str
    words: tuple[HeardWord, ...]
    audio_s: float
    recogniser: str
    repeats: bool = False

    def describe(self) -> dict[str, Any]:
        """As plain data."""
        return asdict(self)
