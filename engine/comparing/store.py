"""Grids in one file of SQLite: each with its owner's name, its cells, and the sounds that are made of them one by one.

A cell waits, and then it is done or failed. What is done is on the disk (`engine.database`), so that a grid goes on
where it was, whatever was killed. Every change has the grid's next revision, by which a page asks for what is new.
"""

import json
import secrets
import sqlite3
import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal, cast

from engine.comparing.cells import SEEDS, Cell, Speaker
from engine.database import Database
from engine.errors import OptionError

FILE = "grids.sqlite3"
MOST_GRIDS, MOST_BYTES = 20, 256 * 2**20  # of one owner; of the sounds of a grid
LONGEST_TITLE = 200
State = Literal["waiting", "done", "failed"]
_VERSIONS = (
    """
    CREATE TABLE grid (id TEXT PRIMARY KEY, owner TEXT NOT NULL, title TEXT NOT NULL, made REAL NOT NULL,
        checked INTEGER NOT NULL, paused INTEGER NOT NULL, revision INTEGER NOT NULL) STRICT;
    CREATE TABLE cell (grid TEXT NOT NULL REFERENCES grid ON DELETE CASCADE, number INTEGER NOT NULL,
        wanted TEXT NOT NULL, state TEXT NOT NULL, starred INTEGER NOT NULL, revision INTEGER NOT NULL,
        content TEXT NOT NULL, flac BLOB, PRIMARY KEY (grid, number)) STRICT;
    CREATE INDEX waiting ON cell (grid, number) WHERE state = 'waiting';
    """,
)


