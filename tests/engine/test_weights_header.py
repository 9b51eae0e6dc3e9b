"""The head of a checkpoint's file tells the shapes that torch would, runs nothing, and is refused when damaged."""

import pickle
import struct
import subprocess
import sys
import zipfile
from collections import OrderedDict, defaultdict
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

from engine.errors import WeightsMismatch, WeightsMissing
from engine.weights_header import MAX_BYTES, shapes

ROOT = Path(__file__).parents[2]
TENSORS = {"enc.weight": torch.zeros(178, 4), "bias": torch.zeros(3, dtype=torch.float16), "one": torch.tensor(1.0)}
SHAPES = {"enc.weight": (178, 4), "bias": (3,), "one": ()}


def trained() -> dict:
    """What trainers leave: nested dicts, parameters, an optimiser, a schedule, and objects of who knows what."""
    layer = torch.nn.Linear(4, 2)
    optimizer = torch.optim.AdamW(layer.parameters())
    layer(torch.ones(1, 4)).sum().backward()
    optimizer.step()
    schedule = torch.optim.lr_scheduler.ExponentialLR(optimizer, 0.9)
    return {
        "model": layer.state_dict(),
        "parameter": layer.weight,
        "optimizer": optimizer.state_dict(),
        "schedule": schedule.state_dict(),
        "more": OrderedDict(counts=defaultdict(int, {"a": 1}), path=Path("x"), part=torch.ones(3, 5)[:2, 1:]),
        "iteration": 7,
    }


@pytest.mark.parametrize("zipped", [True, False], ids=["zip", "legacy"])
def test_a_torch_file_tells_its_shapes(tmp_path: Path, zipped: bool) -> None:
    torch.save(trained(), tmp_path / "G_7.pth", _use_new_zipfile_serialization=zipped)
    found = shapes(tmp_path / "G_7.pth")
    assert found["model.weight"] == found["parameter"] == (2, 4)
    assert (found["model.bias"], found["more.part"]) == ((2,), (2, 4))
    assert found["optimizer.state.0.exp_avg"] == (2, 4)
    torch.save(TENSORS, tmp_path / "flat.pth", _use_new_zipfile_serialization=zipped)
    assert shapes(tmp_path / "flat.pth") == SHAPES


def test_a_safetensors_file_tells_its_shapes(tmp_path: Path) -> None:
    save_file(TENSORS, tmp_path / "model.safetensors", {"step": "1"})
    assert shapes(tmp_path / "model.safetensors") == SHAPES


class Evil:
    def __reduce__(self) -> tuple:
        return (Path.touch, (Path("evil"),))


def test_nothing_in_a_file_is_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    torch.save({"model": TENSORS, "evil": Evil()}, tmp_path / "evil.pth")
    assert shapes(tmp_path / "evil.pth")["model.bias"] == (3,)
    assert not (tmp_path / "evil").exists()


def head(size: int) -> bytes:
    return struct.pack("<Q", size)


DAMAGED = {
    "empty": b"",
    "text": b"<html>",
    "cut": pickle.dumps(1)[:-1],
    "a pickle that is no checkpoint": pickle.dumps({"a": 1}),
    "a huge head": head(MAX_BYTES + 1) + b"{",
    "no head": head(20) + b'{"a": {"shape": "b"}',
    "a huge array": b"\x80\x05\x96" + head(1 << 40) + b".",
    "an index beyond memory": b"\x80\x02}r" + struct.pack("<I", 0xFFFFFFFF) + b"q\x00",
}


@pytest.mark.parametrize("kind", DAMAGED)
def test_what_cannot_be_read_is_refused_in_a_line(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "G_1.pth"
    path.write_bytes(DAMAGED[kind])
    with pytest.raises(WeightsMismatch, match=r"G_1\.pth cannot be read as a checkpoint") as raised:
        shapes(path)
    assert "\n" not in str(raised.value)


def test_an_archive_of_something_else_or_with_a_packed_structure_is_refused(tmp_path: Path) -> None:
    for name, packed in (("other.txt", zipfile.ZIP_STORED), ("archive/data.pkl", zipfile.ZIP_DEFLATED)):
        with zipfile.ZipFile(tmp_path / "a.pth", "w", packed) as archive:
            archive.writestr(name, pickle.dumps({}))
        with pytest.raises(WeightsMismatch, match="cannot be read"):
            shapes(tmp_path / "a.pth")
    with pytest.raises(WeightsMissing):
        shapes(tmp_path / "none.pth")


def test_no_torch_is_needed(tmp_path: Path) -> None:
    torch.save(TENSORS, tmp_path / "a.pth")
    code = (
        "import sys, pathlib; from engine.weights_header import shapes;"
        "print(shapes(pathlib.Path(sys.argv[1]))); sys.exit('torch' in sys.modules)"
    )
    command = [sys.executable, "-c", code, str(tmp_path / "a.pth")]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "(178, 4)" in done.stdout
