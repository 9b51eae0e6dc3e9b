"""Listening tests in one file of SQLite: each test with its sounds, each listener with their plan and their answers.

An answer is on the disk when it is acknowledged, whatever is killed afterwards (a write-ahead log, synchronised at each
commit). What may be read is told by ids that nobody guesses: a test's for its owner, its link for listeners, and each
listener's for that one alone.
"""

import json
import secrets
import sqlite3
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from engine.database import Database
from engine.errors import OptionError
from engine.listening.design import Design, Heard, Sound, Trial, check_scores, plan
from engine.listening.results import Answer

FILE = "listening.sqlite3"
MOST_TESTS, MOST_LISTENERS, MOST_BYTES = 50, 1000, 64 * 2**20
LONGEST_TITLE = 200
# See `Database`.
_VERSIONS = (
    """
    CREATE TABLE test (id TEXT PRIMARY KEY, link TEXT NOT NULL UNIQUE, title TEXT NOT NULL, made REAL NOT NULL,
        design TEXT NOT NULL) STRICT;
    CREATE TABLE sound (test TEXT NOT NULL REFERENCES test ON DELETE CASCADE, number INTEGER NOT NULL,
        flac BLOB NOT NULL, PRIMARY KEY (test, number)) STRICT;
    CREATE TABLE listener (id TEXT PRIMARY KEY, test TEXT NOT NULL REFERENCES test ON DELETE CASCADE,
        number INTEGER NOT NULL, began REAL NOT NULL, plan TEXT NOT NULL, UNIQUE (test, number)) STRICT;
    CREATE TABLE answer (listener TEXT NOT NULL REFERENCES listener ON DELETE CASCADE, place INTEGER NOT NULL,
        scores TEXT NOT NULL, given REAL NOT NULL, PRIMARY KEY (listener, place)) STRICT;
    """,
)


class Unknown(OptionError):
    """There is no test, no link or no listener of this id (any more)."""


