"""Checkpoints that users bring: whole or not at all, and nothing outside of their folder."""

import dataclasses
import stat
import time
import warnings
import zipfile
from collections.abc import Sequence
from pathlib import Path

import pytest

from engine.errors import TermsNotAccepted, WeightsMismatch, WeightsMissing
from engine.library import Library, intake
from engine.release import Release
from engine.steps import finish
from engine.system import SystemSpec
from tests.engine.library.conftest import FREE, VOICES, WEIGHTS
from tests.engine.library.test_library import make


@pytest.fixture
def mine(tmp_path: Path) -> Path:
    """A checkpoint, one folder down, among things that nobody asked for."""
    make(tmp_path / "my Voice" / "inner", voices__json=VOICES, model__bin=WEIGHTS, notes__txt=b"x", run__py=b"raise")
    return tmp_path / "my Voice"


def packed(folder: Path, name: str = "my Voice.zip") -> Path:
    path = folder.with_name(name)
    with zipfile.ZipFile(path, "w") as archive:
        for file in folder.rglob("*"):
            archive.write(file, file.relative_to(folder))
    return path


def names(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


def test_a_folder_an_archive_and_a_file_with_its_neighbours(library: Library, folder: Path, mine: Path) -> None:
    assert finish(library.bring("fake", mine)) == "fake/my-Voice"
    assert finish(library.bring("fake", packed(mine))) == "fake/my-Voice-2"
    assert finish(library.bring("fake/third", mine / "inner" / "model.bin")) == "fake/third"
    for name in ("my-Voice", "my-Voice-2", "third"):
        assert names(folder / "fake" / name) == ["model.bin", "voices.json"]
        assert library.card(f"fake/{name}").state == "ready"


def test_the_file_of_a_release_gets_its_name_and_its_companions(library: Library, folder: Path, tmp_path: Path) -> None:
    downloaded = tmp_path / "big (1).bin"
    downloaded.write_bytes(WEIGHTS)
    assert finish(library.bring("fake/by-hand", downloaded)) == "fake/by-hand"
    assert names(folder / "fake" / "by-hand") == ["model.bin", "voices.json"]
    with pytest.raises(WeightsMissing, match="is here already"):
        finish(library.bring("fake/by-hand", downloaded))


def test_the_files_of_a_release_are_found_by_their_names(library: Library, folder: Path, tmp_path: Path) -> None:
    source = make(tmp_path / "snapshot", voices__json=VOICES)
    with pytest.raises(WeightsMissing, match=r"does not hold weights/big\.bin, which fake/open needs"):
        finish(library.bring("fake/open", source))
    make(source / "weights", big__bin=WEIGHTS)
    finish(library.bring("fake/open", source))
    assert names(folder / "fake" / "open") == ["model.bin", "voices.json"]


def test_terms_hold_for_what_is_brought(library: Library, mine: Path) -> None:
    with pytest.raises(TermsNotAccepted):
        finish(library.bring("fake/bound", mine))


def test_what_the_system_refuses_leaves_nothing_behind(library: Library, folder: Path, mine: Path) -> None:
    mine.joinpath("inner", "model.bin").write_bytes(b"no weights at all")
    with pytest.raises(WeightsMismatch, match=r"my Voice/model\.bin is damaged"):
        finish(library.bring("fake", mine))
    assert list(folder.joinpath("fake").iterdir()) == []


def test_closing_an_import_leaves_nothing_behind(library: Library, folder: Path, mine: Path) -> None:
    steps = library.bring("fake", mine)
    next(steps)
    assert len(list(folder.joinpath("fake").glob(".incoming-*[!k]"))) == 1
    steps.close()
    assert list(folder.joinpath("fake").iterdir()) == []


def test_a_link_is_refused(library: Library, mine: Path, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_bytes(b"key")
    mine.joinpath("inner", "more.bin").symlink_to(secret)
    with pytest.raises(WeightsMismatch, match=r"holds a link \(more\.bin\)"):
        finish(library.bring("fake", mine))


@pytest.mark.parametrize(
    "name", ["../voices.json", "/etc/voices.json", "a/../../voices.json", "..\\voices.json", "C:x"]
)
def test_an_archive_whose_paths_leave_it_is_refused(library: Library, folder: Path, tmp_path: Path, name: str) -> None:
    path = tmp_path / "sly.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("model.bin", WEIGHTS)
        archive.writestr("voices.json", VOICES)
        archive.writestr(zipfile.ZipInfo(name), VOICES)
    with pytest.raises(WeightsMismatch, match="leaves its folder"):
        finish(library.bring("fake", path))
    assert not list(folder.rglob("*.json"))


def test_an_archive_with_a_link_a_lock_or_lies_is_refused(library: Library, tmp_path: Path) -> None:
    path = tmp_path / "sly.zip"
    link = zipfile.ZipInfo("model.bin")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(link, "/etc/passwd")
    with pytest.raises(WeightsMismatch, match="holds a link"):
        finish(library.bring("fake", path))
    path.write_bytes(b"PK\3\4 and then nothing")
    with pytest.raises(WeightsMismatch, match="no zip archive"):
        finish(library.bring("fake", path))
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("model.bin", WEIGHTS)
        archive.writestr("voices.json", VOICES)
    damaged = bytearray(path.read_bytes())
    damaged[1000] ^= 1
    path.write_bytes(damaged)
    with pytest.raises(WeightsMismatch, match="is damaged"):
        finish(library.bring("fake", path))


def test_too_much_is_refused_before_anything_is_written(
    library: Library, folder: Path, mine: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(intake, "MAX_BYTES", 1000)
    with pytest.raises(WeightsMismatch, match="at most 1 kB are taken"):
        finish(library.bring("fake", packed(mine)))
    monkeypatch.setattr(intake, "MAX_FILES", 3)
    for source in (mine, packed(mine)):
        with pytest.raises(WeightsMismatch, match="more than 3 files"):
            finish(library.bring("fake", source))
    assert not list(folder.rglob("*.bin"))


@pytest.mark.parametrize("id", ["fake/..", "fake/.hidden", "fake/a/b", "fake/a b", "fake/"])
def test_a_name_that_is_no_name_is_refused(library: Library, mine: Path, id: str) -> None:  # noqa: A002
    with pytest.raises(WeightsMissing, match="cannot be the name of a model"):
        finish(library.bring(id, mine))


def test_what_is_wanted_can_be_asked_before_it_is_sent(library: Library) -> None:
    paths = ["my run/voices.json", "my run/model.bin", "my run/eval/1.wav"]
    wanted = {"my run/voices.json": "voices.json", "my run/model.bin": "model.bin"}
    assert library.wanted("fake", paths) == wanted
    assert library.wanted("fake/by-hand", ["download.bin"]) == {"download.bin": "model.bin"}
    with pytest.raises(WeightsMissing, match="hold no checkpoint"):
        library.wanted("fake", ["a.txt"])
    with pytest.raises(WeightsMissing, match="there is no file or folder"):
        finish(library.bring("fake", Path("/nowhere/at/all")))


def test_what_was_brought_is_held_to_the_sums_that_it_came_with(library: Library, folder: Path, mine: Path) -> None:
    finish(library.bring("fake/mine", mine))
    assert finish(library.verify("fake/mine")) == ()
    voices = folder / "fake" / "mine" / "voices.json"
    voices.write_bytes(voices.read_bytes() + b" ")  # its system would read it all the same
    assert finish(library.verify("fake/mine")) == ("voices.json",)
    library.delete("fake/mine")
    finish(library.bring("fake/mine", mine))
    assert finish(library.verify("fake/mine")) == ()


@pytest.mark.parametrize("id", ["fake:a/../b", "fake:a/b@../..", "fake:a", "fake:a/b/c"])
def test_what_is_no_repository_is_named(library: Library, id: str) -> None:  # noqa: A002
    with pytest.raises(WeightsMissing, match="is no repository; write SYSTEM:ORG/NAME"):
        finish(library.download(id))


def test_a_system_that_takes_only_published_checkpoints_says_so(
    fake_spec: SystemSpec, tmp_path: Path, mine: Path
) -> None:
    never = Release(name="never", title="x", repo="", revision="", files=(), languages=("en",), terms=FREE)
    library = Library((dataclasses.replace(fake_spec, releases=(never,)),), tmp_path / "models")
    for id in ("fake", "fake/new", "fake/never"):  # noqa: A001
        with pytest.raises(WeightsMissing, match="takes only published checkpoints"):
            finish(library.bring(id, mine))


@pytest.mark.parametrize("method", [zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_a_damaged_stream_is_the_archives_fault_and_not_the_disks(
    library: Library, folder: Path, tmp_path: Path, method: int
) -> None:
    path = tmp_path / "sly.zip"
    with zipfile.ZipFile(path, "w", method) as archive:
        archive.writestr("model.bin", bytes(range(256)) * 40 + WEIGHTS[:50_000])
        archive.writestr("voices.json", VOICES)
        at = archive.getinfo("model.bin").header_offset + 30 + len("model.bin")
    whole = path.read_bytes()
    for place in (at, at + 4, at + 9, at + 40):
        path.write_bytes(whole[:place] + b"\xff" * 30 + whole[place + 30 :])
        with pytest.raises(WeightsMismatch, match=r"sly\.zip is damaged"):
            finish(library.bring("fake", path))
    assert not list(folder.rglob("*.bin"))


def test_choosing_among_many_deep_paths_takes_a_moment() -> None:
    paths = [f"{'/'.join(f'{n}-{level}' for level in range(50))}/x.bin" for n in range(200)]
    asked: list[int] = []

    def pick(inside: Sequence[str]) -> tuple[str, ...]:
        asked.append(len(inside))
        return ()

    began = time.process_time()
    assert intake.below(paths, pick) == {}
    assert time.process_time() - began < 1.5
    assert sum(asked) == 200 * 51  # each path once for each folder above it, and not for any other


def test_the_topmost_folder_with_a_checkpoint_is_taken() -> None:
    paths = ["b/c/x", "b/y", "a/x", "z", "/abs/x"]
    assert intake.below(paths, lambda inside: ("x",) if "x" in inside else ()) == {"a/x": "x"}
    assert intake.below(["/abs/x"], lambda inside: ("x",) if "x" in inside else ()) == {"/abs/x": "x"}


@pytest.mark.parametrize(
    "paths",
    [["/".join("a" * 18)], ["x" * 1025], [f"{n:04}{'x' * 200}" for n in range(4000)], ["x"] * 5001],
)
def test_paths_beyond_the_bounds_are_refused_from_every_door(
    library: Library, tmp_path: Path, paths: list[str]
) -> None:
    with pytest.raises(WeightsMismatch, match="bring the checkpoint alone"):
        library.wanted("fake", paths)
    with zipfile.ZipFile(tmp_path / "many.zip", "w") as archive, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of the same name twice
        for path in paths:
            archive.writestr(path, b"")
    with pytest.raises(WeightsMismatch, match="bring the checkpoint alone"):
        finish(library.bring("fake", tmp_path / "many.zip"))


def test_an_archive_with_an_endless_list_of_members_is_refused_before_it_is_read(
    library: Library, tmp_path: Path
) -> None:
    with zipfile.ZipFile(tmp_path / "long.zip", "w") as archive:
        archive.writestr("a", b"")
        info = zipfile.ZipInfo("a")
        info.header_offset, info.comment, info.CRC = 0, bytes(60_000), 0
        archive.filelist += [info] * 100
        archive._didModify = True
    with pytest.raises(WeightsMismatch, match="list of files is too long"):
        finish(library.bring("fake", tmp_path / "long.zip"))


@pytest.mark.parametrize(("source", "id"), [("con", "fake/my-con"), ("nul.x", "fake/my-nul"), ("a.", "fake/a")])
def test_a_checkpoint_is_never_called_what_windows_keeps_for_itself(
    library: Library,
    tmp_path: Path,
    source: str,
    id: str,  # noqa: A002
) -> None:
    make(tmp_path / source, voices__json=VOICES, model__bin=WEIGHTS)
    assert finish(library.bring("fake", tmp_path / source)) == id
    with pytest.raises(WeightsMissing, match="cannot be the name of a model"):
        finish(library.bring(f"fake/{source}", tmp_path / source))


def test_what_a_killed_import_has_left_goes_with_the_next_start(
    library: Library, spec: SystemSpec, folder: Path, mine: Path
) -> None:
    steps = library.bring("fake", mine)
    next(steps)
    (living,) = folder.glob("fake/.incoming-*[!k]")
    killed, trash = folder / "fake" / ".incoming-dead", folder / "fake" / ".trash-dead"
    make(killed, model__bin=WEIGHTS)
    killed.with_name(".incoming-dead.lock").write_bytes(b"")
    make(trash, model__bin=WEIGHTS)
    Library((spec,), folder).sweep()
    assert sorted(folder.glob("fake/.*")) == [living, living.with_name(f"{living.name}.lock")]
    assert finish(steps) == "fake/my-Voice"
    assert folder.joinpath("fake", "my-Voice").stat().st_mode & 0o077 == folder.stat().st_mode & 0o077
