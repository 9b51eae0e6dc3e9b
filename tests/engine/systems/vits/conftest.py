"""The published reference values of the family: arrays, and checkpoints with the weights that they were made with."""

import json
import shutil
from collections.abc import Callable
from functools import cache
from pathlib import Path

import numpy as np
import pytest
import torch

from engine.systems.vits import SPEC
from engine.systems.vits.checkpoint import build
from engine.systems.vits.config import parse
from engine.systems.vits.networks.model import Vits
from engine.systems.vits.system import VitsSystem
from engine.systems.vits.weights import generator_state, reconcile
from engine.weights import read_checkpoint
from tests.vits import GOLDENS, published_checkpoint, published_state


@pytest.fixture(scope="session")
def golden() -> Callable[[str], dict[str, torch.Tensor]]:
    """The arrays of one file as tensors, by its name without ending."""

    def read(name: str) -> dict[str, torch.Tensor]:
        with np.load(GOLDENS / f"{name}.npz") as arrays:
            return {key: torch.from_numpy(arrays[key]) for key in arrays.files}

    return read


@pytest.fixture(scope="session")
def golden_json() -> Callable[[str], object]:
    return lambda name: json.loads((GOLDENS / f"{name}.json").read_text())


@pytest.fixture(scope="session")
def golden_state() -> Callable[[str], dict[str, torch.Tensor]]:
    """The published state dict of a reduced model."""
    return published_state


@pytest.fixture(scope="session")
def checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """A folder as the reference's trainer leaves it, for one reduced model: config.json and G_<step>.pth."""

    @cache
    def write(model: str) -> Path:
        return published_checkpoint(tmp_path_factory.mktemp(model), model)

    return write


@pytest.fixture
def folder(tmp_path: Path, checkpoint: Callable[[str], Path]) -> Callable[..., Path]:
    """A private copy of a checkpoint, to spoil."""

    def copy(model: str = "mb_det") -> Path:
        return shutil.copytree(checkpoint(model), tmp_path / model)

    return copy


@pytest.fixture
def save(folder: Callable[..., Path]) -> Callable[..., Path]:
    """A checkpoint whose saved object is what ``change`` makes of the published state dict."""

    def write(change: Callable[[dict], object], model: str = "mb_det") -> Path:
        target = folder(model)
        state = torch.load(target / "G_1000.pth", weights_only=True)["model"]
        torch.save(change(state), target / "G_1000.pth")
        return target

    return write


@pytest.fixture(scope="session")
def load_system() -> Callable[[Path], VitsSystem]:
    """Load a checkpoint as the engine does."""

    def load(path: Path, dtype: torch.dtype = torch.float32) -> VitsSystem:
        loading = SPEC.load(path, torch.device("cpu"), dtype)
        while True:
            try:
                next(loading)
            except StopIteration as end:
                return end.value

    return load


@pytest.fixture(scope="session")
def system(checkpoint: Callable[[str], Path], load_system: Callable[[Path], VitsSystem]) -> Callable[[str], VitsSystem]:
    """A reduced model through the whole loading path."""
    return cache(lambda model: load_system(checkpoint(model)))


@pytest.fixture(scope="session")
def whole_model(checkpoint: Callable[[str], Path]) -> Callable[[str], Vits]:
    """A reduced model with its posterior encoder, which speaking drops."""

    @cache
    def read(model: str) -> Vits:
        folder = checkpoint(model)
        state = generator_state(read_checkpoint(folder / "G_1000.pth"), "G_1000.pth")
        config = parse(reconcile(json.loads((folder / "config.json").read_text()), state))
        return build(config, state, "G_1000.pth", with_posterior=True)

    return read


@pytest.fixture(autouse=True)
def _no_grad() -> object:
    with torch.no_grad():
        yield
