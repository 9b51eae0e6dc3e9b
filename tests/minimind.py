"""The published reference values of MiniMind-TTS, and language models with the weights that they were made with."""

import json
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import torch
import yaml
from safetensors.torch import save_file

from engine.systems.minimind.checkpoint import build_lm, lm_state
from engine.systems.minimind.networks.lm import LanguageModel
from tests.goldens import weights
from tests.wavtokenizer import filled, lightning_file, ported, yaml_of

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


def checkpoint(folder: Path, *, port: bool = False, out: bool = True, half: bool = False, **changes: Any) -> Path:
    """The reduced release of the end-to-end values, with ``changes`` in the JSON file beside its language model.

    The codec is a Lightning file with its YAML, or the ``port`` to safetensors. All is in float16 with ``half``.
    """
    weights_at = folder / "out" if out else folder
    weights_at.mkdir(parents=True, exist_ok=True)
    config, manifest = stored("e2e_config"), stored("e2e_manifest")
    to = torch.float16 if half else torch.float32
    lm = {key: torch.from_numpy(weights.tensor(key, entry["shape"])).to(to) for key, entry in manifest["lm"].items()}
    torch.save(lm, weights_at / "pretrain_32.pth")
    (weights_at / "pretrain_32.json").write_text(json.dumps(config["lm"] | changes), encoding="utf-8")
    codec = {key: value.to(to) for key, value in filled(manifest["codec"]).items()}
    if port:
        save_file(ported(codec), folder / "model.safetensors")
        return folder
    lightning_file(folder, state=codec)
    raw = yaml_of()
    raw["model"]["init_args"]["backbone"]["init_args"] |= {"input_channels": config["codec"]["dimension"]}
    (folder / "wavtokenizer.yaml").write_text(yaml.safe_dump(raw), encoding="utf-8")
    return folder
