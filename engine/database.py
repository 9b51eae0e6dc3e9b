"""A file of SQLite that survives a kill at any moment, and that newer versions of the studio add tables to.

What is written is on the disk when it is acknowledged: a write-ahead log, synchronised at each commit.
"""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path

from engine.errors import ConfigError, SaveError
from engine.message import why

_WAIT_S = 10.0


class Database:
    """The file at ``path``, which need not exist yet; None keeps nothing.

    ``versions`` are the statements of what each version of the file has more than the one before; the number of the
    last is the file's user_version.
    """

    def __init__(self, path: Path | None, versions: Sequence[str]) -> None:
        self.path = path
        self._versions = versions

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """The file, with the tables of now.

        Raises SaveError (no place, or the disk refuses) and ConfigError (a file that is none of ours).
        """
        if self.path is None:
            raise SaveError("there is no folder to keep this in; name one with --models-dir")
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with closing(sqlite3.connect(self.path, timeout=_WAIT_S, isolation_level=None)) as base:
                base.execute("PRAGMA foreign_keys = ON")
                base.execute("PRAGMA synchronous = FULL")
                self._upgrade(base)
                yield base
        except OSError as error:
            raise SaveError("{path} cannot be written: {reason}", path=self.path, reason=why(error)) from error
        except sqlite3.OperationalError as error:
            raise SaveError("{path} cannot be written: {reason}", path=self.path, reason=error) from error
        except sqlite3.DatabaseError as error:
            raise ConfigError("{path} is no file of this studio, or damaged; move it away", path=self.path) from error

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """The file for the body to change; nobody else does meanwhile, and all of it stays or nothing.

        Raises as `reading` does.
        """
        with self.reading() as base:
            base.execute("BEGIN IMMEDIATE")
            try:
                yield base
            except BaseException:
                base.execute("ROLLBACK")
                raise
            base.execute("COMMIT")

    def _upgrade(self, base: sqlite3.Connection) -> None:
        if (found := _version(base)) == len(self._versions):
            return
        if found > len(self._versions):
            raise ConfigError(
                "{path} was written by a newer version of the studio; update this one, or move the file away",
                path=self.path,
            )
        base.execute("PRAGMA journal_mode = WAL")
        base.execute("BEGIN IMMEDIATE")
        # Another process may have been here first.
        for statements in self._versions[_version(base) :]:
            for statement in statements.split(";")[:-1]:
                base.execute(statement)
        base.execute(f"PRAGMA user_version = {len(self._versions)}")
        base.execute("COMMIT")


def _version(base: sqlite3.Connection) -> int:
    return int(base.execute("PRAGMA user_version").fetchone()[0])
