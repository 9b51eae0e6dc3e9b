"""Notes the events of one synthesis on their way past: the sound, the remarks, and the time spent in the engine."""

import time
from collections.abc import Generator

import numpy as np

from engine.engine import Engine
from engine.events import AudioChunk, Event, Notice, Rewritten, Started
from server.requests import Asked


class Recording:
    """One request's synthesis. The times count work since `Started`, not the waiting for a slow listener.

    ``rewritten`` is the text as the system has rewritten it last, if it has.
    """

    def __init__(self, engine: Engine, asked: Asked) -> None:
        self.asked = asked
        self.rewritten: Rewritten | None = None
        self.started: Started | None = None
        self.notices: list[str] = []
        self.first_audio_s = 0.0
        self.synth_s = 0.0
        self._engine = engine
        self._chunks: list[np.ndarray] = []

    def events(self) -> Generator[Event, None, None]:
        """The engine's events, noted. Closing it closes the engine's generator."""
        events = self._engine.synthesize(self.asked.request)
        try:
            while True:
                began = time.perf_counter()
                event = next(events, None)
                self.synth_s += time.perf_counter() - began
                if event is None:
                    return
                self._note(event)
                yield event
        finally:
            events.close()

    @property
    def samples(self) -> np.ndarray:
        """What has been spoken so far, float32 (n,)."""
        return np.concatenate(self._chunks) if self._chunks else np.zeros(0, np.float32)

    def _note(self, event: Event) -> None:
        match event:
            case Started():
                self.started = event
                self.synth_s = 0.0
            case AudioChunk():
                if not self._chunks:
                    self.first_audio_s = self.synth_s
                self._chunks.append(event.samples)
            case Notice():
                self.notices.append(event.message)
            case Rewritten():
                self.rewritten = event
