"""The names that published checkpoints give to the tensors, and folding weight norm into plain weights.

The networks keep the published names, so only what wrappers and newer versions of torch changed is mapped back:
docs/systems/vits.md#checkpoints.
"""

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor

from engine.errors import WeightsMismatch
from engine.systems.vits.config import with_symbols

PREFIXES = ("module.", "model_g.", "model.")
# Networks that some trainers save with the generator, which says nothing with them.
ONLY_TRAINED_WITH = ("net_d.", "net_dur_disc.", "dur_disc.", "discriminator.", "mpd.", "optimizer.")
# Newer and published spelling of weight norm: magnitude and direction of each output channel's weight.
SPELLINGS = {".parametrizations.weight.original0": ".weight_g", ".parametrizations.weight.original1": ".weight_v"}


def generator_state(checkpoint: object, source: str) -> dict[str, Tensor]:
    """The generator's tensors under their published names, from whatever a file held.

    Accepts {'model': ...} as trainers write it, {'state_dict': ...}, and a bare state dict; strips the prefixes that
    wrappers add, and writes weight norm as weight_g and weight_v. Raises WeightsMismatch.
    """
    for key in ("model", "state_dict"):
        if isinstance(checkpoint, Mapping) and isinstance(checkpoint.get(key), Mapping):
            checkpoint = checkpoint[key]
    if not isinstance(checkpoint, Mapping) or not any(isinstance(value, Tensor) for value in checkpoint.values()):
        raise WeightsMismatch("{source} holds no state dict; it is no checkpoint of a VITS generator", source=source)
    state = {str(key): value for key, value in checkpoint.items() if isinstance(value, Tensor)}
    for prefix in PREFIXES:
        if any(key.startswith(prefix + "enc_p.") for key in state):
            state = {key.removeprefix(prefix): value for key, value in state.items() if key.startswith(prefix)}
    return {published_name(key): value for key, value in state.items() if not key.startswith(ONLY_TRAINED_WITH)}


def published_name(key: str) -> str:
    """Our key of a weight-normed tensor in the published spelling; any other key as it is."""
    for new, old in SPELLINGS.items():
        if key.endswith(new):
            return key.removesuffix(new) + old
    return key


def folded(state: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """The same state in float32 without weight norm: each weight is its direction times its magnitude.

    Raises WeightsMismatch when one half of a pair is missing.
    """
    plain = {key: value.to(torch.float32, copy=True) for key, value in state.items()}
    for key in [key for key in plain if key.endswith(".weight_v")]:
        name = key.removesuffix("_v")
        if name + "_g" not in plain:
            raise WeightsMismatch(
                "{key} is there but {name}_g is not; the checkpoint is incomplete", key=key, name=name
            )
        direction, magnitude = plain.pop(key), plain.pop(name + "_g")
        norm = torch.linalg.vector_norm(direction, dim=tuple(range(1, direction.dim())), keepdim=True)
        plain[name] = direction * (magnitude / norm)
    return plain


def reconcile(raw: Mapping[str, Any], state: Mapping[str, Tensor]) -> dict[str, Any]:
    """config.json with what it leaves open, or what trainers are known to ignore in it, read off the tensors.

    The rules are in docs/systems/vits.md#configuration. Raises ConfigError when the symbols cannot be found.
    """
    if not (isinstance(raw.get("data"), dict) and isinstance(raw.get("model"), dict)):
        return {**raw}
    raw = {**raw, "data": dict(raw["data"]), "model": dict(raw["model"])}
    embedding = state.get("enc_p.emb.weight")
    if embedding is not None:
        raw = with_symbols(raw, embedding.shape[0])
    if "emb_g.weight" not in state:
        raw["data"]["n_speakers"] = 0
    elif raw["model"].get("gin_channels") is None:
        raw["model"]["gin_channels"] = state["emb_g.weight"].shape[1]
    if raw["model"].get("use_sdp") is None:
        raw["model"]["use_sdp"] = "dp.flows.0.m" in state
    return raw
