"""What a recogniser is: the cheap facts (`RecogniserSpec`) and the loaded thing (`Recogniser`)."""

from collections.abc import Callable, Generator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np

from engine.events import Progress
from engine.publisher import Publisher
from engine.recognition.transcript import HeardWord

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
class RecogniserSpec(Publisher):
    """The facts of a kind of recogniser, known without loading anything heavy.

    ``languages_of`` are the codes of those that a checkpoint knows. Raises WeightsMissing, WeightsMismatch and
    ConfigError.
    """

    load: Callable[[Path], Generator[Progress, None, Recogniser]]
    languages_of: Callable[[Path], tuple[str, ...]]
    bundled_title: str = "The recogniser that ships"
