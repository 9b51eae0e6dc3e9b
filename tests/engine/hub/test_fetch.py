"""The plain course of things: a file arrives, is checked, is remembered, and is not asked for again."""

import hashlib
import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from engine.errors import Corrupt, OptionError
from engine.hub import Hub, part_of
from engine.release import RemoteFile
from tests.engine.hub.downloads import (
    CONFIG,
    DATA,
    MODEL,
    REPO,
    SMALL,
    UNKNOWN,
    check_failure,
    check_success,
    drain,
    fetch,
)
from tests.hub_server import FakeHub, git_sha1


def test_a_file_arrives_with_progress_in_bytes(hub: Hub, target: Path) -> None:
    events, sha256 = drain(hub.fetch(REPO, "main", MODEL, target))
    assert sha256 == MODEL.sha256
    assert target.read_bytes() == DATA
    assert [event.done for event in events] == sorted(event.done for event in events)
    assert events[-1].done == events[-1].total == len(DATA)
    assert max(event.rate or 0 for event in events) > 0
    assert [path.name for path in target.parent.iterdir()] == ["model.pth"]


def test_what_is_there_is_not_asked_for_again(hub: Hub, target: Path, server: FakeHub) -> None:
    fetch(hub, target)
    server.log.clear()
    part_of(target).write_bytes(b"left by an earlier try")
    events, sha256 = drain(hub.fetch(REPO, "main", MODEL, target))
    assert (events, sha256, server.log) == ([], MODEL.sha256, [])
    assert not part_of(target).exists()


def test_a_touched_file_is_read_again_before_it_is_believed(hub: Hub, target: Path, server: FakeHub) -> None:
    fetch(hub, target)
    damaged = bytearray(DATA)
    damaged[700_000] ^= 1
    target.write_bytes(damaged)
    os.utime(target, ns=(1, 1))
    assert fetch(hub, target) == MODEL.sha256
    assert target.read_bytes() == DATA
    assert len(server.asked("cdn")) == 2


def test_a_brought_file_needs_no_request(make_hub: Callable[..., Hub], target: Path) -> None:
    target.parent.mkdir()
    target.write_bytes(DATA)
    assert fetch(make_hub("http://127.0.0.1:9"), target) == MODEL.sha256


@pytest.mark.parametrize(("file", "content"), [(UNKNOWN, DATA), (CONFIG, SMALL)], ids=["large", "small"])
def test_what_the_first_download_learned_holds_for_the_next(
    file: RemoteFile, content: bytes, target: Path, make_hub: Callable[..., Hub], make_server: Callable[..., FakeHub]
) -> None:
    fetch(make_hub(make_server().url), target, file)
    assert target.read_bytes() == content
    target.unlink()
    hub = make_hub(make_server({REPO: {file.path: content[:-1] + b"!"}}).url)
    check_failure(hub, target, Corrupt, file=file)
    hub.forget(REPO, "main")
    fetch(hub, target, file)
    assert target.read_bytes() == content[:-1] + b"!"


def test_a_small_file_is_checked_against_its_name_in_git(hub: Hub, target: Path, server: FakeHub) -> None:
    server.faults.swap = lambda data: data.replace(b"22050", b"22051")
    check_failure(hub, target, Corrupt, file=CONFIG)
    server.faults.swap = None
    fetch(hub, target, CONFIG)
    assert git_sha1(target.read_bytes()) == git_sha1(SMALL)


def test_a_pinned_commit_is_not_exchanged_for_another(hub: Hub, target: Path, server: FakeHub) -> None:
    commit = server.commit(REPO)
    server.faults.commit = "0" * 40
    with pytest.raises(Corrupt, match="another commit"):
        drain(hub.fetch(REPO, commit, MODEL, target))
    server.faults.commit = None
    assert drain(hub.fetch(REPO, commit, MODEL, target))[1] == MODEL.sha256


def test_another_version_is_refused_before_it_is_downloaded(hub: Hub, target: Path, server: FakeHub) -> None:
    other = replace(MODEL, sha256="0" * 64)
    with pytest.raises(Corrupt, match="another version"):
        fetch(hub, target, other)
    assert server.asked("cdn")[0].range is None
    assert not target.exists()
    check_success(hub, target, server)


def test_verify_compares_every_byte(hub: Hub, target: Path) -> None:
    assert drain(hub.verify(MODEL, target, REPO, "main"))[1] is False
    fetch(hub, target, UNKNOWN)
    assert drain(hub.verify(MODEL, target, REPO, "main"))[1] is True
    assert drain(hub.verify(UNKNOWN, target, REPO, "main"))[1] is True
    state = target.stat()
    damaged = bytearray(DATA)
    damaged[5] ^= 1
    target.write_bytes(damaged)
    os.utime(target, ns=(state.st_atime_ns, state.st_mtime_ns))
    assert drain(hub.verify(UNKNOWN, target, REPO, "main"))[1] is False
    assert fetch(hub, target) == MODEL.sha256


@pytest.mark.parametrize("repo", ["", "../x", "a/b/c", "a//b", "a/../b", "a b/c", "x" * 100, "a/b?c", ".a/b"])
def test_what_is_no_repository_is_no_request(repo: str, hub: Hub, target: Path, server: FakeHub) -> None:
    with pytest.raises(OptionError):
        drain(hub.fetch(repo, "main", MODEL, target))
    assert server.log == []


@pytest.mark.parametrize(
    "path", ["", "../x", "/etc/x", "a/../b", "a\\b", "C:x", "a//b", "a\0b", "con", "a/nul.txt", "x."]
)
def test_what_is_no_path_in_a_repository_is_no_request(path: str, hub: Hub, target: Path, server: FakeHub) -> None:
    with pytest.raises(OptionError):
        drain(hub.fetch(REPO, "main", RemoteFile(path=path), target))
    assert server.log == []


def test_a_file_of_which_md5_was_published_is_held_to_it(hub: Hub, server: FakeHub, target: Path) -> None:
    md5 = hashlib.md5(DATA, usedforsecurity=False).hexdigest()
    right, wrong = (RemoteFile(path=MODEL.path, size=len(DATA), md5=each) for each in (md5.upper(), md5[::-1]))
    check_failure(hub, target, Corrupt, file=wrong)
    assert not target.exists()
    target.write_bytes(DATA[::-1])  # of the right size, and not what was published
    assert fetch(hub, target, right) == MODEL.sha256
    assert target.read_bytes() == DATA
    server.log.clear()
    assert fetch(hub, target, right) == MODEL.sha256
    assert server.log == []
    assert drain(hub.verify(right, target, REPO, "main"))[1] is True
    assert drain(hub.verify(wrong, target, REPO, "main"))[1] is False
    # What the first download learned holds for every later one.
    server.repos = {REPO: {MODEL.path: DATA[::-1]}}
    target.unlink()
    with pytest.raises(Corrupt):
        fetch(hub, target, right)
