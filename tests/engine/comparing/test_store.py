"""The file of grids: what is done stays, whoever is killed; nobody finds another's; bounds."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from engine.comparing import store as module
from engine.comparing.cells import Cell, Speaker
from engine.comparing.store import Store, Unknown
from engine.errors import ConfigError, OptionError, SaveError

ROOT = Path(__file__).parents[3]
CELLS = [Cell(text=f"{number}.", speaker=Speaker(system="fake"), seed=7, options={"a": 1}) for number in range(3)]
# Finishes cells for ever, and says which of them are kept.
WRITER = """
import sys
from pathlib import Path
from engine.comparing.store import Store
store, grid = Store(Path(sys.argv[1])), sys.argv[2]
while True:
    (turn,) = store.turns(["me"])
    store.finish(turn, {"rtf": 1}, b"fLaC")
    print(turn.cell.number, flush=True)
"""


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "models" / module.FILE)


def test_cells_are_made_in_order_and_told_by_revision(store: Store) -> None:
    assert not store.is_begun
    grid = store.create("me", " My\ngrid ", CELLS, checked=True)
    assert (grid.title, grid.cells, grid.waiting, grid.checked) == ("My grid", 3, 3, True)
    assert [kept.wanted for kept in store.cells("me", grid.id)] == CELLS
    (turn,) = store.turns({"me"})
    assert (turn.grid, turn.cell.number, turn.checked) == (grid.id, 0, True)
    store.finish(turn, {"rtf": 0.5}, b"fLaC")
    (turn,) = store.turns({"me"})
    store.finish(turn, {"problem": {"message": "no"}}, None)
    now = store.grid("me", grid.id)
    assert (now.waiting, now.failed) == (1, 1)
    assert [kept.number for kept in store.cells("me", grid.id, since=grid.revision)] == [0, 1]
    assert store.cells("me", grid.id, since=now.revision) == []
    kept, flac = store.sound("me", grid.id, 0)
    assert (kept.state, kept.content, flac) == ("done", {"rtf": 0.5}, b"fLaC")
    for number in (1, 2, 3, -1):
        with pytest.raises(Unknown):
            store.sound("me", grid.id, number)


def test_a_cell_is_marked_and_made_anew(store: Store) -> None:
    grid = store.create("me", "Grid", CELLS)
    store.finish(store.turns({"me"})[0], {"rtf": 1}, b"fLaC")
    store.finish(store.turns({"me"})[0], {"problem": {}}, None)
    assert store.star("me", grid.id, 0, starred=True).starred
    again = store.redo("me", grid.id, 0)
    assert (again.state, again.wanted.seed, again.starred) == ("waiting", 8, True)
    assert store.redo("me", grid.id, 0) == again
    assert store.redo("me", grid.id, 1).wanted.seed == 7
    # What was being made when somebody wanted another is not kept.
    (turn,) = store.turns({"me"})
    store.finish(turn, {"rtf": 1}, b"fLaC")
    store.finish(turn, {"rtf": 2}, b"other")
    assert store.sound("me", grid.id, 0)[1] == b"fLaC"
    assert store.pause("me", grid.id, paused=True).paused
    assert store.turns({"me"}) == []
    store.pause("me", grid.id, paused=False)
    assert len(store.turns({"me"})) == 1


def test_nobody_finds_anothers(store: Store) -> None:
    grid = store.create("me", "Grid", CELLS)
    assert store.all("you") == []
    assert store.turns({"you"}) == []
    for ask in (
        lambda: store.grid("you", grid.id),
        lambda: store.cells("you", grid.id),
        lambda: store.cell("you", grid.id, 0),
        lambda: store.sound("you", grid.id, 0),
        lambda: store.star("you", grid.id, 0, starred=True),
        lambda: store.redo("you", grid.id, 0),
        lambda: store.pause("you", grid.id, paused=True),
        lambda: store.delete("you", grid.id),
        lambda: store.star("me", grid.id, 9, starred=True),
    ):
        with pytest.raises(Unknown):
            ask()
    store.forget(grid.made + 1, lambda owner: owner == "me")
    assert store.all("me") == [grid]
    store.forget(grid.made + 1, lambda owner: owner == "you")
    assert store.all("me") == []


def test_what_was_acknowledged_is_there_after_a_kill(store: Store, tmp_path: Path) -> None:
    cells = [Cell(text=str(number), speaker=Speaker(system="fake")) for number in range(200)]
    grid = store.create("me", "Grid", cells)
    arguments = [sys.executable, "-c", WRITER, str(tmp_path / "models" / module.FILE), grid.id]
    with subprocess.Popen(arguments, stdout=subprocess.PIPE, text=True, cwd=ROOT) as writer:
        assert writer.stdout
        told = [int(writer.stdout.readline()) for _ in range(20)]
        os.kill(writer.pid, signal.SIGKILL)
        told += [int(line) for line in writer.stdout.read().split()]
    done = [kept.number for kept in store.cells("me", grid.id) if kept.state == "done"]
    assert told == list(range(len(told)))
    assert len(done) in (len(told), len(told) + 1)
    assert store.turns({"me"})[0].cell.number == len(done)


def test_bounds(store: Store, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for title in ("", " ", "a" * 201):
        with pytest.raises(OptionError, match="title"):
            store.create("me", title, CELLS)
    monkeypatch.setattr(module, "MOST_GRIDS", 2)
    grid = store.create("me", "\ud800One", CELLS)
    assert grid.title == "One"
    store.create("me", "Two", CELLS)
    store.create("you", "Three", CELLS)
    with pytest.raises(OptionError, match="2 grids already"):
        store.create("me", "Four", CELLS)
    monkeypatch.setattr(module, "MOST_BYTES", 10)
    with pytest.raises(OptionError, match="the sounds of a grid"):
        store.finish(store.turns({"me"})[0], {}, bytes(11))
    with pytest.raises(SaveError, match="--models-dir"):
        Store(None).all("me")
    (tmp_path / "other").write_bytes(b"not a database" * 100)
    with pytest.raises(ConfigError, match="no file of this studio"):
        Store(tmp_path / "other").all("me")
