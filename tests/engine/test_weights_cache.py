"""The copy beside a checkpoint: the same tensors sooner, never a stale one, and never needed."""

import os
import shutil
from pathlib import Path

import pytest
import torch
from safetensors import safe_open
from safetensors.torch import save_file

from engine import weights_cache
from engine.errors import WeightsMismatch, WeightsMissing
from engine.weights_cache import converted


class Reader:
    """Takes the generator out of a checkpoint; `reads` counts how often it really had to."""

    def __init__(self) -> None:
        self.reads = 0

    def __call__(self, path: Path, *, layout: str = "fake/1", min_bytes: int = 0, **facts):
        return converted(path, lambda held: self.select(held) | facts, layout=layout, min_bytes=min_bytes)

    def select(self, held):
        self.reads += 1
        return dict(held["net"])


@pytest.fixture
def read() -> Reader:
    return Reader()


@pytest.fixture
def original(tmp_path) -> Path:
    path = tmp_path / "model.pth"
    write(path)
    return path


def write(path: Path, value: float = 1.0, *, is_zip: bool = True) -> None:
    net = {"a.weight": torch.full((8, 4), value), "b": torch.arange(3), "c": torch.ones(2, dtype=torch.bfloat16)}
    held = {"net": net, "optimizer": {"moments": torch.zeros(1000)}}
    torch.save(held, path, _use_new_zipfile_serialization=is_zip)


def copy_of(path: Path, system: str = "fake") -> Path:
    return path.parent / ".polyphone" / f"{path.name}.{system}.safetensors"


def same(one: dict, other: dict) -> bool:
    return one.keys() == other.keys() and all(
        torch.equal(one[key], other[key]) and one[key].dtype == other[key].dtype for key in one
    )


@pytest.mark.parametrize("is_zip", [True, False])
def test_the_second_reading_unpickles_nothing_and_gives_the_same_tensors(original, read, is_zip):
    write(original, is_zip=is_zip)
    first, second = read(original), read(original)
    assert read.reads == 1
    assert same(first, second)
    assert copy_of(original).stat().st_size < original.stat().st_size, "only what was selected is kept"


def test_the_copy_tells_whose_it_is(original, read):
    read(original)
    with safe_open(copy_of(original), framework="pt") as file:
        metadata = file.metadata()
    assert metadata["sha256"] == weights_cache._sha256(original)
    assert metadata["size"] == str(original.stat().st_size)
    assert copy_of(original).stat().st_mtime_ns == original.stat().st_mtime_ns


def test_facts_come_back_as_json_has_them_the_first_time_too(original, read):
    facts = {"config": {"rates": (8, 8), "name": "é"}, "step": 7}
    for _ in range(2):
        taken = read(original, **facts)
        assert taken["config"] == {"rates": [8, 8], "name": "é"}
        assert taken["step"] == 7
    assert read.reads == 1


def test_another_original_of_the_same_size_is_read_again(original, read):
    read(original)
    write(original, 2.0)
    os.utime(original, ns=(0, original.stat().st_mtime_ns + 1_000_000))
    assert read(original)["a.weight"][0, 0] == 2
    assert read.reads == 2
    assert read(original)["a.weight"][0, 0] == 2
    assert read.reads == 2


def test_another_size_is_read_again_even_at_the_same_time(original, read):
    read(original)
    when = original.stat().st_mtime_ns
    torch.save({"net": {"a.weight": torch.full((9, 9), 3.0)}}, original)
    os.utime(original, ns=(when, when))
    assert read(original)["a.weight"].shape == (9, 9)


def test_a_touched_original_is_hashed_once_and_not_read(original, read, monkeypatch):
    hashes = []
    hashed = weights_cache._sha256
    monkeypatch.setattr(weights_cache, "_sha256", lambda path: hashes.append(path) or hashed(path))
    read(original)
    assert len(hashes) == 1
    original.touch()
    os.utime(original, ns=(0, 12345))
    for _ in range(3):
        read(original)
    assert read.reads == 1
    assert len(hashes) == 2


def test_another_layout_is_selected_afresh(original, read):
    read(original)
    assert "step" in read(original, layout="fake/2", step=1)
    assert read.reads == 2
    read(original, layout="other/1")
    assert copy_of(original).exists()
    assert copy_of(original, "other").exists()