class Taken(OptionError):
    """This place has another answer already, or it is not its turn."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """A test as its owner knows it; ``link`` is what listeners are sent. ``made`` is in seconds, UTC."""

    id: str
    link: str
    title: str
    made: float
    design: Design
    listeners: int = 0
    finished: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Sitting:
    """A listener of a test: their ``plan``, and how many of its trials they have ``answered``."""

    test: Kept
    plan: tuple[Heard, ...]
    answered: int


class Store:
    """The tests in the file at ``path``, which need not exist yet; None keeps none.

    Every method may raise SaveError (no place, or the disk refuses) and ConfigError (a file that is none of ours).
    """

    def __init__(self, path: Path | None) -> None:
        self._file = Database(path, _VERSIONS)

    def create(self, title: str, design: Design, sounds: Sequence[bytes]) -> Kept:
        """Keep a test whose sounds are these FLAC files, by number. Raises OptionError when that is too much."""
        title = " ".join(title.split())
        if not 1 <= len(title) <= LONGEST_TITLE:
            raise OptionError("a listening test needs a title of 1 to {most} characters", most=LONGEST_TITLE)
        if sum(map(len, sounds)) > MOST_BYTES:
            raise OptionError(
                "the sounds of this test are more than {most} MB; choose fewer takes", most=MOST_BYTES // 2**20
            )
        made = Kept(
            id=secrets.token_urlsafe(16), link=secrets.token_urlsafe(16), title=title, made=time.time(), design=design
        )
        with self._file.writing() as base:
            if base.execute("SELECT count(*) FROM test").fetchone()[0] >= MOST_TESTS:
                raise OptionError("there are {most} listening tests already; delete one first", most=MOST_TESTS)
            content = json.dumps(asdict(design))
            base.execute("INSERT INTO test VALUES (?, ?, ?, ?, ?)", (made.id, made.link, title, made.made, content))
            rows = ((made.id, number, flac) for number, flac in enumerate(sounds))
            base.executemany("INSERT INTO sound VALUES (?, ?, ?)", rows)
        return made

    def all(self) -> list[Kept]:
        """Every test, the newest first."""
        with self._file.reading() as base:
            return [self._test(base, row) for row in base.execute("SELECT * FROM test ORDER BY made DESC")]

    def test(self, id: str) -> Kept:  # noqa: A002
        """The test of this id. Raises Unknown."""
        with self._file.reading() as base:
            return self._test(base, _only(base.execute("SELECT * FROM test WHERE id = ?", (id,))))

    def delete(self, id: str) -> None:  # noqa: A002
        """Forget the test of this id with its sounds, listeners and answers. Raises Unknown."""
        with self._file.writing() as base:
            if not base.execute("DELETE FROM test WHERE id = ?", (id,)).rowcount:
                raise _unknown()

    def answers(self, id: str) -> list[Answer]:  # noqa: A002
        """Every answer to the test of this id, by listener and place."""
        asked = """SELECT number, place, plan, scores, given FROM answer JOIN listener ON listener.id = listener
            WHERE test = ? ORDER BY number, place"""
        with self._file.reading() as base:
            found, plans = base.execute(asked, (id,)).fetchall(), dict[int, tuple[Heard, ...]]()
        for number, _, planned, *_ in found:
            if number not in plans:
                plans[number] = _plan(planned)
        return [
            Answer(
                listener=number,
                place=place,
                heard=plans[number][place],
                scores=tuple(json.loads(scores)),
                when=given,
            )
            for number, place, _, scores, given in found
        ]

    def by_link(self, link: str) -> Kept:
        """The test to which a link leads. Raises Unknown."""
        with self._file.reading() as base:
            return self._test(base, _only(base.execute("SELECT * FROM test WHERE link = ?", (link,))))

    def join(self, link: str) -> str:
        """A new listener of the test to which the link leads: their id. Raises Unknown, and OptionError when full."""
        who = secrets.token_urlsafe(16)
        with self._file.writing() as base:
            test = self._test(base, _only(base.execute("SELECT * FROM test WHERE link = ?", (link,))))
            if test.listeners >= MOST_LISTENERS:
                raise OptionError("this test has had {most} listeners, and takes no more", most=MOST_LISTENERS)
            content = json.dumps([asdict(heard) for heard in plan(test.design, test.listeners)])
            row = (who, test.id, test.listeners, time.time(), content)
            base.execute("INSERT INTO listener VALUES (?, ?, ?, ?, ?)", row)
        return who

    def sitting(self, link: str, listener: str) -> Sitting:
        """The listener of this id at the test of this link. Raises Unknown."""
        with self._file.reading() as base:
            return self._sitting(base, link, listener)

    def sound(self, link: str, listener: str, place: int, slot: int) -> bytes:
        """The FLAC file in a slot of the trial at a place of the listener's plan. Raises Unknown.

        What is still to come is not to be heard: a place is open when all before it have answers.
        """
        with self._file.reading() as base:
            sitting = self._sitting(base, link, listener)
            if not 0 <= place < min(sitting.answered + 1, len(sitting.plan)):
                raise _unknown()
            sounds = sitting.plan[place].sounds
            if not 0 <= slot < len(sounds):
                raise _unknown()
            asked = "SELECT flac FROM sound WHERE test = ? AND number = ?"
            return bytes(_only(base.execute(asked, (sitting.test.id, sounds[slot])))[0])

    def answer(self, link: str, listener: str, place: int, scores: Sequence[int]) -> Sitting:
        """Keep the scores of the trial at a place, which must be the next; the same ones twice are no harm.

        Raises Unknown, Taken, and OptionError for scores that are none.
        """
        with self._file.writing() as base:
            sitting, content = self._sitting(base, link, listener), json.dumps(list(scores))
            asked = "SELECT scores FROM answer WHERE listener = ? AND place = ?"
            if base.execute(asked, (listener, place)).fetchone() == (content,):
                return sitting
            if place != sitting.answered or place >= len(sitting.plan):
                raise Taken("trial {place} is not the next one; load the page anew", place=place)
            check_scores(sitting.test.design.kind, sitting.plan[place], scores)
            base.execute("INSERT INTO answer VALUES (?, ?, ?, ?)", (listener, place, content, time.time()))
            return Sitting(test=sitting.test, plan=sitting.plan, answered=place + 1)

    def _test(self, base: sqlite3.Connection, row: tuple[Any, ...]) -> Kept:
        id, link, title, made, content = row  # noqa: A001
        design = _design(content)
        counts = """SELECT count(*), count(*) FILTER (WHERE (SELECT count(*) FROM answer WHERE listener = id) = ?)
            FROM listener WHERE test = ?"""
        listeners, finished = base.execute(counts, (len(design.trials), id)).fetchone()
        return Kept(id=id, link=link, title=title, made=made, design=design, listeners=listeners, finished=finished)

    def _sitting(self, base: sqlite3.Connection, link: str, listener: str) -> Sitting:
        asked = """SELECT test.*, listener.plan, (SELECT count(*) FROM answer WHERE listener = listener.id)
            FROM listener JOIN test ON test.id = listener.test WHERE listener.id = ? AND link = ?"""
        *row, planned, answered = _only(base.execute(asked, (listener, link)))
        id, link, title, made, content = row  # noqa: A001
        test = Kept(id=id, link=link, title=title, made=made, design=_design(content))
        return Sitting(test=test, plan=_plan(planned), answered=answered)


def _only(rows: sqlite3.Cursor) -> tuple[Any, ...]:
    row: tuple[Any, ...] | None = rows.fetchone()
    if row is None:
        raise _unknown()
    return row


def _unknown() -> Unknown:
    return Unknown("there is no such listening test, or no such listener of it (any more)")


def _design(content: str) -> Design:
    held = json.loads(content)
    trials = tuple(Trial(sounds=tuple(each["sounds"]), check=each["check"]) for each in held["trials"])
    sounds = tuple(Sound(**each) for each in held["sounds"])
    return Design(kind=held["kind"], seed=held["seed"], sounds=sounds, trials=trials)


def _plan(content: str) -> tuple[Heard, ...]:
    return tuple(Heard(trial=each["trial"], sounds=tuple(each["sounds"])) for each in json.loads(content))
