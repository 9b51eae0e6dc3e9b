"""What a caller hands in: a request, a voice, a recording to clone from. All frozen: no request can change another."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

# How many takes may be made of one request.
MOST_TRIES = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Voice:
    """A voice of one system, opaque to all but that system: a speaker number, an embedding, prompt codes."""

    system: str
    name: str
    tensors: Mapping[str, np.ndarray] = field(default_factory=dict)
    meta: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class VoicePrompt:
    """A recording to make a voice from: mono float32 ``samples`` (n,) in [-1, 1], and what is said in it if known."""

    samples: np.ndarray
    sample_rate: int
    transcript: str = ""
    language: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ConversionRequest:
    """A recording of one voice of a checkpoint, to be said in another: mono float32 ``samples`` (n,) in [-1, 1].

    ``source`` and ``target`` are names or numbers of voices. ``checkpoint`` and ``seed`` as in `SynthesisRequest`.
    """

    system: str
    samples: np.ndarray
    sample_rate: int
    source: str
    target: str
    seed: int = 0
    checkpoint: Path | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Segment:
    """A piece of text that is spoken in one breath, and the pause in seconds that follows it."""

    text: str
    language: str
    pause_s: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class LexiconEntry:
    """A ``word`` or phrase that is read as if ``respelling`` stood there: docs/lexicon.md.

    Without a respelling, ``pinyin`` says how it is read: ``zhang3 de5``.
    """

    word: str
    respelling: str = ""
    pinyin: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SynthesisRequest:
    """One thing to say.

    ``options`` is an instance of the system's options class. ``voice`` is a name, a number or a string that the
    system understands, a `Voice`, or "" for the system's default; ``prompt`` is a recording to take it from, or several
    of one speaker for a system that joins them. ``checkpoint`` is a file or folder in the system's
    public layout; None takes the one that is installed. ``seed`` is at least 0 and below 2**63. ``raw`` leaves the
    samples as the vocoder gives them: no trimming, fading, pause or clipping. ``tries`` is how many takes are made at
    most, with the seeds from ``seed`` on, of which the one with the fewest errors is kept: from 1, which checks
    nothing, to `MOST_TRIES` (docs/recognition.md#retakes). ``lexicon`` are entries for this request alone, before those
    that are kept.
    """

    system: str
    text: str
    options: Any
    voice: Voice | str = ""
    prompt: VoicePrompt | tuple[VoicePrompt, ...] | None = None
    language: str = ""
    seed: int = 0
    checkpoint: Path | None = None
    raw: bool = False
    tries: int = 1
    lexicon: tuple[LexiconEntry, ...] = ()
