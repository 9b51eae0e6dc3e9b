"""What earlier downloads learned: which sha256 a published file has, and which files here were found to have it."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from filelock import FileLock

from engine import atomic
from engine.errors import ConfigError, SaveError

_LOCK_S = 20.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """A published file as it was when it was first downloaded: the sha256 of its bytes, and how many they are."""

    sha256: str
    size: int


class Ledger:
    """A JSON file, or with ``path=None`` only memory. Several processes may use one file at a time.

    ``files`` are the records by repository, revision and path; ``found`` are files of this machine by their path, with
    the size and modification time that they had when their sha256 was computed.
    """

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._memory: dict[str, dict[str, Any]] = {}

    def record(self, repo: str, revision: str, path: str) -> Record | None:
        """What is known of a published file."""
        entry = self._read()["files"].get(_key(repo, revision, path))
        return Record(sha256=entry["sha256"], size=entry["size"]) if entry else None

    def learn(self, repo: str, revision: str, path: str, record: Record) -> None:
        """Hold every later download to this one."""
        entry = {"sha256": record.sha256, "size": record.size}
        self._change(lambda book: book["files"].__setitem__(_key(repo, revision, path), entry))

    def forget(self, repo: str, revision: str) -> None:
        """Whatever this revision now has counts as new: for branches, which move."""
        start = _key(repo, revision, "")
        self._change(lambda book: [book["files"].pop(key) for key in list(book["files"]) if key.startswith(start)])

    def sha256_of(self, target: Path) -> str | None:
        """The sha256 of a file here, where it was computed before and the file was not touched since."""
        entry = self._read()["found"].get(str(target.absolute()))
        return entry["sha256"] if entry and entry == {"sha256": entry["sha256"], **_stamp(target)} else None

    def saw(self, target: Path, sha256: str | None) -> None:
        """Remember the sha256 of a file here, or with None that it has to be computed."""
        key, entry = str(target.absolute()), {"sha256": sha256, **_stamp(target)} if sha256 else None

        def change(book: dict[str, Any]) -> None:
            book["found"].pop(key, None)
            if entry:
                book["found"][key] = entry

        self._change(change)

    def _read(self) -> dict[str, dict[str, Any]]:
        text = None
        if self._path is not None and self._path.exists():
            try:
                text = self._path.read_text(encoding="utf-8")
            except (OSError, UnicodeDecodeError) as error:
                raise ConfigError(
                    "{path} cannot be read: {error}; mend or delete it", path=self._path, error=error
                ) from error
        try:
            book = json.loads(text) if text is not None else dict(self._memory)
            book = {name: book.get(name, {}) for name in ("files", "found")}
            if all(_is_table(table) for table in book.values()):
                return book
        except (ValueError, AttributeError) as error:
            raise ConfigError(
                "{path} is damaged; delete it, and the next downloads write it anew", path=self._path
            ) from error
        raise ConfigError("{path} is damaged; delete it, and the next downloads write it anew", path=self._path)

    def _change(self, change: Callable[[dict[str, Any]], object]) -> None:
        if self._path is None:
            self._memory = self._read()
            change(self._memory)
            return
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            with FileLock(self._path.with_name(f".{self._path.name}.lock"), timeout=_LOCK_S):
                book = self._read()
                change(book)
                text = json.dumps(book, indent=1, sort_keys=True) + "\n"
                atomic.write(self._path, text.encode("utf-8"))
        except OSError as error:
            raise SaveError(
                "{path} cannot be written: {error}; choose another folder", path=self._path, error=error
            ) from error


def _key(repo: str, revision: str, path: str) -> str:
    return f"{repo}@{revision}:{path}"


def _stamp(target: Path) -> Mapping[str, int]:
    try:
        state = target.stat()
    except OSError:
        return {}
    return {"size": state.st_size, "mtime_ns": state.st_mtime_ns}


def _is_table(table: object) -> bool:
    return isinstance(table, dict) and all(
        isinstance(entry, dict) and isinstance(entry.get("sha256"), str) and isinstance(entry.get("size"), int)
        for entry in table.values()
    )
