"""What makes a checkpoint on disk another one, and what does not."""

import os
from pathlib import Path

import pytest

from engine.fingerprint import fingerprint


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    deep = tmp_path / "asset" / "gpt"
    deep.mkdir(parents=True)
    (deep / "model.safetensors").write_bytes(b"1")
    (tmp_path / "config.json").write_text("{}")
    (tmp_path / "G_1.pth").write_bytes(b"1")
    return tmp_path


CHANGES = {
    "a newer file": lambda folder: (folder / "G_2.pth").write_bytes(b"2"),
    "a file written over": lambda folder: (folder / "G_1.pth").write_bytes(b"22"),
    "the same size at another time": lambda folder: os.utime(folder / "G_1.pth", (1, 1)),
    "deep inside": lambda folder: (folder / "asset" / "gpt" / "model.safetensors").write_bytes(b"22"),
    "another configuration": lambda folder: (folder / "config.json").write_text("[1]"),
    "a file less": lambda folder: (folder / "G_1.pth").unlink(),
    "another name": lambda folder: (folder / "G_1.pth").rename(folder / "G_3.pth"),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES.keys())
def test_another_file_makes_another_checkpoint(folder: Path, change) -> None:
    before = fingerprint(folder)
    assert fingerprint(folder) == before
    change(folder)
    assert fingerprint(folder) != before


NO_CHANGES = {
    "a copy of the weights": lambda folder: (
        (folder / ".polyphone").mkdir(),
        (folder / ".polyphone" / "x.pth").touch(),
    ),
    "a hidden file": lambda folder: (folder / ".G_2.pth.part.pth").touch(),
    "a log": lambda folder: (folder / "metrics.jsonl").write_text("{}"),
    "a recording": lambda folder: (folder / "sample.wav").touch(),
    "a link to nothing": lambda folder: (folder / "lost.pth").symlink_to(folder / "nowhere"),
    "beyond every layout": lambda folder: (
        (folder / "a" / "b" / "c" / "d").mkdir(parents=True),
        (folder / "a" / "b" / "c" / "d" / "x.pth").touch(),
    ),
}


@pytest.mark.parametrize("change", NO_CHANGES.values(), ids=NO_CHANGES.keys())
def test_what_is_no_part_of_a_checkpoint_does_not_count(folder: Path, change) -> None:
    before = fingerprint(folder)
    change(folder)
    assert fingerprint(folder) == before


def test_a_single_file_counts_alone(folder: Path) -> None:
    before = fingerprint(folder / "G_1.pth")
    (folder / "config.json").write_text("[1]")
    assert fingerprint(folder / "G_1.pth") == before
    (folder / "G_1.pth").write_bytes(b"22")
    assert fingerprint(folder / "G_1.pth") != before
    assert fingerprint(folder / "nothing") == frozenset()
