"""The published names of tensors and ours: wrappers left out, matrices fused, weight norm folded."""

from collections.abc import Sequence

import torch
from torch import Tensor

from engine.errors import WeightsMismatch

State = dict[str, Tensor]
NORM = ".parametrizations.weight.original"
# Wrappers of other libraries around the same modules.
DVAE_NAMES = {"preprocessor_mel.mel_spec.": "mel.", "vq_layer.quantizer.": "quantizer."}


def gpt_state(state: State) -> State:
    """The transformer's tensors without a ``model.`` prefix and the token embedding, which this model never uses."""
    bare = {key.removeprefix("model."): value for key, value in state.items()}
    bare.pop("embed_tokens.weight", None)
    return bare


def dvae_state(state: State) -> State:
    """The autoencoder's tensors without the names of wrappers."""
    renamed = {}
    for key, value in state.items():
        prefix = next((prefix for prefix in DVAE_NAMES if key.startswith(prefix)), "")
        renamed[DVAE_NAMES.get(prefix, "") + key.removeprefix(prefix)] = value
    return renamed


def fuse_gpt(state: State) -> State:
    """The same transformer with queries, keys and values in one matrix, and gate and up in another."""
    fused = dict(state)
    for layer in sorted({key.split(".")[1] for key in state if key.startswith("layers.")}):
        attention, mlp = f"layers.{layer}.self_attn", f"layers.{layer}.mlp"
        _join(fused, [f"{attention}.{part}_proj.weight" for part in "qkv"], f"{attention}.qkv_proj.weight")
        _join(fused, [f"{mlp}.{part}_proj.weight" for part in ("gate", "up")], f"{mlp}.gate_up_proj.weight")
    return fused


def fuse_embed(state: State, n_codebooks: int) -> State:
    """The same tables and heads with all codebooks in one, and the heads' weight norm folded.

    A head's weight is original0 · original1/‖original1‖ by rows; original0 holds the lengths, original1 the directions.
    """
    fused = dict(state)
    for head in ("head_text", *(f"head_code.{codebook}" for codebook in range(n_codebooks))):
        length, direction = f"{head}{NORM}0", f"{head}{NORM}1"
        if length in fused and direction in fused and fused[length].shape == (len(fused[direction]), 1):
            rows = fused.pop(direction).float()
            scale = fused.pop(length).float() / torch.linalg.vector_norm(rows, dim=1, keepdim=True)
            fused[f"{head}.weight"] = rows * scale
    for name in ("emb_code", "head_code"):
        _join(fused, [f"{name}.{codebook}.weight" for codebook in range(n_codebooks)], f"{name}.weight")
    return {key.removesuffix(".weight") if key.startswith("emb_") else key: value for key, value in fused.items()}


def _join(state: State, parts: Sequence[str], name: str) -> None:
    """Replace ``parts`` by one tensor ``name`` with all their rows. Raises WeightsMismatch when one is missing.

    Where they differ in width they stay as they are, and the strict load names them.
    """
    missing = [part for part in parts if part not in state]
    if missing:
        raise WeightsMismatch(
            "there is no tensor {missing}; the checkpoint is incomplete, so fetch it again", missing=missing[0]
        )
    found = [state[part] for part in parts]
    if len({value.shape[1:] for value in found}) == 1:
        for part in parts:
            del state[part]
        state[name] = torch.cat(found)
