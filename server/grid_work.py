"""The work on grids: their cells are made one at a time, by the same queue as whatever else is spoken.

Of all grids only one cell is in the engine's queue at any time, and visitors take turns: whoever wants a sentence
waits for one cell at most, and no visitor for all of another's grid. What the owner has begun goes on when the server
starts; what others have, when they come back.
"""

import contextlib
import logging
import math
import threading
import time
from dataclasses import asdict
from typing import Any

import numpy as np

from engine import verdict
from engine.audio.encode import encode
from engine.audio.label import label
from engine.audio.loudness import lkfs
from engine.comparing.cells import Cell
from engine.comparing.store import Store, Turn
from engine.engine import Engine
from engine.errors import AudioError, Busy, UserError
from engine.listening.sounds import LOUDNESS, PEAK
from engine.message import as_told
from engine.request import SynthesisRequest, Voice
from engine.speech import Collector, Speech
from server.allowance import Limited
from server.errors import readable
from server.guests import Engines, OwnVoices, Voices
from server.made_voices import MadeVoices
from server.requests import Asked, Speak, read_request
from server.rights import Rights, Visitor
from server.takes import peaks
from server.watching import as_long_as_wanted

logger = logging.getLogger(__name__)

OWNER = Visitor(name="owner", owner=True)
PEAKS = 160
AGAIN_S = 1.0  # where the queue is full, or the disk
MOST_KNOWN = 1000


class GridWork:
    """Makes the cells that wait in ``store``, on a thread that begins with the first of them."""

    def __init__(self, store: Store, engines: Engines, voices: MadeVoices, rights: Rights) -> None:
        self._store, self._engines, self._voices, self._rights = store, engines, voices, rights
        self._known: dict[str, Visitor] = {OWNER.name: OWNER}
        # When each visitor and each grid had their last turn, and until when a visitor has to wait.
        self._served: dict[str, float] = {}
        self._resting: dict[str, float] = {}
        self._more, self._ending = threading.Event(), threading.Event()
        self._left = threading.Event()  # what is being made is not wanted any more
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self.now: tuple[str, int] | None = None  # the grid and the number of the cell that is being made

    def resume(self) -> None:
        """Go on with what the owner has begun, if there is any."""
        if self._store.is_begun:
            self.begin(OWNER)

    def begin(self, visitor: Visitor) -> None:
        """See to what waits in the grids of ``visitor``."""
        with self._lock:
            if visitor.name not in self._known and len(self._known) >= MOST_KNOWN:
                self._known = {OWNER.name: OWNER}
            self._known[visitor.name] = visitor
            if self._thread is None and not self._ending.is_set():
                self._thread = threading.Thread(target=self._work, name="grids", daemon=True)
                self._thread.start()
        self._more.set()

    def leave(self, grid: str, number: int | None = None) -> None:
        """Stop making a cell of this grid, or this one, if that is what is being made."""
        if self.now is not None and self.now[0] == grid and number in (None, self.now[1]):
            self._left.set()
        self._more.set()

    def close(self) -> None:
        """Make no more. What is being made waits for the next start."""
        self._ending.set()
        self._left.set()
        self._more.set()
        if self._thread is not None:
            self._thread.join(5)

    # -- on the thread --

    def _work(self) -> None:
        while not self._ending.is_set():
            self._more.clear()
            try:
                turn = self._next()
                if turn is not None:
                    self._take(turn)
                    continue
                wait_s = min((until - time.monotonic() for until in self._resting.values()), default=None)
            except Exception as error:  # noqa: BLE001 - the disk may be full for a while; others' grids go on
                logger.warning("grids wait: %s", readable(error).message)
                wait_s = AGAIN_S
            self._more.wait(None if wait_s is None else max(0.01, wait_s))

    def _next(self) -> Turn | None:
        now = time.monotonic()
        self._resting = {name: until for name, until in self._resting.items() if until > now}
        with self._lock:
            able = set(self._known) - set(self._resting)
        turns = self._store.turns(able)
        here = {name for turn in turns for name in (turn.owner, turn.grid)}
        self._served = {name: when for name, when in self._served.items() if name in here}
        return min(turns, key=self._since, default=None)

    def _since(self, turn: Turn) -> tuple[float, float]:
        return self._served.get(turn.owner, 0.0), self._served.get(turn.grid, 0.0)

    def _take(self, turn: Turn) -> None:
        self._served[turn.owner] = self._served[turn.grid] = time.monotonic()
        self._left.clear()
        self.now = (turn.grid, turn.cell.number)
        try:
            made = self._made(turn)
            if made is not None:
                self._store.finish(turn, *made)
        except Limited as error:
            self._resting[turn.owner] = time.monotonic() + error.wait_s
        except Busy:
            self._resting[turn.owner] = time.monotonic() + AGAIN_S
        except Exception as error:  # noqa: BLE001 - it is shown in the cell; `readable` logs the unforeseen
            problem = self._rights.told(readable(error).describe())
            self._store.finish(turn, {"problem": problem["error"]}, None)
        finally:
            self.now = None

    def _made(self, turn: Turn) -> tuple[dict[str, Any], bytes] | None:
        """What is known of the sound of a cell, and its file; None when it is not wanted any more."""
        with self._lock:
            visitor = self._known[turn.owner]
        engine = self._engines.of(visitor)
        asked = asked_of(engine, turn.cell.wanted, OwnVoices(self._voices, self._rights, visitor))
        speech = self._spoken(visitor, engine, asked.request)
        if speech is None:
            return None
        heard = self._verdict(engine, speech) if turn.checked else None
        if self._left.is_set() or self._ending.is_set():
            return None
        return facts(speech, heard), encode(speech.samples, speech.sample_rate, "flac", label(speech.request))

    def _spoken(self, visitor: Visitor, engine: Engine, request: SynthesisRequest) -> Speech | None:
        collector = Collector(request)
        going = self._rights.allowance.begin(visitor, request.text)
        with contextlib.closing(going.watch(collector.watch(engine.synthesize(request)))) as events:
            for _ in events:
                if self._left.is_set() or self._ending.is_set():
                    return None
        speech = collector.speech()
        if speech is None or not len(speech.samples):
            raise AudioError("there is no sound in this take")
        return speech

    def _verdict(self, engine: Engine, speech: Speech) -> dict[str, Any] | None:
        """What a recogniser makes of it; None where none can."""
        request = speech.request
        text = verdict.expected(engine.system(request.system), request, speech.rewritten)
        language = request.language.lower().replace("_", "-").partition("-")[0]
        try:
            work = verdict.judge(engine.hearing, text, speech.samples, speech.sample_rate, language)
            judged = as_long_as_wanted(work, self._left)
        except UserError:
            return None
        if judged is None:
            return None
        return {
            "errors": judged.comparison.errors,
            "total": judged.comparison.total,
            "by_character": judged.comparison.by_character,
            "heard": judged.transcript.text,
            "naturalness": judged.naturalness,
        }


