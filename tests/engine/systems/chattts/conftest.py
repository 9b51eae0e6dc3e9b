"""The published reference values of ChatTTS: arrays, and a reduced checkpoint in the public layout."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
import torchaudio
from safetensors.torch import save_file

from engine.systems.chattts.weights import Networks, load
from tests.goldens import weights

GOLDENS = Path(__file__).parents[3] / "goldens" / "chattts"
HIDDEN = 64  # of the reduced model


def _tensor(key: str, shape: list[int]) -> torch.Tensor:
    if key.endswith(".window"):
        return torch.hann_window(*shape)
    if key.endswith(".fb"):
        return torchaudio.functional.melscale_fbanks(shape[0], 0.0, 12_000.0, shape[1], 24_000)
    return torch.from_numpy(weights.tensor("coef.running_var" if key == "coef" else key, shape))


def _swap(state: dict[str, torch.Tensor], key: str, rows: list[int]) -> None:
    state[key][rows] = state[key][rows[::-1]]


@pytest.fixture(scope="session")
def golden() -> Callable[[str], dict[str, torch.Tensor]]:
    """The arrays of one file as tensors, by its name without ending; texts are left out."""

    def read(name: str) -> dict[str, torch.Tensor]:
        with np.load(GOLDENS / f"{name}.npz") as arrays:
            return {key: torch.from_numpy(arrays[key]) for key in arrays.files if arrays[key].dtype.kind != "U"}

    return read


@pytest.fixture(scope="session")
def golden_json() -> Callable[[str], dict]:
    return lambda name: json.loads((GOLDENS / f"{name}.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="session")
def checkpoint(tmp_path_factory: pytest.TempPathFactory, golden_json: Callable[[str], dict]) -> Path:
    """A folder in the public layout, as a user downloads it, with the reduced model."""
    folder, reduced = tmp_path_factory.mktemp("chattts"), golden_json("reduced_checkpoint")
    (folder / "asset" / "gpt").mkdir(parents=True)
    for name, manifest in reduced["files"].items():
        state = {key: _tensor(key, entry["shape"]) for key, entry in manifest.items()}
        for swap in reduced["swap_rows_after_fill"]:
            if swap["file"] == name:
                _swap(state, swap["key"], swap["rows"])
        save_file(state, folder / name)
    (folder / "asset" / "gpt" / "config.json").write_text(json.dumps(reduced["gpt_config_json"]))
    shutil.copytree(GOLDENS / "tokenizer", folder / "asset" / "tokenizer")
    return folder


@pytest.fixture(scope="session")
def load_networks() -> Callable[..., Networks]:
    """Load a checkpoint as the system does."""

    def run(folder: Path, dtype: torch.dtype = torch.float32) -> Networks:
        loading = load(folder, torch.device("cpu"), dtype)
        while True:
            try:
                next(loading)
            except StopIteration as end:
                return end.value

    return run


@pytest.fixture(scope="session")
def networks(checkpoint: Path, load_networks: Callable[..., Networks]) -> Networks:
    """The reduced model through the whole loading path."""
    return load_networks(checkpoint)


@pytest.fixture(scope="session")
def speaker() -> torch.Tensor:
    """The voice of the goldens: drawn with seed 5 from the reduced model's statistics, in float16."""
    spread, mean = (torch.from_numpy(weights.tensor(f"spk_stat.{name}", (HIDDEN,))) for name in ("std", "mean"))
    drawn = torch.randn(HIDDEN, dtype=torch.float16, generator=torch.Generator().manual_seed(5))
    return drawn * ((10 * spread).abs().half() + 0.5) + mean.half()


@pytest.fixture(autouse=True)
def _no_grad() -> object:
    with torch.no_grad():
        yield
