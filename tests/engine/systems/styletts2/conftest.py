"""The published reference values of StyleTTS 2: arrays, and checkpoints with the weights that they were made with."""

from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest
import torch

from engine.systems.styletts2.checkpoint import load_model
from engine.systems.styletts2.networks.model import StyleTTS2
from tests.releases import styletts2_arrays, styletts2_checkpoint, styletts2_json, styletts2_modules


@pytest.fixture(scope="session")
def golden() -> Callable[[str], dict[str, torch.Tensor]]:
    return styletts2_arrays


@pytest.fixture(scope="session")
def golden_json() -> Callable[[str], dict]:
    return styletts2_json


@pytest.fixture(scope="session")
def published_modules() -> Callable[[str], dict[str, dict[str, torch.Tensor]]]:
    return cache(styletts2_modules)


@pytest.fixture(scope="session")
def checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """The folder Models/<name> of a repository in the public layout, with PL-BERT's numbers in its Utils."""

    @cache
    def write(name: str) -> Path:
        return styletts2_checkpoint(tmp_path_factory.mktemp(name), name, f"Models/{name}/epoch_2nd_00100.pth")

    return write


@pytest.fixture(scope="session")
def model(checkpoint: Callable[[str], Path]) -> Callable[[str], StyleTTS2]:
    """A reduced model through the whole loading path."""
    return cache(lambda name: load_model(checkpoint(name)))


@pytest.fixture(autouse=True)
def _no_grad() -> object:
    with torch.no_grad():
        yield
