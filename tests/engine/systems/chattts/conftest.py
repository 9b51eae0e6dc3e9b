"""The published reference values of ChatTTS: arrays, and a reduced checkpoint in the public layout."""

import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file

from engine.systems.chattts.checkpoint import Networks, read
from tests.goldens import weights
from tests.releases import CHATTTS, REDUCED_WIDTH, chattts_checkpoint


@pytest.fixture(scope="session")
def golden() -> Callable[[str], dict[str, torch.Tensor]]:
    """The arrays of one file as tensors, by its name without ending; texts are left out."""

    def read(name: str) -> dict[str, torch.Tensor]:
        with np.load(CHATTTS / f"{name}.npz") as arrays:
            return {key: torch.from_numpy(arrays[key]) for key in arrays.files if arrays[key].dtype.kind != "U"}

    return read


@pytest.fixture(scope="session")
def golden_json() -> Callable[[str], dict]:
    return lambda name: json.loads((CHATTTS / f"{name}.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="session")
def checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in the public layout, as a user downloads it, with the reduced model."""
    return chattts_checkpoint(tmp_path_factory.mktemp("chattts"))


@pytest.fixture
def folder(tmp_path: Path, checkpoint: Path) -> Path:
    """A private copy of the checkpoint, to spoil."""
    return shutil.copytree(checkpoint, tmp_path / "copy")


@pytest.fixture
def change(folder: Path) -> Callable[..., Path]:
    """Rewrite one file of the copy with what a function makes of its tensors."""

    def write(name, function):
        state = load_file(folder / name)
        save_file({key: value.contiguous() for key, value in function(state).items()}, folder / name)
        return folder

    return write


@pytest.fixture(scope="session")
def load_networks() -> Callable[..., Networks]:
    """Load a checkpoint as the system does."""

    def run(folder: Path, dtype: torch.dtype = torch.float32) -> Networks:
        loading = read(folder, torch.device("cpu"), dtype)
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
    spread, mean = (torch.from_numpy(weights.tensor(f"spk_stat.{name}", (REDUCED_WIDTH,))) for name in ("std", "mean"))
    drawn = torch.randn(REDUCED_WIDTH, dtype=torch.float16, generator=torch.Generator().manual_seed(5))
    return drawn * ((10 * spread).abs().half() + 0.5) + mean.half()


@pytest.fixture(autouse=True)
def _no_grad() -> Iterator[None]:
    with torch.no_grad():
        yield


@pytest.fixture
def one_thread() -> Iterator[None]:
    """For networks this small, sharing the work takes longer than doing it."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)
