"""What a recogniser is: the cheap facts (`RecogniserSpec`) and the loaded thing (`Recogniser`)."""

from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

import numpy as np

from engine.catalogue import Catalogue
from engine.events import Progress
from engine.recognition.transcript import HeardWord
from engine.release import Merits, Release
from engine.system import Licences

# What every recogniser is given, in samples a second.
SAMPLE_RATE = 16_000
# The longest recording that is listened to, in seconds: 115 MB of samples, and some minutes of work.
MAX_SECONDS = 1800.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """What a recogniser makes of a recording; `engine.recognition.transcript.Transcript` has the same fields."""

    text: str
    language: str
    words: tuple[HeardWord, ...]
    repeats: bool = False


class Recogniser(Protocol):
    """A loaded recogniser. It keeps nothing of a recording, so one object serves several at once."""

    @property
    def bytes(self) -> int:
        """About how much memory it takes."""

    def hear(self, samples: np.ndarray, language: str) -> Generator[Progress, None, Heard]:
        """What is said in mono float32 ``samples`` (n,) at `SAMPLE_RATE`, in ``language``, or if "" in whichever it is.

        Yields how many seconds of it have been heard. Closing it stops the work.
        """


@dataclass(frozen=True, slots=True, kw_only=True)
class RecogniserSpec:
    """The facts of a kind of recogniser, known without loading anything heavy.

    The library keeps its checkpoints as it keeps those of a system, so the fields of the same names mean what they mean
    in `engine.system.SystemSpec`. ``releases`` stand in the order of how well they hear. ``languages_of`` are the codes
    of those that a checkpoint knows. Raises WeightsMissing, WeightsMismatch and ConfigError.
    """

    id: str
    name: str
    summary: str
    languages: tuple[str, ...]
    licences: Licences
    load: Callable[[Path], Generator[Progress, None, Recogniser]]
    languages_of: Callable[[Path], tuple[str, ...]]
    bundled: Path | None = None
    bundled_title: str = "The recogniser that ships"
    bundled_languages: tuple[str, ...] = ()
    bundled_merits: Mapping[str, Merits] = field(default_factory=dict)
    releases: tuple[Release, ...] = ()
    catalogues: tuple[Catalogue, ...] = ()
    published: Callable[[str], Release | None] = lambda _: None
    pick: Callable[[Sequence[str]], tuple[str, ...]] | None = None
    check: Callable[[Path], None] | None = None