@pytest.mark.parametrize("damage", ["empty", "cut", "garbage", "foreign", "folder"])
def test_a_damaged_copy_is_made_again(original, read, damage):
    whole = read(original)
    copy = copy_of(original)
    match damage:
        case "empty":
            copy.write_bytes(b"")
        case "cut":
            copy.write_bytes(copy.read_bytes()[:-5])
        case "garbage":
            copy.write_bytes(b"\xff" * 100)
        case "foreign":
            save_file({"a.weight": torch.zeros(1)}, copy, {"layout": "fake/1"})
        case "folder":
            copy.unlink()
            copy.mkdir()
    assert same(read(original), whole)
    assert read.reads == 2
    if damage != "folder":
        assert same(read(original), whole)
        assert read.reads == 2


def test_views_and_ties_are_kept_apart(tmp_path, read):
    whole = torch.arange(12.0).reshape(3, 4)
    net = {
        "whole": whole,
        "tied": whole,
        "row": whole[1],
        "transposed": whole.T,
        "none": torch.ones(0),
        "one": torch.ones(()),
    }
    torch.save({"net": net}, tmp_path / "x.pth")
    read(tmp_path / "x.pth")
    assert same(read(tmp_path / "x.pth"), net)
    assert read.reads == 1


def test_small_files_and_safetensors_get_no_copy(tmp_path, original, read):
    converted(original, read.select, layout="fake/1")
    save_file({"a": torch.ones(1)}, tmp_path / "y.safetensors")
    converted(tmp_path / "y.safetensors", dict, layout="fake/1", min_bytes=0)
    assert not (tmp_path / ".polyphone").exists()


def test_numbers_that_are_not_finite_are_refused_and_not_kept(original, read):
    write(original, float("nan"))
    with pytest.raises(WeightsMismatch, match=r"model.pth holds numbers that are not finite in 1 tensors \(a.weight\)"):
        read(original)
    assert not copy_of(original).exists()


def test_a_missing_original_is_missing_even_with_a_copy(original, read):
    read(original)
    original.unlink()
    with pytest.raises(WeightsMissing):
        read(original)


@pytest.mark.parametrize("obstacle", ["no right", "full disk", "file in the way", "write fails"])
def test_where_no_copy_can_be_the_original_serves(original, read, monkeypatch, obstacle):
    match obstacle:
        case "no right":
            monkeypatch.setattr(Path, "mkdir", lambda *_, **__: (_ for _ in ()).throw(PermissionError(13, "denied")))
        case "full disk":
            monkeypatch.setattr(shutil, "disk_usage", lambda _: shutil._ntuple_diskusage(10, 10, 1000))
        case "file in the way":
            (original.parent / ".polyphone").write_text("")
        case "write fails":
            monkeypatch.setattr(weights_cache, "save_file", lambda *_: (_ for _ in ()).throw(OSError(28, "full")))
    first, second = read(original), read(original)
    assert same(first, second)
    assert read.reads == 2
    folder = original.parent / ".polyphone"
    assert not folder.is_dir() or list(folder.iterdir()) == []


def test_an_original_that_changes_while_it_is_read_gets_no_copy(original, read):
    def select(held):
        taken = {key: value.clone() for key, value in held["net"].items()}
        replaced = original.with_name("new")
        write(replaced, 5.0)
        os.utime(replaced, ns=(1, 1))
        replaced.replace(original)
        return taken

    assert converted(original, select, layout="fake/1", min_bytes=0)["a.weight"][0, 0] == 1
    assert not copy_of(original).exists()
    assert read(original)["a.weight"][0, 0] == 5


def test_copies_of_files_that_are_gone_and_abandoned_parts_are_swept(original, read):
    read(original)
    second = original.with_name("second.pth")
    original.rename(second)
    part, fresh = (second.parent / ".polyphone" / f".x.{name}.part" for name in ("old", "new"))
    part.write_bytes(b"x")
    fresh.write_bytes(b"x")
    os.utime(part, (1, 1))
    read(second)
    left = sorted(path.name for path in part.parent.iterdir())
    assert left == [".x.new.part", "second.pth.fake.safetensors"]


def test_a_copy_stays_usable_while_another_takes_its_place(original, read):
    read(original)
    mapped = read(original)
    write(original, 4.0)
    os.utime(original, ns=(0, 99))
    read(original)
    assert mapped["a.weight"].sum() == 32
