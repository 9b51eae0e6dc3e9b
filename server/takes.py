"""Takes: finished results. The samples of each lie in a private folder; files are made in the background or when asked
for, pictures when asked for.

The store keeps a bounded number of takes for a bounded time and within a bounded space; the oldest go first. Ids are
random, so that knowing one is the right to it.
"""

import dataclasses
import errno
import os
import secrets
import sys
import threading
import time
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from queue import SimpleQueue
from typing import Any, Literal

import numpy as np

from engine import atomic
from engine.audio.encode import FORMATS, encode
from engine.audio.label import label
from engine.audio.picture import mel_png
from engine.errors import SaveError
from engine.events import Rewritten, SpokenWord, Tried
from engine.file_names import portable
from engine.message import Message, why
from engine.options import values
from engine.speech import Speech, Timings
from server.errors import RequestError
from server.requests import Asked

PEAKS = 480
# What takes seconds for a minute of sound.
COMPRESSED = ("mp3", "ogg", "opus")
LONGEST_NAME = 40

# How far a file is that is made in the background.
Encoded = Literal["encoding", "ready", "failed"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Take:
    """One result: what was asked, what is known of the sound, and its waveform as ``PEAKS`` maxima in 0..100."""

    id: str
    asked: Asked
    sample_rate: int
    timings: Timings
    audio_s: float
    rtf: float
    device: str
    dtype: str
    stopped: bool
    notices: tuple[str, ...]
    rewritten: Rewritten | None
    tried: Tried | None
    words: tuple[SpokenWord, ...]
    peaks: tuple[int, ...]
    made: float

    @property
    def voice(self) -> str:
        """What to call the voice: its name, or the beginning of a long string that stands for it."""
        voice = self.asked.request.voice
        name = voice if isinstance(voice, str) else voice.name
        return name if len(name) <= LONGEST_NAME else f"{name[:10]}…"

    @property
    def stem(self) -> str:
        """A file name without ending that says which take this is, in letters of any language."""
        request = self.asked.request
        words = "".join(c if unicodedata.category(c)[0] in "LN" else " " for c in request.text[:60]).split()
        voice = "".join(c for c in self.voice if c.isalnum())[:20]
        named = portable("-".join(part for part in (request.system, voice, *words[:5]) if part), "take", most=120)
        return f"{named}-{request.seed}"

    @property
    def size(self) -> int:
        """The bytes of its samples."""
        return 4 * round(self.audio_s * self.sample_rate)

    def describe(self) -> dict[str, Any]:
        """The take as plain data for the page; ``form`` is what restores it."""
        request = self.asked.request
        return {
            "id": self.id,
            "form": {
                "text": request.text,
                "system": request.system,
                "model": self.asked.model,
                "voice": request.voice if isinstance(request.voice, str) else "",
                "made": self.asked.made,
                "language": request.language,
                "seed": request.seed,
                "tries": request.tries,
                "options": values(request.options),
            },
            "voice": self.voice,
            "rewritten": self.rewritten and {"text": self.rewritten.text, "options": dict(self.rewritten.options)},
            "tried": self.tried and dataclasses.asdict(self.tried),
            "sample_rate": self.sample_rate,
            **dataclasses.asdict(self.timings),
            "audio_s": self.audio_s,
            "rtf": self.rtf,
            "device": self.device,
            "dtype": self.dtype,
            "stopped": self.stopped,
            "notices": [{"message": notice, **Message(notice).describe()} for notice in self.notices],
            "peaks": list(self.peaks),
            "files": {ending: f"studio/takes/{self.id}.{ending}" for ending in FORMATS},
            "picture": f"studio/takes/{self.id}.png",
        }


class Takes:
    """Keeps up to ``limit`` takes, ``age_s`` at most, within ``space`` bytes of samples, under ``folder``."""

    def __init__(self, folder: Path, *, limit: int = 100, age_s: float = 86_400.0, space: int = 2 * 2**30) -> None:
        self._folder = folder
        self._limit = limit
        self._age_s = age_s
        self._space = space
        self._takes: dict[str, Take] = {}
        self._lock = threading.Lock()
        # One for each file of each take, by ending, so that one that takes long to encode holds up no other.
        self._rendering: dict[str, dict[str, threading.Lock]] = {}
        # The endings of what could not be made, for each take.
        self._failed: dict[str, set[str]] = {}
        self._finished: SimpleQueue[Take | None] = SimpleQueue()
        self._make_folder()
        threading.Thread(target=self._encode_finished, name="encoding", daemon=True).start()

    def keep(self, asked: Asked, speech: Speech) -> Take | None:
        """Keep what came of it; None when there was no sound. Raises SaveError when the disk does not hold it."""
        if speech.samples.size == 0:
            return None
        take = Take(
            id=secrets.token_urlsafe(12),
            asked=asked,
            sample_rate=speech.sample_rate,
            timings=speech.timings,
            audio_s=speech.audio_s,
            rtf=speech.rtf,
            device=speech.device,
            dtype=speech.dtype,
            stopped=speech.stopped,
            notices=speech.notices,
            rewritten=speech.rewritten,
            tried=speech.tried,
            words=speech.words,
            peaks=peaks(speech.samples),
            made=time.time(),
        )
        with self._lock:
            self._evict(room=1)
            try:
                self._make_folder()  # somebody, or something that tidies up, may have removed it
            except OSError as error:
                raise SaveError(
                    "{folder} cannot be written ({reason}); start the studio again",
                    folder=self._folder,
                    reason=why(error),
                ) from error
            atomic.write(self._path(take.id, "f32"), speech.samples.astype("<f4").tobytes())
            self._takes[take.id] = take
            self._rendering[take.id] = {}
        self._finished.put(take)
        return take

    def get(self, take: str) -> Take | None:
        """The take of this id, or None when there is none (any more)."""
        with self._lock:
            self._evict(room=0)
            found = self._takes.get(take)
            return found if found and self._path(take, "f32").is_file() else None

    def file(self, take: Take, ending: str) -> Path:
        """The take as an audio file, labelled with what made it.

        Raises SaveError when the disk does not hold it, RequestError when the take goes meanwhile.
        """
        return self._made(
            take, ending, lambda samples: encode(samples, take.sample_rate, ending, label(take.asked.request))
        )

    def samples(self, take: Take) -> np.ndarray:
        """The take's mono samples (n,). Raises RequestError when the take goes meanwhile."""
        try:
            return np.fromfile(self._path(take.id, "f32"), dtype="<f4")
        except FileNotFoundError:
            raise _gone() from None

    def picture(self, take: Take) -> Path:
        """The take's mel spectrogram as a PNG file. Raises as `file` does."""
        return self._made(take, "png", lambda samples: mel_png(samples, take.sample_rate))

    def encoded(self, take: Take) -> dict[str, Encoded]:
        """How far each file is, by its ending; those that take no time are made when they are asked for."""
        failed = self._failed.get(take.id, set())

        def state(ending: str) -> Encoded:
            if ending not in COMPRESSED or self._path(take.id, ending).exists():
                return "ready"
            return "failed" if ending in failed else "encoding"

        return {ending: state(ending) for ending in FORMATS}

    def delete(self, take: str) -> bool:
        """Forget the take of this id, and every file of it; False when there is none (any more)."""
        with self._lock:
            found = take in self._takes
            if found:
                self._drop(take)
        return found

    def close(self) -> None:
        """Encode nothing more in the background."""
        self._finished.put(None)

    def _encode_finished(self) -> None:
        """On a thread: the files that take long, before somebody asks for them."""
        _give_way()
        while (take := self._finished.get()) is not None:
            for ending in COMPRESSED:
                if take.id not in self._takes:
                    break
                try:
                    self.file(take, ending)
                except Exception:  # noqa: BLE001 - other takes follow; whoever asks for the file is told what is wrong
                    self._failed.setdefault(take.id, set()).add(ending)
            if take.id not in self._takes:
                self._failed.pop(take.id, None)

    def _made(self, take: Take, ending: str, make: Callable[[np.ndarray], bytes]) -> Path:
        """The file of this ending, made of the samples unless it is there."""
        path = self._path(take.id, ending)
        with self._lock_of(take, ending):
            if not path.exists():
                atomic.write(path, make(self.samples(take)))
                # It may have been deleted meanwhile, and its other files with it.
                if take.id not in self._takes:
                    path.unlink(missing_ok=True)
                    raise _gone()
        return path

    def _lock_of(self, take: Take, ending: str) -> threading.Lock:
        with self._lock:
            return self._rendering.get(take.id, {}).setdefault(ending, threading.Lock())

    def __len__(self) -> int:
        return len(self._takes)

    def _make_folder(self) -> None:
        """Make the folder, and the one that it is in, for nobody else to read. Raises OSError."""
        self._folder.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._folder.mkdir(mode=0o700, exist_ok=True)
        if hasattr(os, "getuid") and self._folder.stat().st_uid != os.getuid():
            raise PermissionError(errno.EPERM, "it is somebody else's", str(self._folder))

    def _path(self, take: str, ending: str) -> Path:
        return self._folder / f"{take}.{ending}"

    def _evict(self, *, room: int) -> None:
        """Under the lock: drop what is too old, then the oldest until ``room`` more fit."""
        too_old = time.time() - self._age_s
        kept = sorted(self._takes.values(), key=lambda take: take.made)
        space = sum(take.size for take in kept)
        while kept and (kept[0].made < too_old or len(kept) + room > self._limit or space > self._space):
            take = kept.pop(0)
            space -= take.size
            self._drop(take.id)

    def _drop(self, take: str) -> None:
        """Under the lock: one that is kept goes, with its files."""
        del self._takes[take]
        self._rendering.pop(take, None)
        self._failed.pop(take, None)
        for path in self._folder.glob(f"{take}.*"):
            path.unlink(missing_ok=True)


def _gone() -> RequestError:
    return RequestError("there is no such take; results are kept for a day", 404)


def _give_way() -> None:
    """Let the thread that calls this compute only while no other has something to say."""
    if sys.platform == "linux":
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), 15)


def peaks(samples: np.ndarray, count: int = PEAKS) -> tuple[int, ...]:
    """The largest absolute value of each of up to ``count`` equal stretches, as percent of full scale."""
    if samples.size == 0:
        return ()
    starts = np.linspace(0, samples.size, min(count, samples.size), endpoint=False).astype(int)
    return tuple(int(peak) for peak in np.clip(np.maximum.reduceat(np.abs(samples), starts) * 100, 0, 100).round())
