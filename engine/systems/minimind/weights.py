"""The published names of tensors and ours: wrappers left out, matrices fused, heads turned as ours turn.

The published rotation is of neighbouring channels (2k, 2k + 1); ours is of the pairs (k, k + D/2), which comes to the
same when the rows of queries and keys change places (docs/systems/minimind.md#the-rotation). Letters: H width, D width
of a head, G heads of keys, R query heads in the group of each.
"""

from collections.abc import Mapping
from typing import TypeVar

import torch
from torch import Tensor

from engine.systems.minimind.config import LMConfig

State = dict[str, Tensor]
V = TypeVar("V")

# What compilers and trainers on several devices put before every name.
_WRAPPERS = ("_orig_mod.", "module.")
# The names of ours and the published ones of all tensors but those that are fused, in the order in which they are told.
_NAMES = (
    ("self_attn.o_proj.", "attention.wo."),
    ("input_layernorm.", "attention_norm."),
    ("post_attention_layernorm.", "ffn_norm."),
    ("mlp.", "feed_forward."),
    ("down_proj.", "w2."),
)
# The layers and their last norm are a network of their own in ours.
_BODY = ("layers.", "norm.")


def unwrapped(state: Mapping[str, V]) -> dict[str, V]:
    """The tensors without the names of wrappers, and without masks, which the released code works out anew."""
    found = {}
    for key, value in state.items():
        while wrapper := next((each for each in _WRAPPERS if key.startswith(each)), ""):
            key = key.removeprefix(wrapper)
        if "mask" not in key:
            found[key] = value
    return found


def ours(state: Mapping[str, Tensor], config: LMConfig) -> State:
    """The tensors under our names; ``state`` has exactly those of `config.published_shapes`."""
    found: State = {}
    for key, value in state.items():
        attention, part = key.rpartition("attention.")[0], key.removesuffix(".weight").rpartition(".")[2]
        if part == "wq":
            parts = (_queries(value, config), _keys(state[f"{attention}attention.wk.weight"], config))
            values = state[f"{attention}attention.wv.weight"]
            found[f"body.{attention}self_attn.qkv_proj.weight"] = torch.cat((*parts, values))
        elif part == "w1":
            gate_up = torch.cat((value, state[key.replace(".w1.", ".w3.")]))
            found[_ours(key.replace(".w1.", ".gate_up_proj."))] = gate_up
        elif part not in ("wk", "wv", "w3"):
            found[_ours(key)] = value
    return found


def published(state: Mapping[str, Tensor], config: LMConfig) -> State:
    """The tensors of our network under their published names: what `ours` takes back."""
    found: State = {}
    for key, value in state.items():
        if key.endswith("qkv_proj.weight"):
            attention = key.removeprefix("body.").removesuffix("self_attn.qkv_proj.weight") + "attention"
            kv_width = config.n_kv_heads * (config.width // config.n_heads)
            queries, keys, values = value.split((config.width, kv_width, kv_width))
            found[f"{attention}.wq.weight"] = _queries(queries, config, back=True)
            found[f"{attention}.wk.weight"] = _keys(keys, config, back=True)
            found[f"{attention}.wv.weight"] = values
        elif key.endswith("gate_up_proj.weight"):
            for part, rows in zip(("w1", "w3"), value.chunk(2), strict=True):
                found[_theirs(key).replace("gate_up_proj", part)] = rows
        else:
            found[_theirs(key)] = value
    return {key: value.contiguous() for key, value in found.items()}


def _queries(matrix: Tensor, config: LMConfig, *, back: bool = False) -> Tensor:
    """Rows (G, R, D/2, 2) of a matrix (·, H) as (R, G, 2, D/2), or back."""
    groups, half = config.n_kv_heads, config.width // config.n_heads // 2
    if back:
        return matrix.view(-1, groups, 2, half, config.width).permute(1, 0, 3, 2, 4).flatten(0, 3)
    return matrix.view(groups, -1, half, 2, config.width).permute(1, 0, 3, 2, 4).flatten(0, 3)


def _keys(matrix: Tensor, config: LMConfig, *, back: bool = False) -> Tensor:
    """Rows (G, D/2, 2) of a matrix (·, H) as (G, 2, D/2), or back."""
    half = config.width // config.n_heads // 2
    return (
        matrix.view(config.n_kv_heads, *((2, half) if back else (half, 2)), config.width).transpose(1, 2).flatten(0, 2)
    )


def _ours(key: str) -> str:
    for mine, theirs in _NAMES:
        key = key.replace(theirs, mine)
    return f"body.{key}" if key.startswith(_BODY) else key


def _theirs(key: str) -> str:
    for mine, theirs in _NAMES:
        key = key.replace(mine, theirs)
    return key.removeprefix("body.")
