"""The published reference values of MiniMind-TTS, and language models with the weights that they were made with."""

import json
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import torch

from engine.systems.minimind.checkpoint import build_lm, lm_state
from engine.systems.minimind.networks.lm import LanguageModel
from tests.goldens import weights

GOLDENS = Path(__file__).parent / "goldens" / "minimind"


@cache
def arrays(name: str) -> dict[str, torch.Tensor]:
    """The arrays of one file as tensors, by its name without ending."""
    with np.load(GOLDENS / f"{name}.npz") as held:
        return {key: torch.from_numpy(held[key]) for key in held.files}


def stored(name: str) -> Any:
    """What a JSON file holds, by its name without ending."""
    return json.loads((GOLDENS / f"{name}.json").read_text(encoding="utf-8"))


def lm_weights(name: str) -> dict[str, torch.Tensor]:
    """The published state dict of a reduced language model."""
    manifest = stored(f"{name}_manifest")
    return {key: torch.from_numpy(weights.tensor(key, entry["shape"])) for key, entry in manifest.items()}


def language_model(name: str) -> LanguageModel:
    """A reduced language model, read as a checkpoint is."""
    return build_lm(lm_state(lm_weights(name), name), stored(f"{name}_config"), name)
