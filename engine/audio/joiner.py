"""The finish of a synthesis: segments trimmed, faded and put together with their pauses, while they are still coming.

Silence at both ends of a segment is cut off, so that pauses are those of the text and not the model's; the cuts are
faded, so that no joint clicks. Only what may yet turn out to be trailing silence is held back, and half a frame.
"""

from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np

from engine.errors import EngineError
from engine.events import AudioChunk, Notice, Progress, Rewritten, Words
from engine.request import Segment

GATE_DBFS = -50.0
FRAME_S = 0.01
FADE_S = 0.005
# Kept before the first and after the last loud frame: plosives begin and vowels end below the gate.
LEAD_FRAMES = 3
TAIL_FRAMES = 6

_GATE = 10 ** (GATE_DBFS / 20)


def join(
    events: Iterator[AudioChunk | Progress | Notice | Rewritten | Words], segments: Sequence[Segment]
) -> Iterator[AudioChunk | Progress | Notice | Rewritten | Words]:
    """The events of a system with their sound finished: with its gain, trimmed, faded, with pauses, and
    clipped to [-1, 1].

    The samples depend on those that come in and not on how they are cut into chunks. Words wait until it is known where
    the sound of their segment begins, and then have the times of the result. Other events pass at once. A
    segment without sound above the gate leaves none. Closing this closes ``events``. Raises EngineError when the
    model gives values that are not finite.
    """
    finisher = _Finisher(segments)
    try:
        for event in events:
            if isinstance(event, AudioChunk):
                yield from finisher.push(event)
            elif isinstance(event, Words):
                yield from finisher.time(event)
            else:
                yield event
        yield from finisher.finish()
    finally:
        if hasattr(events, "close"):
            events.close()


def untouched(
    events: Iterator[AudioChunk | Progress | Notice | Rewritten | Words],
) -> Iterator[AudioChunk | Progress | Notice | Rewritten | Words]:
    """The events of a system as they are; only words have the times of the result. Closing this closes ``events``."""
    segment, begins_s, made_s = 0, 0.0, 0.0
    try:
        for event in events:
            if isinstance(event, AudioChunk | Words) and event.segment != segment:
                segment, begins_s = event.segment, made_s
            if isinstance(event, AudioChunk):
                made_s += len(event.samples) / event.sample_rate
            yield _moved(event, begins_s) if isinstance(event, Words) else event
    finally:
        if hasattr(events, "close"):
            events.close()


def _moved(words: Words, by_s: float) -> Words:
    moved = (
        replace(word, start_s=round(max(word.start_s + by_s, 0.0), 4), end_s=round(max(word.end_s + by_s, 0.0), 4))
        for word in words.words
    )
    return replace(words, words=tuple(moved))


class _Finisher:
    """Puts the trimmed segments in a row. The last segment that gave sound is ``_sounded``."""

    def __init__(self, segments: Sequence[Segment]) -> None:
        self._segments = segments
        self._trimmer: _Trimmer | None = None
        self._segment = 0
        self._rate = 0
        self._sounded: int | None = None
        self._made = 0
        # Words that wait for the sound of their segment, and where that begins in the result.
        self._waiting: list[Words] = []
        self._begins_s = 0.0

    def time(self, words: Words) -> Iterator[Words]:
        """The words with the times of the result, as soon as these are known."""
        if self._sounded == words.segment:
            yield _moved(words, self._begins_s)
        else:
            self._waiting.append(words)

    def push(self, chunk: AudioChunk) -> Iterator[AudioChunk | Words]:
        if not np.isfinite(chunk.samples).all():
            raise EngineError("the model produced values that are not numbers; its checkpoint may be damaged")
        if self._trimmer is None or chunk.segment != self._segment:
            yield from self.finish()
            self._segment, self._rate = chunk.segment, chunk.sample_rate
            self._trimmer = _Trimmer(chunk.sample_rate)
        yield from self._place(self._trimmer.push(np.clip(chunk.gain * chunk.samples, -1.0, 1.0)))

    def finish(self) -> Iterator[AudioChunk | Words]:
        if self._trimmer is not None:
            yield from self._place(self._trimmer.finish())
            self._trimmer = None

    def _place(self, sound: np.ndarray) -> Iterator[AudioChunk | Words]:
        if len(sound) == 0 or self._trimmer is None:
            return
        if self._sounded is not None and self._sounded < self._segment:
            pause_s = max(segment.pause_s for segment in self._segments[self._sounded : self._segment])
            silence = np.zeros(round(pause_s * self._rate), np.float32)
            if len(silence):
                self._made += len(silence)
                yield AudioChunk(samples=silence, sample_rate=self._rate, segment=self._sounded)
        if self._sounded != self._segment:
            self._begins_s = (self._made - self._trimmer.skipped) / self._rate
            self._sounded = self._segment
            for words in self._waiting:
                if words.segment == self._segment:
                    yield _moved(words, self._begins_s)
            self._waiting = [words for words in self._waiting if words.segment > self._segment]
        self._made += len(sound)
        yield AudioChunk(samples=sound, sample_rate=self._rate, segment=self._segment)


