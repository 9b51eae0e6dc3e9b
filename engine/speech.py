"""What came of a request: the sound, how long it took, what was remarked; and how it is gathered from the events."""

import contextlib
import math
import time
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from engine.errors import EngineError
from engine.events import AudioChunk, Event, Notice, Progress, Rewritten, SpokenWord, Started, Tried, Words
from engine.request import SynthesisRequest


@dataclass(frozen=True, slots=True, kw_only=True)
class Timings:
    """Seconds of work inside the engine: until the model was there, and from then to the first sound and to the end."""

    load_s: float
    first_audio_s: float
    synth_s: float


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Speech:
    """The result of ``request``: mono float32 ``samples`` (n,) in [-1, 1], of ``segments`` pieces of text.

    ``notices`` are what the user should know of it, ``rewritten`` is the text as the system has rewritten it last, if
    it has. ``words`` are the words with their times, of systems that know them. ``tried`` are
    the takes of which this one is the best, if several were made. What was ``stopped`` early holds the
    sound that was there by then. The request says the seed, drawn or not.
    """

    request: SynthesisRequest
    samples: np.ndarray
    sample_rate: int
    timings: Timings
    segments: int
    device: str
    dtype: str
    notices: tuple[str, ...] = ()
    rewritten: Rewritten | None = None
    words: tuple[SpokenWord, ...] = ()
    tried: Tried | None = None
    stopped: bool = False

    @property
    def audio_s(self) -> float:
        """How long the sound is, in seconds."""
        return len(self.samples) / self.sample_rate

    @property
    def rtf(self) -> float:
        """The real-time factor, work over sound: below 1 is faster than the sound lasts. Infinite without sound."""
        return self.timings.synth_s / self.audio_s if len(self.samples) else math.inf

    def save(self, path: Path | str) -> None:
        """Write a file in the format that the ending names (wav, flac, mp3, ogg, opus), with its label.

        A file of that name is replaced in one step. Of a ``raw`` request it is a 32-bit float WAV without a label.
        Raises SaveError for another ending, no sound, and a place that cannot be written.
        """
        from engine.audio import encode
        from engine.audio.label import label

        path, raw = Path(path), self.request.raw
        encode.check(path, raw=raw)
        encode.write(path, self.samples, self.sample_rate, label(self.request), raw=raw)


class Collector:
    """Notes the events of one synthesis on their way past, for whoever hands them on as they come.

    Times count the work inside the engine, not the waiting for a slow listener.
    """

    def __init__(self, request: SynthesisRequest) -> None:
        self.request = request
        self._started: Started | None = None
        self._chunks: list[np.ndarray] = []
        self._notices: list[str] = []
        self._rewritten: Rewritten | None = None
        self._words: list[SpokenWord] = []
        self._tried: Tried | None = None
        self._first_audio_s = 0.0
        self._synth_s = 0.0

    def watch(self, events: Generator[Event, None, None]) -> Generator[Event, None, None]:
        """The same events, noted. Closing it closes ``events``."""
        with contextlib.closing(events):
            while True:
                began = time.perf_counter()
                event = next(events, None)
                self._synth_s += time.perf_counter() - began
                if event is None:
                    return
                self._note(event)
                yield event

    def speech(self, *, stopped: bool = False) -> Speech | None:
        """What has been spoken so far; None while the model is not there yet."""
        started = self._started
        if started is None:
            return None
        samples = np.concatenate(self._chunks) if self._chunks else np.zeros(0, np.float32)
        return Speech(
            request=self.request,
            samples=samples,
            sample_rate=started.sample_rate,
            timings=Timings(load_s=started.load_s, first_audio_s=self._first_audio_s, synth_s=self._synth_s),
            segments=started.segments,
            device=started.device,
            dtype=started.dtype,
            notices=tuple(self._notices),
            rewritten=self._rewritten,
            tried=self._tried,
            words=_apart(self._words, len(samples) / started.sample_rate),
            stopped=stopped,
        )

    def _note(self, event: Event) -> None:
        match event:
            case Started():
                self._started = event
                self._synth_s = 0.0
            case AudioChunk():
                if not self._chunks:
                    self._first_audio_s = self._synth_s
                self._chunks.append(event.samples)
            case Notice():
                self._notices.append(event.message)
            case Rewritten():
                self._rewritten = event
            case Words():
                self._words += event.words
            case Tried():
                self._tried = event


def _apart(words: Sequence[SpokenWord], audio_s: float) -> tuple[SpokenWord, ...]:
    """The words that are heard within ``audio_s``, each over before the next begins: silence behind one was cut off."""
    ends = [*(word.start_s for word in words[1:]), audio_s][: len(words)]
    return tuple(
        replace(word, end_s=max(min(word.end_s, end, audio_s), word.start_s))
        for word, end in zip(words, ends, strict=True)
        if word.start_s < audio_s
    )


def collect(
    events: Generator[Event, None, None], request: SynthesisRequest, show: Callable[[Progress], object] | None = None
) -> Speech:
    """All of the events of ``request`` as one result; ``show`` is given each Progress on the way.

    Raises what the events raise.
    """
    collector = Collector(request)
    with contextlib.closing(collector.watch(events)) as watched:
        for event in watched:
            if show is not None and isinstance(event, Progress):
                show(event)
    speech = collector.speech()
    if speech is None:
        raise EngineError("these events are of no synthesis: nothing in them says that it has started")
    return speech
