"""Files that visitors send: announced, received one by one beside the models, then taken to be imported."""

import contextlib
import secrets
import threading
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from engine.errors import SaveError
from engine.file_names import portable
from engine.message import why
from engine.owned import owned, sweep
from server.errors import RequestError

STALE_S = 86_400.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Upload:
    """Files on their way: the checkpoint ``id`` that they are for, their folder, and the places that were announced."""

    key: str
    id: str
    folder: Path
    places: frozenset[str]
    kept: contextlib.ExitStack

    def remove(self) -> None:
        """Delete what has arrived."""
        self.kept.close()


class Uploads:
    """Up to ``limit`` uploads below ``folder``, which need not exist yet; one more takes the place of the oldest.

    Without a folder nothing can be sent. What a server that was killed has left behind is removed; where nothing tells
    whether its server lives, once it is ``stale_s`` seconds old.
    """

    def __init__(self, folder: Path | None, *, limit: int = 8, stale_s: float = STALE_S) -> None:
        self._folder = folder
        self._limit = limit
        self._uploads: dict[str, Upload] = {}  # in the order of their announcement
        self._lock = threading.Lock()
        if folder:
            sweep(folder, "*", orphan_s=stale_s)

    def announce(self, id: str, name: str, places: Collection[str]) -> Upload:  # noqa: A002
        """A folder, called after the visitor's ``name`` for the files, that takes files at ``places``.

        Raises SaveError when there is no folder for models, or it takes nothing.
        """
        if self._folder is None:
            raise SaveError("there is no folder to keep models in; name one with --models-dir")
        key = secrets.token_urlsafe(12)
        kept = contextlib.ExitStack()
        try:
            folder = kept.enter_context(owned(self._folder / key)) / _plain(name)
            folder.mkdir()
        except OSError as error:
            kept.close()
            raise SaveError(
                "{folder} cannot be written ({reason}); start with another --models-dir",
                folder=self._folder,
                reason=why(error),
            ) from error
        upload = Upload(key=key, id=id, folder=folder, places=frozenset(places), kept=kept)
        with self._lock:
            self._uploads[key] = upload
            oldest = [self._uploads.pop(old) for old in list(self._uploads)[: -self._limit]]
        for gone in oldest:
            gone.remove()
        return upload

    def get(self, key: str) -> Upload:
        """The upload that was announced under ``key``. Raises RequestError when there is none (any more)."""
        with self._lock:
            return self._known(key)

    def take(self, key: str) -> Upload:
        """The same, and nothing more is received for it: its files are the caller's to remove. Raises RequestError."""
        with self._lock:
            upload = self._known(key)
            del self._uploads[key]
        return upload

    def close(self) -> None:
        """Delete everything that has not been taken."""
        with self._lock:
            left = list(self._uploads.values())
            self._uploads.clear()
        for upload in left:
            upload.remove()

    def _known(self, key: str) -> Upload:
        if key not in self._uploads:
            raise RequestError("there is no such upload", 404)
        return self._uploads[key]


def _plain(name: str) -> str:
    """A visitor's name for their files as one for a folder."""
    plain = "".join(c if c.isascii() and (c.isalnum() or c in "-.+") else "-" for c in name[:200]).strip("-.")
    return portable(plain, "mine", most=60)
