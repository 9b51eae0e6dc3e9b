"""The published reference values of StyleTTS 2: arrays, and checkpoints with the weights that they were made with."""

import json
from collections.abc import Callable
from functools import cache
from pathlib import Path

import numpy as np
import pytest
import torch
import yaml

from engine.systems.styletts2.checkpoint import load_model
from engine.systems.styletts2.model import StyleTTS2
from tests.goldens import weights

GOLDENS = Path(__file__).parents[3] / "goldens" / "styletts2"
# Models of the same architecture share a list of keys.
MANIFESTS = {"modules_istftnet": "e2e_tiny_lj", "modules_hifigan": "e2e_tiny_libri"}


def arrays(name: str) -> dict[str, torch.Tensor]:
    """The arrays of one file as tensors, by its name without ending."""
    with np.load(GOLDENS / f"{name}.npz") as file:
        return {key: torch.from_numpy(file[key]) for key in file.files if file[key].dtype.kind in "fib"}


def read_json(name: str) -> dict:
    return json.loads((GOLDENS / f"{name}.json").read_text(encoding="utf-8"))


def published(name: str) -> dict[str, dict[str, torch.Tensor]]:
    """The published modules of a reduced model, without ``module.``: name to state dict."""
    overrides = arrays(f"{name}_overrides")

    @cache
    def tensor(full: str, shape: tuple[int, ...]) -> torch.Tensor:
        # The denoiser is saved twice, as two names of one tensor.
        full = full.replace("diffusion.unet.", "diffusion.diffusion.net.")
        return overrides[full] if full in overrides else torch.from_numpy(weights.tensor(full, shape))

    return {
        module: {key: tensor(f"{module}.{key}", tuple(entry["shape"])) for key, entry in keys.items()}
        for module, keys in read_json(f"{MANIFESTS.get(name, name)}_manifest").items()
    }


@pytest.fixture(scope="session")
def golden() -> Callable[[str], dict[str, torch.Tensor]]:
    return arrays


@pytest.fixture(scope="session")
def golden_json() -> Callable[[str], dict]:
    return read_json


@pytest.fixture(scope="session")
def published_modules() -> Callable[[str], dict[str, dict[str, torch.Tensor]]]:
    return cache(published)


@pytest.fixture(scope="session")
def checkpoint(tmp_path_factory: pytest.TempPathFactory, published_modules: Callable) -> Callable[[str], Path]:
    """The folder Models/<name> of a repository in the public layout, with PL-BERT's numbers in its Utils."""

    @cache
    def write(name: str) -> Path:
        repository = tmp_path_factory.mktemp(name)
        config = read_json(f"{name}_config")
        folder = repository / "Models" / name
        bert = repository / "Utils" / "PLBERT"
        for place, content in ((folder, {"model_params": config["model_params"]}), (bert, config["plbert"])):
            place.mkdir(parents=True)
            (place / "config.yml").write_text(yaml.safe_dump(content, default_flow_style=True), encoding="utf-8")
        modules = published_modules(name)
        net = {module: {f"module.{key}": value for key, value in state.items()} for module, state in modules.items()}
        torch.save({"net": net}, folder / "epoch_2nd_00100.pth")
        return folder

    return write


@pytest.fixture(scope="session")
def model(checkpoint: Callable[[str], Path]) -> Callable[[str], StyleTTS2]:
    """A reduced model through the whole loading path."""
    return cache(lambda name: load_model(checkpoint(name)))


@pytest.fixture(autouse=True)
def _no_grad() -> object:
    with torch.no_grad():
        yield
