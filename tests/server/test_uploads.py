"""Uploads: each has a folder of its own, the oldest go first, and what was left behind long ago is removed."""

import os
import time
from pathlib import Path

import pytest

from engine.errors import SaveError
from engine.owned import owned
from server.errors import RequestError
from server.uploads import Upload, Uploads


def announce(uploads: Uploads, name: str = "My run") -> Upload:
    upload = uploads.announce("fake", name, ["a/b.json"])
    (upload.folder / "b.json").write_text("{}")
    return upload


def folders(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir() if path.is_dir())


def test_one_too_many_takes_the_place_of_the_oldest(tmp_path: Path) -> None:
    uploads = Uploads(tmp_path / "uploads", limit=3)
    first, second, third, fourth = (announce(uploads) for _ in range(4))
    with pytest.raises(RequestError, match="no such upload"):
        uploads.get(first.key)
    assert [uploads.get(kept.key) for kept in (second, third, fourth)] == [second, third, fourth]
    assert folders(tmp_path / "uploads") == sorted([second.key, third.key, fourth.key])
    announce(uploads)
    assert not second.folder.exists()
    assert third.folder.exists()


def test_an_upload_that_was_taken_is_the_takers(tmp_path: Path) -> None:
    uploads = Uploads(tmp_path / "uploads", limit=1)
    taken = announce(uploads)
    assert uploads.take(taken.key) == taken
    with pytest.raises(RequestError) as refused:
        uploads.take(taken.key)
    assert refused.value.status == 404
    announce(uploads)
    assert (taken.folder / "b.json").exists()
    taken.remove()
    assert len(folders(tmp_path / "uploads")) == 1
    uploads.close()
    assert list((tmp_path / "uploads").iterdir()) == []


@pytest.mark.parametrize(
    ("name", "folder"),
    [("My run", "My-run"), ("../../x", "x"), ("", "mine"), ("...", "mine"), ("声", "mine"), ("nul.", "my-nul")],
)
def test_a_visitors_name_becomes_a_harmless_folder(tmp_path: Path, name: str, folder: str) -> None:
    upload = announce(Uploads(tmp_path / "uploads"), name)
    assert upload.folder == tmp_path / "uploads" / upload.key / folder


def test_what_an_earlier_server_left_is_removed_when_it_is_old(tmp_path: Path) -> None:
    old, new = tmp_path / "old", tmp_path / "new"
    for left in (old, new):
        left.mkdir()
    os.utime(old, (time.time() - 2 * 86_400,) * 2)
    with owned(tmp_path / "living"):
        Uploads(tmp_path)
        assert folders(tmp_path) == ["living", "new"]


def test_a_folder_that_takes_nothing_is_named(tmp_path: Path) -> None:
    (tmp_path / "uploads").write_text("in the way")
    with pytest.raises(SaveError, match="uploads cannot be written"):
        announce(Uploads(tmp_path / "uploads"))


def test_without_a_folder_for_models_nothing_can_be_sent() -> None:
    with pytest.raises(SaveError, match="no folder to keep models in"):
        announce(Uploads(None))
