"""What is kept of a hub's small files: for an hour without a question, and as long as there is nothing better."""

import os
import time
from pathlib import Path

import pytest

from engine.errors import Corrupt, DownloadError, NotFound, Offline
from engine.hub import Hub
from engine.library import documents
from engine.library.documents import FOLDER, FRESH_S, Documents
from tests.engine.hub.downloads import PATIENT
from tests.hub_server import FakeHub

REPO, PATH = "choir/songs", "list.json"
MOST = 1000


@pytest.fixture
def server() -> FakeHub:
    with FakeHub({REPO: {PATH: b"[1]"}}) as hub:
        yield hub


@pytest.fixture
def kept(tmp_path: Path, server: FakeHub) -> Documents:
    return Documents(tmp_path, Hub(endpoints=[server.url], patience=PATIENT))


def read(kept: Documents, **more: object) -> tuple[bytes, bool]:
    """The bytes, and whether there is a note on them."""
    document = kept.read(REPO, "main", PATH, MOST, **more)
    return document.data, document.note is not None


def age(tmp_path: Path) -> None:
    (file,) = (tmp_path / FOLDER).iterdir()
    long_ago = time.time() - FRESH_S - 1
    os.utime(file, (long_ago, long_ago))


def test_the_hub_is_asked_once_an_hour_and_sends_what_has_changed(
    kept: Documents, server: FakeHub, tmp_path: Path
) -> None:
    assert [read(kept), read(kept)] == [(b"[1]", False)] * 2
    assert len(server.log) == 1
    age(tmp_path)
    assert [read(kept), read(kept)] == [(b"[1]", False)] * 2
    assert len(server.log) == 2
    age(tmp_path)
    server.repos = {REPO: {PATH: b"[2]"}}
    assert read(kept) == (b"[2]", False)


def test_what_is_kept_holds_without_a_network_and_says_so(kept: Documents, server: FakeHub, tmp_path: Path) -> None:
    read(kept)
    age(tmp_path)
    assert read(Documents(tmp_path, Hub(offline=True))) == (b"[1]", True)
    assert read(Documents(tmp_path, None)) == (b"[1]", True)
    server.faults.status = {"GET": [[503, {}, 99]]}
    assert read(kept) == (b"[1]", True)
    with pytest.raises(Offline):
        Documents(tmp_path / "new", Hub(offline=True)).read(REPO, "main", PATH, MOST)


def test_what_is_gone_is_gone(kept: Documents, server: FakeHub, tmp_path: Path) -> None:
    read(kept)
    age(tmp_path)
    server.repos = {REPO: {}}
    with pytest.raises(NotFound):
        read(kept)


def test_what_is_refused_is_not_kept(kept: Documents, server: FakeHub, tmp_path: Path) -> None:
    def check(data: bytes) -> None:
        if b"2" in data:
            raise Corrupt("it is no list")

    read(kept, check=check)
    age(tmp_path)
    server.repos = {REPO: {PATH: b"[2]"}}
    assert read(kept, check=check) == (b"[1]", True)
    (file,) = (tmp_path / FOLDER).iterdir()
    file.write_bytes(b"[2]")  # damaged on the disk
    with pytest.raises(Corrupt):
        read(kept, check=check)


def test_a_hub_that_fails_is_left_alone_for_a_moment(
    kept: Documents, server: FakeHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.faults.status = {"GET": [[503, {}, 99]]}
    for _ in range(3):
        with pytest.raises(DownloadError):
            read(kept)
    assert len(server.log) == PATIENT.tries
    server.faults.status = {}
    monkeypatch.setattr(documents, "PAUSE_S", 0.0)
    assert read(kept) == (b"[1]", False)


def test_a_folder_that_cannot_be_written_costs_only_the_keeping(server: FakeHub, tmp_path: Path) -> None:
    (tmp_path / FOLDER).write_text("a file stands in the way")
    kept = Documents(tmp_path, Hub(endpoints=[server.url], patience=PATIENT))
    assert [read(kept), read(kept)] == [(b"[1]", False)] * 2
    assert len(server.log) == 2
