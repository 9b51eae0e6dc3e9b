"""What will be said of a text, seen without a model in memory: the front ends of checkpoints, and what they read."""

from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import Any

from engine.events import Notice
from engine.fingerprint import Fingerprint, fingerprint
from engine.system import FrontEnd, SystemSpec

# Of how many checkpoints the front ends are kept. A tokenizer takes a few megabytes.
KEPT = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadSegment:
    """What is spoken in one breath: ``text`` in words, what stands for it, what is left out; then ``pause_s`` seconds.

    ``phonemes`` are the symbols that the model is given, None where it is given the words themselves.
    """

    text: str
    phonemes: str | None
    pause_s: float
    left_out: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    """How a text is read: its ``segments``, the characters that are left out of them, each once, and the notices."""

    segments: tuple[ReadSegment, ...]
    left_out: tuple[str, ...] = ()
    notices: tuple[str, ...] = ()

    def describe(self) -> dict[str, Any]:
        """As plain data: {"segments": [{"text", "phonemes", "pause_s"}], "left_out", "notices"}."""
        return {
            "segments": [
                {"text": segment.text, "phonemes": segment.phonemes, "pause_s": segment.pause_s}
                for segment in self.segments
            ],
            "left_out": list(self.left_out),
            "notices": list(self.notices),
        }


def gather(events: Iterable[ReadSegment | Notice]) -> Read:
    """All that `Engine.reading` yields as one result. Raises what it raises."""
    segments: list[ReadSegment] = []
    notices: list[str] = []
    for event in events:
        if isinstance(event, Notice):
            notices.append(event.message)
        else:
            segments.append(event)
    left_out = dict.fromkeys(character for segment in segments for character in segment.left_out)
    return Read(segments=tuple(segments), left_out=tuple(left_out), notices=tuple(notices))


class FrontEnds:
    """The front ends of the checkpoints that were read for last; one of a checkpoint that has changed is made anew."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._kept: OrderedDict[tuple[str, Path | None, Fingerprint], FrontEnd] = OrderedDict()

    def of(self, spec: SystemSpec, checkpoint: Path | None) -> FrontEnd:
        """That of a checkpoint, None for the published ones. Raises what `SystemSpec.front_end` raises."""
        key = (spec.id, checkpoint and checkpoint.resolve(), fingerprint(checkpoint) if checkpoint else frozenset())
        with self._lock:
            if key not in self._kept:
                self._kept[key] = spec.front_end(checkpoint)
                while len(self._kept) > KEPT:
                    self._kept.popitem(last=False)
            self._kept.move_to_end(key)
            return self._kept[key]
