"""Voices that visitors have made and not saved: in memory under random ids, so that knowing one is the right to it."""

import secrets
import threading
import time
from dataclasses import dataclass

from engine.request import Voice
from server.errors import RequestError


@dataclass(frozen=True, slots=True)
class _Made:
    voice: Voice
    bytes: int
    made: float


class MadeVoices:
    """Keeps up to ``limit`` voices, ``age_s`` seconds at most, within ``space`` bytes; the oldest go first."""

    def __init__(self, *, limit: int = 200, age_s: float = 86_400.0, space: int = 256 * 2**20) -> None:
        self._limit = limit
        self._age_s = age_s
        self._space = space
        self._voices: dict[str, _Made] = {}
        self._lock = threading.Lock()

    def keep(self, voice: Voice) -> str:
        """Keep ``voice``; returns its id."""
        size = sum(tensor.nbytes for tensor in voice.tensors.values())
        key = secrets.token_urlsafe(12)
        with self._lock:
            self._voices[key] = _Made(voice, size, time.time())
            self._evict()
        return key

    def get(self, system: str, id: str) -> Voice:  # noqa: A002
        """The voice of this id. Raises RequestError when there is none (any more), or it is another system's."""
        voice = self.find(id)
        if voice.system != system:
            raise _gone()
        return voice

    def find(self, id: str) -> Voice:  # noqa: A002
        """The voice of this id, of whatever system. Raises RequestError when there is none (any more)."""
        with self._lock:
            self._evict()
            found = self._voices.get(id)
        if found is None:
            raise _gone()
        return found.voice

    def delete(self, id: str) -> None:  # noqa: A002
        """Forget the voice of this id. Raises RequestError when there is none (any more)."""
        with self._lock:
            if self._voices.pop(id, None) is None:
                raise _gone()

    def __len__(self) -> int:
        return len(self._voices)

    def _evict(self) -> None:
        """Under the lock: drop what is too old, then the oldest until the rest is within bounds."""
        too_old = time.time() - self._age_s
        space = sum(kept.bytes for kept in self._voices.values())
        for key, kept in list(self._voices.items()):  # in the order of their making
            if kept.made > too_old and len(self._voices) <= self._limit and space <= self._space:
                return
            space -= kept.bytes
            del self._voices[key]


def _gone() -> RequestError:
    return RequestError("this voice is no longer kept; make it again, and save it to keep it for longer", 404)
