"""The published names of tensors and ours: two stages, packed matrices by the name that they have elsewhere."""

from collections.abc import Mapping
from typing import TypeVar

V = TypeVar("V")

_NAMES = (
    (".word_embeddings.", "."),
    ("_attn.in_proj_weight", "_attn.qkv_proj.weight"),
    ("_attn.in_proj_bias", "_attn.qkv_proj.bias"),
)
# What a trainer on several devices puts before every name.
_WRAPPER = "module."


def unwrapped(state: Mapping[str, V]) -> dict[str, V]:
    """The tensors without the name of a trainer's wrapper."""
    return {key.removeprefix(_WRAPPER): value for key, value in state.items()}


def ours(state: Mapping[str, V]) -> dict[str, V]:
    """The tensors under our names."""
    return {_ours(key): value for key, value in state.items()}


def _ours(key: str) -> str:
    for theirs, mine in _NAMES:
        key = key.replace(theirs, mine)
    return key.replace("_", ".", 1) if key.startswith(("ar_", "nar_")) else key