class Unknown(OptionError):
    """The owner has no grid of this id, or it has no such cell (any more)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Grid:
    """A grid and how far it is. ``made`` is in seconds, UTC; with ``checked`` a recogniser hears each sound."""

    id: str
    title: str
    made: float
    checked: bool
    paused: bool
    revision: int
    cells: int
    waiting: int
    failed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """A cell of a grid. ``content`` is what is known of its sound, or, of one that failed, its problem."""

    number: int
    wanted: Cell
    state: State
    starred: bool
    revision: int
    content: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """The next cell of a grid that waits."""

    owner: str
    grid: str
    checked: bool
    cell: Kept


class Store:
    """The grids in the file at ``path``, which need not exist yet; None keeps none. Methods raise as `Database` does.

    ``owner`` is the name of who made a grid: nobody else finds it.
    """

    def __init__(self, path: Path | None) -> None:
        self._file = Database(path, _VERSIONS)

    @property
    def is_begun(self) -> bool:
        """Whether there is a file at all."""
        return self._file.path is not None and self._file.path.exists()

    def create(self, owner: str, title: str, cells: Sequence[Cell], *, checked: bool = False) -> Grid:
        """Keep a grid whose cells all wait. Raises OptionError when that is too much."""
        title = " ".join(title.encode("utf-8", "ignore").decode().split())
        if not 1 <= len(title) <= LONGEST_TITLE:
            raise OptionError("a grid needs a title of 1 to {most} characters", most=LONGEST_TITLE)
        id = secrets.token_urlsafe(16)  # noqa: A001
        with self._file.writing() as base:
            if base.execute("SELECT count(*) FROM grid WHERE owner = ?", (owner,)).fetchone()[0] >= MOST_GRIDS:
                raise OptionError("there are {most} grids already; delete one first", most=MOST_GRIDS)
            base.execute("INSERT INTO grid VALUES (?, ?, ?, ?, ?, 0, 1)", (id, owner, title, time.time(), checked))
            rows = ((id, number, json.dumps(asdict(cell))) for number, cell in enumerate(cells))
            base.executemany("INSERT INTO cell VALUES (?, ?, ?, 'waiting', 0, 1, '{}', NULL)", rows)
            return _grid(base, owner, id)

    def all(self, owner: str) -> list[Grid]:
        """Every grid of ``owner``, the newest first."""
        with self._file.reading() as base:
            ids = base.execute("SELECT id FROM grid WHERE owner = ? ORDER BY made DESC", (owner,)).fetchall()
            return [_grid(base, owner, id) for (id,) in ids]  # noqa: A001

    def grid(self, owner: str, id: str) -> Grid:  # noqa: A002
        """The grid of this id. Raises Unknown."""
        with self._file.reading() as base:
            return _grid(base, owner, id)

    def cells(self, owner: str, id: str, *, since: int = 0) -> list[Kept]:  # noqa: A002
        """Those of a grid's cells that have changed after the revision ``since``. Raises Unknown."""
        with self._file.reading() as base:
            _grid(base, owner, id)
            asked = f"SELECT {_CELL} FROM cell WHERE grid = ? AND revision > ? ORDER BY number"
            return [_kept(row) for row in base.execute(asked, (id, since))]

    def cell(self, owner: str, id: str, number: int) -> Kept:  # noqa: A002
        """One cell. Raises Unknown."""
        with self._file.reading() as base:
            return _cell(base, owner, id, number)

    def sound(self, owner: str, id: str, number: int) -> tuple[Kept, bytes]:  # noqa: A002
        """A cell that is done, and its FLAC file. Raises Unknown."""
        with self._file.reading() as base:
            kept = _cell(base, owner, id, number)
            asked = "SELECT flac FROM cell WHERE grid = ? AND number = ? AND state = 'done'"
            return kept, bytes(_only(base.execute(asked, (id, number)))[0])

    def delete(self, owner: str, id: str) -> None:  # noqa: A002
        """Forget a grid with its sounds. Raises Unknown."""
        with self._file.writing() as base:
            _grid(base, owner, id)
            base.execute("DELETE FROM grid WHERE id = ?", (id,))

    def pause(self, owner: str, id: str, *, paused: bool) -> Grid:  # noqa: A002
        """Make no more of a grid for now, or go on. Raises Unknown."""
        with self._changing(owner, id) as (base, _):
            base.execute("UPDATE grid SET paused = ? WHERE id = ?", (paused, id))
            return _grid(base, owner, id)

    def star(self, owner: str, id: str, number: int, *, starred: bool) -> Kept:  # noqa: A002
        """Mark a cell, or take the mark away. Raises Unknown."""
        with self._changing(owner, id) as (base, revision):
            change = "UPDATE cell SET starred = ?, revision = ? WHERE grid = ? AND number = ?"
            base.execute(change, (starred, revision, id, number))
            return _cell(base, owner, id, number)

    def redo(self, owner: str, id: str, number: int) -> Kept:  # noqa: A002
        """Let a cell be made anew with the next seed. Raises Unknown.

        One that failed is tried with the seed that it had: nothing came of it yet.
        """
        with self._changing(owner, id) as (base, revision):
            kept = _cell(base, owner, id, number)
            if kept.state == "waiting":
                return kept
            wanted = asdict(kept.wanted)
            wanted["seed"] = (wanted["seed"] + (kept.state == "done")) % SEEDS
            change = """UPDATE cell SET wanted = ?, state = 'waiting', content = '{}', flac = NULL, revision = ?
                WHERE grid = ? AND number = ?"""
            base.execute(change, (json.dumps(wanted), revision, id, number))
            return _cell(base, owner, id, number)

    # -- the work --

    def turns(self, owners: Collection[str]) -> list[Turn]:
        """The next cell of each grid of ``owners`` that is not paused, the oldest grid first."""
        asked = f"""SELECT owner, id, checked, {_CELL} FROM grid JOIN cell ON cell.grid = grid.id
            WHERE NOT paused AND number = (SELECT min(number) FROM cell WHERE grid = id AND state = 'waiting')
            ORDER BY made"""
        with self._file.reading() as base:
            found = base.execute(asked).fetchall()
        return [
            Turn(owner=owner, grid=grid, checked=bool(checked), cell=_kept(row))
            for owner, grid, checked, *row in found
            if owner in owners
        ]

    def finish(self, turn: Turn, content: Mapping[str, Any], flac: bytes | None) -> None:
        """Keep what came of a cell: what is known of its sound, or, without one, why there is none.

        A grid that was deleted meanwhile stays so, as does a cell that is to have another seed by now.
        """
        with self._file.writing() as base:
            used = base.execute("SELECT sum(length(flac)) FROM cell WHERE grid = ?", (turn.grid,)).fetchone()[0] or 0
            if flac and used + len(flac) > MOST_BYTES:
                raise OptionError("the sounds of a grid may have {most} MB; make several", most=MOST_BYTES // 2**20)
            base.execute("UPDATE grid SET revision = revision + 1 WHERE id = ?", (turn.grid,))
            change = """UPDATE cell SET state = ?, content = ?, flac = ?,
                revision = (SELECT revision FROM grid WHERE id = grid)
                WHERE grid = ? AND number = ? AND state = 'waiting' AND wanted = ?"""
            wanted = json.dumps(asdict(turn.cell.wanted))
            state = "done" if flac else "failed"
            base.execute(change, (state, json.dumps(content), flac, turn.grid, turn.cell.number, wanted))

    def forget(self, before: float, is_kept: Callable[[str], bool]) -> None:
        """Delete the grids that were made ``before`` then, except where ``is_kept`` is true of the owner."""
        with self._file.writing() as base:
            old = base.execute("SELECT id, owner FROM grid WHERE made < ?", (before,)).fetchall()
            base.executemany("DELETE FROM grid WHERE id = ?", [(id,) for id, owner in old if not is_kept(owner)])  # noqa: A001

    @contextmanager
    def _changing(self, owner: str, id: str) -> Iterator[tuple[sqlite3.Connection, int]]:  # noqa: A002
        """The file, and the revision that a change of the body's has."""
        with self._file.writing() as base:
            revision = _grid(base, owner, id).revision + 1
            base.execute("UPDATE grid SET revision = ? WHERE id = ?", (revision, id))
            yield base, revision


_CELL = "number, wanted, state, starred, cell.revision, content"


def _grid(base: sqlite3.Connection, owner: str, id: str) -> Grid:  # noqa: A002
    row = _only(
        base.execute("SELECT title, made, checked, paused, revision FROM grid WHERE id = ? AND owner = ?", (id, owner))
    )
    title, made, checked, paused, revision = row
    counts = """SELECT count(*), count(*) FILTER (WHERE state = 'waiting'), count(*) FILTER (WHERE state = 'failed')
        FROM cell WHERE grid = ?"""
    cells, waiting, failed = base.execute(counts, (id,)).fetchone()
    return Grid(
        id=id,
        title=title,
        made=made,
        checked=bool(checked),
        paused=bool(paused),
        revision=revision,
        cells=cells,
        waiting=waiting,
        failed=failed,
    )


def _cell(base: sqlite3.Connection, owner: str, id: str, number: int) -> Kept:  # noqa: A002
    _grid(base, owner, id)
    return _kept(_only(base.execute(f"SELECT {_CELL} FROM cell WHERE grid = ? AND number = ?", (id, number))))


def _kept(row: Sequence[Any]) -> Kept:
    number, wanted, state, starred, revision, content = row
    held = json.loads(wanted)
    return Kept(
        number=number,
        wanted=Cell(**{**held, "speaker": Speaker(**held["speaker"])}),
        state=cast(State, state),
        starred=bool(starred),
        revision=revision,
        content=json.loads(content),
    )


def _only(rows: sqlite3.Cursor) -> tuple[Any, ...]:
    row: tuple[Any, ...] | None = rows.fetchone()
    if row is None:
        raise Unknown("there is no such grid of yours, or no such cell of it (any more)")
    return row