def asked_of(engine: Engine, cell: Cell, voices: Voices) -> Asked:
    """What a cell asks for. Raises as `read_request` does, and VoiceError for a voice that nobody has."""
    who = cell.speaker
    speak = Speak(
        text=cell.text,
        system=who.system,
        model=who.model,
        voice=who.voice,
        made=who.made,
        language=who.language,
        seed=cell.seed,
        options=cell.options,
    )
    asked = read_request(engine, speak, voices)
    if who.voice:
        engine.check_voice(who.system, who.voice, asked.request.checkpoint)
    return asked


def facts(speech: Speech, heard: dict[str, Any] | None) -> dict[str, Any]:
    """What is known of a cell's sound: ``loudness`` in LKFS, None for what is too quiet to have one.

    ``level`` is how loud it can be heard beside others without being clipped.
    """
    voice = speech.request.voice
    loudness = lkfs(speech.samples, speech.sample_rate)
    highest = float(np.abs(speech.samples).max())
    loud = math.isfinite(loudness)
    return {
        "voice": voice.name if isinstance(voice, Voice) else voice,
        "sample_rate": speech.sample_rate,
        **asdict(speech.timings),
        "audio_s": speech.audio_s,
        "rtf": speech.rtf,
        "device": speech.device,
        "dtype": speech.dtype,
        "notices": [as_told(notice) for notice in speech.notices],
        "peaks": list(peaks(speech.samples, PEAKS)),
        "loudness": loudness if loud else None,
        "level": min(LOUDNESS, loudness + 20 * math.log10(PEAK / highest)) if loud else None,
        "verdict": heard,
    }
