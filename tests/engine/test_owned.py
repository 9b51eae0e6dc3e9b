"""A folder goes with its owner, also when that is killed, and nobody else's does."""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from engine.owned import owned, sweep, temporary

ROOT = Path(__file__).parents[2]
OWNER = """
import sys, time
from pathlib import Path
from engine.owned import owned
with owned(Path(sys.argv[1])) as folder:
    (folder / "take").write_text("x")
    print("there", flush=True)
    time.sleep(600)
"""


def owner(folder: Path) -> "subprocess.Popen[str]":
    command = [sys.executable, "-c", OWNER, str(folder)]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "there\n"
    return process


def test_what_a_killed_process_owned_goes_and_what_a_living_one_owns_stays(tmp_path: Path) -> None:
    with owner(tmp_path / "x-1") as killed, owner(tmp_path / "x-2") as living, owned(tmp_path / "x-3"):
        (tmp_path / "y").mkdir()
        assert sweep(tmp_path, "x-*") == []
        killed.kill()
        killed.wait()
        assert (tmp_path / "x-1" / "take").exists()
        assert sweep(tmp_path, "x-*") == [tmp_path / "x-1"]
        names = sorted(path.name for path in tmp_path.iterdir())
        assert names == ["x-2", "x-2.lock", "x-3", "x-3.lock", "y"]
        living.kill()


def test_a_folder_without_a_lock_goes_when_it_is_old(tmp_path: Path) -> None:
    (tmp_path / "x-old").mkdir()
    (tmp_path / "x-new").mkdir()
    os.utime(tmp_path / "x-old", (time.time() - 2 * 86_400,) * 2)
    assert sweep(tmp_path, "x-*") == [tmp_path / "x-old"]


def test_a_link_leads_nowhere(tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "x-link").symlink_to(tmp_path / "mine")
    assert sweep(tmp_path, "x-*", orphan_s=0) == []
    assert (tmp_path / "mine").is_dir()


def test_a_temporary_folder_is_private_and_goes_when_it_is_done(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    with temporary("x-") as folder:
        assert folder.stat().st_mode & 0o077 == 0
        (folder / "take").write_text("x")
    assert list(tmp_path.iterdir()) == []
