"""Kokoro in small and with real weights, through the whole loading path."""

from pathlib import Path

import pytest
import torch

from engine.steps import finish
from engine.systems.kokoro.system import KokoroSystem, load
from tests.kokoro import real_checkpoint, tiny_checkpoint


@pytest.fixture(scope="session")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The reduced checkpoint, a folder."""
    return tiny_checkpoint(tmp_path_factory.mktemp("kokoro"))


@pytest.fixture(scope="session")
def small(tiny: Path) -> KokoroSystem:
    """The reduced model as a system."""
    return finish(load(tiny, torch.device("cpu"), torch.float32))


@pytest.fixture(scope="session")
def real(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The checkpoint with real weights, a folder."""
    return real_checkpoint(tmp_path_factory)


@pytest.fixture(autouse=True)
def _no_grad() -> object:
    with torch.no_grad():
        yield
