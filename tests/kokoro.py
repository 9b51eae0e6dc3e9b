"""Kokoro for tests: its reference values, a reduced checkpoint with random weights, and one with real ones."""

import json
import os
from functools import cache
from pathlib import Path

import numpy as np
import pytest
import torch
from filelock import FileLock

from recipes.kokoro_weights.build import build
from tests.goldens import weights

GOLDENS = Path(__file__).parent / "goldens" / "kokoro"


def read(name: str) -> dict:
    """One of the JSON files of the reference values."""
    return json.loads((GOLDENS / f"{name}.json").read_text(encoding="utf-8"))


def arrays(name: str) -> dict[str, torch.Tensor]:
    """The arrays of one of their .npz files."""
    with np.load(GOLDENS / f"{name}.npz") as file:
        return {key: torch.from_numpy(file[key]) for key in file.files}


@cache
def tiny_entries() -> dict[str, dict[str, torch.Tensor]]:
    """The five state dicts of the reduced model, each key with its ``module.``, as the public file has them."""
    overrides = arrays("tiny_overrides")
    entries: dict[str, dict[str, torch.Tensor]] = {}
    for name, shape in read("tiny_manifest").items():
        entry, _, key = name.partition(".")
        tensor = overrides[name] if name in overrides else torch.from_numpy(weights.tensor(name, shape))
        entries.setdefault(entry, {})[f"module.{key}"] = tensor
    return entries


def tiny_pack() -> torch.Tensor:
    """The voice of the reduced model, (510, 1, 32)."""
    return torch.from_numpy(np.float32(0.3 * np.sqrt(32)) * weights.tensor("voice.tiny", (510, 1, 32)))


def tiny_checkpoint(folder: Path) -> Path:
    """The reduced model in the public layout, with one voice, ``af_tiny``; returns its folder."""
    (folder / "voices").mkdir(parents=True, exist_ok=True)
    (folder / "config.json").write_text(json.dumps(read("tiny_config")), encoding="utf-8")
    torch.save(tiny_entries(), folder / "kokoro-v1_0.pth")
    torch.save(tiny_pack(), folder / "voices" / "af_tiny.pt")
    return folder


def real_checkpoint(factory: pytest.TempPathFactory) -> Path:
    """The checkpoint with real weights, made once for all processes of a test run; returns its folder."""
    base = factory.getbasetemp()
    folder = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "kokoro_real"
    with FileLock(f"{folder}.lock"):
        if not (folder / "voices" / "jm_kumo.pt").is_file():
            build(folder)
    return folder
