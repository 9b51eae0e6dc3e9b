"""The file of tests: what is acknowledged stays, whoever is killed; nobody sees another's; bounds and versions."""

import os
import random
import signal
import sqlite3
import subprocess
import sys
import threading
from contextlib import closing
from pathlib import Path

import pytest

from engine.errors import ConfigError, EngineError, OptionError, SaveError
from engine.listening import store as module
from engine.listening.design import Sound, design, plan
from engine.listening.store import Store, Taken, Unknown

ROOT = Path(__file__).parents[3]
TAKES = [Sound(system=who, voice="", sentence=f"{what}.") for what in range(4) for who in ("one", "other")]
MADE = design("ab", TAKES, seed=3, checks=1)
FILES = [bytes([number]) * 100 for number in range(len(MADE.sounds))]
# Joins and answers for ever, and says what it has been told is kept.
WRITER = """
import sys
from pathlib import Path
from engine.listening.store import Store
store, link = Store(Path(sys.argv[1])), sys.argv[2]
while True:
    who = store.join(link)
    print(who, -1, flush=True)
    for place, heard in enumerate(store.sitting(link, who).plan):
        store.answer(link, who, place, [1])
        print(who, place, flush=True)
"""


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "models" / "listening.sqlite3")


def test_a_test_comes_back_as_it_was(store: Store) -> None:
    made = store.create("  Which\n is better? ", MADE, FILES)
    assert made.title == "Which is better?"
    assert store.test(made.id) == store.by_link(made.link) == made
    assert store.test(made.id).design == MADE
    assert store.all() == [made]
    store.delete(made.id)
    assert store.all() == []
    for ask in (lambda: store.test(made.id), lambda: store.delete(made.id), lambda: store.join(made.link)):
        with pytest.raises(Unknown):
            ask()


def test_a_listener_goes_through_their_plan_in_order(store: Store) -> None:
    made = store.create("Test", MADE, FILES)
    listeners = [store.join(made.link) for _ in range(3)]
    for number, who in enumerate(listeners):
        assert store.sitting(made.link, who).plan == plan(MADE, number)
    who, planned = listeners[1], plan(MADE, 1)
    for place, heard in enumerate(planned):
        assert [store.sound(made.link, who, place, slot) for slot in (0, 1)] == [FILES[each] for each in heard.sounds]
        for ahead, slot in ((place + 1, 0), (-1, 0), (place, 2), (place, -1)):
            with pytest.raises(Unknown):
                store.sound(made.link, who, ahead, slot)
        with pytest.raises(Taken):
            store.answer(made.link, who, place + 1, [1])
        with pytest.raises(OptionError, match="a score of ab"):
            store.answer(made.link, who, place, [2])
        for _ in range(2):  # as when the first reply was lost
            assert store.answer(made.link, who, place, [1]).answered == place + 1
        with pytest.raises(Taken):
            store.answer(made.link, who, place, [-1])
    with pytest.raises(Taken):
        store.answer(made.link, who, len(planned), [1])
    assert (store.test(made.id).listeners, store.test(made.id).finished) == (3, 1)
    answers = store.answers(made.id)
    assert [(each.listener, each.place, each.heard, each.scores) for each in answers] == [
        (1, place, heard, (1,)) for place, heard in enumerate(planned)
    ]


def test_one_listener_is_nobody_at_another_test(store: Store) -> None:
    first, second = (store.create(title, MADE, FILES) for title in ("First", "Second"))
    who = store.join(first.link)
    for link, listener in ((second.link, who), (first.link, "x"), (first.id, who), ("", who)):
        with pytest.raises(Unknown):
            store.sitting(link, listener)
        with pytest.raises(Unknown):
            store.sound(link, listener, 0, 0)
        with pytest.raises(Unknown):
            store.answer(link, listener, 0, [1])
    with pytest.raises(Unknown):
        store.by_link(first.id)


def test_what_was_acknowledged_is_there_after_a_kill_at_any_moment(store: Store, tmp_path: Path) -> None:
    made = store.create("Test", MADE, FILES)
    path, moments, acknowledged = tmp_path / "models" / "listening.sqlite3", random.Random(0), []
    for _ in range(5):
        command = [sys.executable, "-c", WRITER, str(path), made.link]
        with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as child:
            acknowledged += [child.stdout.readline() for _ in range(moments.randrange(1, 30))]
            os.kill(child.pid, signal.SIGKILL)
            acknowledged += [line for line in child.stdout if line.endswith("\n")]
    assert len(acknowledged) > 20
    with closing(sqlite3.connect(path)) as base:
        assert base.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    for line in acknowledged:
        who, place = line.split()
        assert store.sitting(made.link, who).answered > int(place)
    # At most one more for each kill: what was written and not yet said.
    told = sum(int(line.split()[1]) >= 0 for line in acknowledged)
    assert told <= len(store.answers(made.id)) <= told + 5
    assert store.answer(made.link, store.join(made.link), 0, [1]).answered == 1


def test_many_join_at_once_and_each_has_a_plan_of_their_own(store: Store) -> None:
    made, problems = store.create("Test", MADE, FILES), []

    def attend() -> None:
        try:
            for _ in range(5):
                store.answer(made.link, store.join(made.link), 0, [-1])
        except EngineError as error:
            problems.append(error)

    threads = [threading.Thread(target=attend) for _ in range(4)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert problems == []
    assert [answer.listener for answer in store.answers(made.id)] == list(range(20))


def test_there_are_bounds(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    for title in (" ", "x" * 201):
        with pytest.raises(OptionError, match="title"):
            store.create(title, MADE, FILES)
    monkeypatch.setattr(module, "MOST_BYTES", 100)
    with pytest.raises(OptionError, match="more than"):
        store.create("Test", MADE, FILES)
    monkeypatch.undo()
    monkeypatch.setattr(module, "MOST_TESTS", 1)
    monkeypatch.setattr(module, "MOST_LISTENERS", 1)
    made = store.create("Test", MADE, FILES)
    with pytest.raises(OptionError, match="already"):
        store.create("Test", MADE, FILES)
    store.join(made.link)
    with pytest.raises(OptionError, match="no more"):
        store.join(made.link)


def test_a_file_of_another_kind_or_a_newer_version_is_left_alone(store: Store, tmp_path: Path) -> None:
    path = tmp_path / "models" / "listening.sqlite3"
    store.create("Test", MADE, FILES)
    with closing(sqlite3.connect(path)) as base:
        assert base.execute("PRAGMA journal_mode").fetchone() == ("wal",)
        base.execute("PRAGMA user_version = 99")
    with pytest.raises(ConfigError, match="newer version"):
        store.all()
    other = tmp_path / "other.sqlite3"
    other.write_bytes(b"no database at all, but long enough to be one" * 100)
    with pytest.raises(ConfigError, match="no file of this studio"):
        Store(other).all()
    assert other.read_bytes().startswith(b"no database")


def test_without_a_place_nothing_is_kept(tmp_path: Path) -> None:
    with pytest.raises(SaveError, match="no folder"):
        Store(None).all()
    (tmp_path / "file").touch()
    with pytest.raises(SaveError, match="cannot be written"):
        Store(tmp_path / "file" / "listening.sqlite3").all()
