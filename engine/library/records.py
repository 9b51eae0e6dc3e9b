"""What the library remembers between runs: accepted terms, last uses, where folders came from, what they are, and sums.

It is one small JSON file in the folder of models. A file that is damaged counts as empty: then terms are asked for
again, and nothing else is lost.
"""

import contextlib
import json
import threading
import time
from collections.abc import Mapping
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from filelock import FileLock

from engine import atomic
from engine.errors import SaveError
from engine.message import why
from engine.release import Merits, Release, RemoteFile, Terms

FRESH_S = 60.0


class Records:
    """The file ``.library.json`` of a folder. Threads and processes may write at once."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / ".library.json"
        self._noted: dict[str, float] = {}
        self._lock = threading.Lock()

    def accepted(self, id: str, terms: str) -> bool:  # noqa: A002
        """Whether the terms of this name were accepted for a checkpoint."""
        return self._section("accepted").get(id) == terms

    def accept(self, id: str, terms: str) -> None:  # noqa: A002
        """Remember that they were. Raises SaveError."""
        self._put("accepted", id, terms)

    def last_used(self, id: str) -> float:  # noqa: A002
        """When a checkpoint was last used, in seconds of the epoch; 0 for never."""
        moment = self._section("used").get(id, 0)
        return float(moment) if isinstance(moment, int | float) else 0.0

    def note_use(self, id: str) -> None:  # noqa: A002
        """Remember that a checkpoint is used now, to the minute. Where nothing can be written, nothing is."""
        now = time.time()
        if now - self._noted.get(id, 0.0) < FRESH_S or not self._path.parent.is_dir():
            return
        self._noted[id] = now
        with contextlib.suppress(SaveError):
            self._put("used", id, round(now))

    def origin(self, id: str) -> tuple[str, str, tuple[RemoteFile, ...]] | None:  # noqa: A002
        """The repository, the revision and the files that a folder was downloaded from; None for any other folder."""
        kept: Any = self._section("origins").get(id)
        try:
            files = tuple(RemoteFile(**file) for file in kept["files"])
            return str(kept["repo"]), str(kept["revision"]), files
        except (TypeError, KeyError):
            return None

    def keep_origin(self, id: str, repo: str, revision: str, files: tuple[RemoteFile, ...]) -> None:  # noqa: A002
        """Remember where a folder comes from. Raises SaveError."""
        plain = [{"path": file.path, "size": file.size, "sha256": file.sha256} for file in files]
        self._put("origins", id, {"repo": repo, "revision": revision, "files": plain})

    def release(self, id: str) -> Release | None:  # noqa: A002
        """The release of a catalogue that a folder was downloaded as; None for any other folder."""
        kept: Any = self._section("releases").get(id)
        try:
            return Release(
                name=str(kept["name"]),
                title=str(kept["title"]),
                repo=str(kept["repo"]),
                revision=str(kept["revision"]),
                files=tuple(RemoteFile(**file) for file in kept["files"]),
                languages=tuple(map(str, kept["languages"])),
                terms=Terms(**kept["terms"]),
                source=str(kept["source"]),
                checkpoint=str(kept["checkpoint"]),
                merits={str(language): Merits(**each) for language, each in kept["merits"].items()},
            )
        except (TypeError, KeyError, AttributeError, ValueError):
            return None

    def keep_release(self, id: str, release: Release) -> None:  # noqa: A002
        """Remember what is downloaded into a folder, and under which terms. Raises SaveError."""
        plain = asdict(replace(release, companions={}))
        self._put("releases", id, plain)

    def sums(self, id: str) -> dict[str, str]:  # noqa: A002
        """The sha256 of each file of a checkpoint when it was brought; empty for any other."""
        kept = self._section("sums").get(id)
        return {str(place): str(sha256) for place, sha256 in kept.items()} if isinstance(kept, dict) else {}

    def keep_sums(self, id: str, sums: Mapping[str, str]) -> None:  # noqa: A002
        """Remember them. Raises SaveError."""
        self._put("sums", id, dict(sums))

    def forget(self, id: str) -> None:  # noqa: A002
        """Forget where a folder came from, what it is, its sums and its last use; what was accepted stays so.

        Raises SaveError.
        """
        with self._changing() as sections:
            for name in ("used", "origins", "releases", "sums"):
                sections.get(name, {}).pop(id, None)
        self._noted.pop(id, None)

    def _section(self, name: str) -> dict[str, Any]:
        section = self._read().get(name)
        return section if isinstance(section, dict) else {}

    def _read(self) -> dict[str, Any]:
        try:
            content = json.loads(self._path.read_text("utf-8"))
        except (OSError, ValueError):
            return {}
        return content if isinstance(content, dict) else {}

    def _put(self, section: str, id: str, value: Any) -> None:  # noqa: A002
        with self._changing() as sections:
            if not isinstance(sections.get(section), dict):
                sections[section] = {}
            sections[section][id] = value

    @contextlib.contextmanager
    def _changing(self) -> Any:
        """The whole content, for the body to change; written when it is done."""
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            with self._lock, FileLock(self._path.with_suffix(".lock"), timeout=10):
                sections = self._read()
                yield sections
                atomic.write(self._path, json.dumps(sections, indent=1, sort_keys=True).encode())
        except OSError as error:
            raise SaveError("{path} cannot be written: {strerror}", path=self._path, strerror=why(error)) from error
