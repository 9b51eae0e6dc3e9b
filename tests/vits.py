"""Checkpoints of the VITS family with the weights that its reference values were made with."""

import json
import re
from functools import cache
from pathlib import Path

import numpy as np
import torch

from tests.goldens import weights

GOLDENS = Path(__file__).parent / "goldens" / "vits"


@cache
def _scales() -> list[tuple[re.Pattern, np.float32]]:
    rules = json.loads((GOLDENS / "weight_scales.json").read_text())
    return [(re.compile(rule["pattern"]), np.float32(rule["factor"])) for rule in rules]


def factor(key: str) -> np.float32:
    """What the reference values multiply the weights of a tensor by."""
    return next((factor for pattern, factor in _scales() if pattern.fullmatch(key)), np.float32(1))


def reference_tensor(key: str, shape: list[int]) -> torch.Tensor:
    if key == "dec.updown_filter":
        bands = shape[0]
        return torch.eye(bands).unsqueeze(-1) * torch.eye(bands)[0]
    return torch.from_numpy(weights.tensor(key, shape) * factor(key))


def published_state(model: str) -> dict[str, torch.Tensor]:
    """The published state dict of a reduced model."""
    manifest = json.loads((GOLDENS / f"manifest_reduced_{model}.json").read_text())
    return {key: reference_tensor(key, entry["shape"]) for key, entry in manifest.items()}


def published_checkpoint(folder: Path, model: str) -> Path:
    """A folder as the reference's trainer leaves it: config.json and G_<step>.pth."""
    folder.mkdir(parents=True, exist_ok=True)
    folder.joinpath("config.json").write_bytes((GOLDENS / f"config_{model}.json").read_bytes())
    parameter = torch.nn.Parameter(torch.ones(2))
    parameter.grad = torch.ones(2)
    optimizer = torch.optim.AdamW([parameter], 2e-4)
    optimizer.step()
    saved = {
        "model": published_state(model),
        "iteration": 3,
        "optimizer": optimizer.state_dict(),
        "learning_rate": 2e-4,
    }
    torch.save(saved, folder / "G_1000.pth")
    return folder