class _Trimmer:
    """One segment without the silence at its ends, faded in and out. Samples (n,) go in and come out as they are known.

    It works in frames that count from the segment's start, so that the chunks' sizes do not matter. ``skipped`` samples
    stood before those that are kept.
    """

    def __init__(self, sample_rate: int) -> None:
        self._frame = max(2, round(FRAME_S * sample_rate))
        self._fade = np.sin(np.linspace(0, np.pi / 2, max(1, round(FADE_S * sample_rate)), dtype=np.float32)) ** 2
        self._partial = np.zeros(0, np.float32)
        self._lead: deque[np.ndarray] = deque(maxlen=LEAD_FRAMES)
        self._quiet: list[np.ndarray] = []
        self._quiet_frames = 0
        self._begun = False
        self._silent_frames = 0
        self._tail = np.zeros(0, np.float32)

    @property
    def skipped(self) -> int:
        """Counts while there is no sound yet, too."""
        return self._silent_frames * self._frame

    def push(self, samples: np.ndarray) -> np.ndarray:
        samples = np.concatenate([self._partial, samples], dtype=np.float32)
        whole = len(samples) // self._frame
        self._partial = samples[whole * self._frame :]
        kept: list[np.ndarray] = []
        for frame in samples[: whole * self._frame].reshape(whole, self._frame):
            self._sort(frame, kept)
        return self._hold(kept)

    def finish(self) -> np.ndarray:
        kept: list[np.ndarray] = []
        if len(self._partial):
            self._sort(self._partial, kept)
        sound = np.concatenate([self._hold(kept), self._tail])
        fade = self._fade[: len(sound)]
        sound[len(sound) - len(fade) :] *= fade[::-1]
        return sound

    def _sort(self, frame: np.ndarray, kept: list[np.ndarray]) -> None:
        """Add to ``kept`` what is certain to stay now that ``frame`` is known."""
        if np.abs(frame).max() > _GATE:
            if not self._begun:
                self._silent_frames -= len(self._lead)
            kept += [*self._lead, *self._quiet, frame]
            self._begun, self._quiet_frames = True, 0
            self._lead.clear()
            self._quiet.clear()
        elif not self._begun:
            self._silent_frames += 1
            self._lead.append(frame)
        else:
            self._quiet_frames += 1
            # The first quiet frames stay whatever follows; the others only if sound follows.
            (kept if self._quiet_frames <= TAIL_FRAMES else self._quiet).append(frame)

    def _hold(self, kept: list[np.ndarray]) -> np.ndarray:
        """All but the samples that may have to be faded out; the first ones faded in."""
        if not kept:
            return np.zeros(0, np.float32)
        first = len(self._tail) == 0
        sound = np.concatenate([self._tail, *kept])
        if first:
            fade = self._fade[: len(sound)]
            sound[: len(fade)] *= fade
        end = max(0, len(sound) - len(self._fade))
        self._tail = sound[end:].copy()
        return sound[:end]
