"""Small files of repositories as they are now, kept below the folder of models: good without a network, and cheap.

Each lies in `<models>/.catalogues/` under a name of ours. The hub is asked again after an hour, and sends nothing if
nothing has changed; while it does not answer, what is kept holds.
"""

import hashlib
import os
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from engine import atomic
from engine.errors import Corrupt, DownloadError, NotFound, Offline, SaveError
from engine.hub import Hub
from engine.message import Message
from engine.release import RemoteFile

T = TypeVar("T")

FOLDER = ".catalogues"
FRESH_S = 3600.0
# After a try that failed the hub is left alone for so long.
PAUSE_S = 15.0
MOST_FAILURES = 1000


@dataclass(frozen=True, slots=True)
class Document:
    """The bytes of a file; ``note`` says why they may be older than the hub's."""

    data: bytes
    note: Message | None = None


class Documents:
    """What a ``hub`` tells, kept below the ``folder`` of models where there is one; any number of threads may ask."""

    def __init__(self, folder: Path | None, hub: Hub | None) -> None:
        self._folder = folder and folder / FOLDER
        self._hub = hub
        self._failed: dict[str, tuple[float, DownloadError]] = {}
        self._lock = threading.Lock()

    def read(
        self,
        repo: str,
        revision: str,
        path: str,
        most_bytes: int,
        *,
        check: Callable[[bytes], object] = lambda _: None,
    ) -> Document:
        """A file of a repository as it was at most an hour ago, or else as it was last.

        What ``check`` raises Corrupt for is not kept. Raises DownloadError where nothing is kept, either, and NotFound
        for what is gone.
        """
        key = hashlib.sha256(f"{repo}@{revision}:{path}".encode()).hexdigest()
        place = self._folder and self._folder / key
        kept, age_s = _kept(place, most_bytes, check)
        if kept is not None and age_s < FRESH_S:
            return Document(kept)

        def ask(hub: Hub) -> bytes | None:
            data = hub.document(repo, revision, path, most_bytes=most_bytes, known=kept)
            if data is not None:
                check(data)
            return data

        try:
            data = self._asked(key, ask)
        except NotFound:
            raise
        except DownloadError as error:
            if kept is None:
                raise
            day = time.strftime("%Y-%m-%d", time.gmtime(time.time() - age_s))
            note = Message(
                "{path} of {repo} is as it was on {day} ({reason})", path=path, repo=repo, day=day, reason=error
            )
            return Document(kept, note)
        if data is None:
            assert kept is not None
            _touch(place)
            return Document(kept)
        _keep(place, data)
        return Document(data)

    def files(self, repo: str, revision: str, folder: str) -> tuple[RemoteFile, ...]:
        """What lies in a folder of a repository. Raises DownloadError."""
        return self._asked(f"{repo}@{revision}:{folder}/", lambda hub: hub.files(repo, revision, folder))

    def _asked(self, key: str, ask: Callable[[Hub], T]) -> T:
        """What the hub answers, or what went wrong a moment ago. Raises DownloadError."""
        if self._hub is None:
            raise Offline("this library has no hub; start it with one, or bring a model of your own")
        with self._lock:
            moment, failure = self._failed.get(key, (0.0, None))
        if failure and time.monotonic() - moment < PAUSE_S:
            raise failure
        try:
            found = ask(self._hub)
        except DownloadError as error:
            with self._lock:
                if len(self._failed) >= MOST_FAILURES:
                    self._failed.clear()
                self._failed[key] = time.monotonic(), error
            raise
        with self._lock:
            self._failed.pop(key, None)
        return found


def _kept(place: Path | None, most_bytes: int, check: Callable[[bytes], object]) -> tuple[bytes | None, float]:
    """What is kept and sound, and how many seconds ago it was asked for."""
    with suppress(OSError, Corrupt):
        if place is not None and place.stat().st_size <= most_bytes:
            data = place.read_bytes()
            check(data)
            return data, max(0.0, time.time() - place.stat().st_mtime)
    return None, 0.0


def _keep(place: Path | None, data: bytes) -> None:
    """Keep it where that is possible; where not, it is asked for every time."""
    if place is not None:
        with suppress(OSError, SaveError):
            place.parent.mkdir(parents=True, exist_ok=True)
            atomic.write(place, data)


def _touch(place: Path | None) -> None:
    if place is not None:
        with suppress(OSError):
            os.utime(place)
