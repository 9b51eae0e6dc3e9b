"""Checkpoints in transformers' layout: the reduced ones of the reference values, with their vocabulary."""

import json
import re
import shutil
from collections.abc import Callable
from functools import cache
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from tests.goldens import weights

GOLDENS = Path(__file__).parents[5] / "goldens" / "vits"
TOKENIZER = {"language": "eng", "add_blank": True, "normalize": True, "phonemize": False, "is_uroman": False}


@cache
def _scales() -> list[tuple[re.Pattern, np.float32]]:
    rules = json.loads((GOLDENS / "weight_scales_mms.json").read_text())
    return [(re.compile(rule["pattern"]), np.float32(rule["factor"])) for rule in rules]


def _tensor(key: str, shape: list[int]) -> torch.Tensor:
    factor = next((factor for pattern, factor in _scales() if pattern.fullmatch(key)), np.float32(1))
    return torch.from_numpy(weights.tensor(key, shape) * factor)


@pytest.fixture(scope="session")
def mms_state() -> Callable[[str], dict[str, torch.Tensor]]:
    """The tensors of a reduced model under transformers' names, weight norm in the older spelling."""

    def make(model: str) -> dict[str, torch.Tensor]:
        manifest = json.loads((GOLDENS / f"manifest_mms_{model}.json").read_text())
        return {key: _tensor(key, entry["shape"]) for key, entry in manifest.items()}

    return make


@pytest.fixture(scope="session")
def mms_checkpoint(tmp_path_factory: pytest.TempPathFactory, mms_state: Callable) -> Callable[[str], Path]:
    """A folder as the hub has it, for one reduced model."""

    @cache
    def write(model: str) -> Path:
        folder = tmp_path_factory.mktemp(f"mms_{model}")
        folder.joinpath("config.json").write_bytes((GOLDENS / f"config_mms_{model}.json").read_bytes())
        folder.joinpath("vocab.json").write_bytes((GOLDENS / "mms_vocab.json").read_bytes())
        folder.joinpath("tokenizer_config.json").write_text(json.dumps(TOKENIZER))
        save_file(mms_state(model), folder / "model.safetensors")
        return folder

    return write


@pytest.fixture
def mms_folder(tmp_path: Path, mms_checkpoint: Callable[[str], Path]) -> Callable[..., Path]:
    """A private copy of a checkpoint, to spoil; ``changes`` go into the JSON file whose name comes first."""

    def copy(model: str = "sdp", file: str = "config.json", **changes: object) -> Path:
        folder = shutil.copytree(mms_checkpoint(model), tmp_path / model)
        raw = json.loads((folder / file).read_text())
        folder.joinpath(file).write_text(json.dumps({**raw, **changes}))
        return folder

    return copy
