"""The tensors of the family's published checkpoints by our names, constants folded.

docs/style-tts.md#published-names
"""

import re
from collections.abc import Mapping, Sequence

import torch
from torch import Tensor

from engine.errors import WeightsMismatch

# Carried by public files and used by nothing.
UNUSED = ("bert.embeddings.position_ids", "bert.pooler.")
# Module, its published fragment of a key, ours. ALBERT could have groups of layers; PL-BERT has one layer.
RENAMED = (
    ("bert.", "encoder.albert_layer_groups.0.albert_layers.0.", "layer."),
    ("bert.", "encoder.embedding_hidden_mapping_in.", "embedding_hidden_mapping_in."),
    ("predictor.", "duration_proj.linear_layer.", "duration_proj."),
    ("decoder.", "asr_res.0.", "asr_res."),
)
BLOCK_SNAKE = re.compile(r"(|.*\.)alpha([12]\.\d+)")
LAST_SNAKE = re.compile(r"decoder\.generator\.alphas\.(\d+)")


def module_states(checkpoint: object, modules: Sequence[str], source: str, system: str) -> dict[str, Tensor]:
    """The tensors of ``modules`` by their published names, ``<module>.<key>``, from whatever a file held.

    Accepts {module: state} and a flat {'<module>.<key>': tensor}; cuts one leading ``module.`` off each key that has
    it, and leaves out what is UNUSED. Raises WeightsMismatch.
    """
    if not isinstance(checkpoint, Mapping):
        raise WeightsMismatch(
            "{source} holds no modules; it is no checkpoint of {system}", source=source, system=system
        )
    state: dict[str, Tensor] = {}
    for module in modules:
        nested = checkpoint.get(module)
        if not isinstance(nested, Mapping):
            head = module + "."
            nested = {key.removeprefix(head): value for key, value in checkpoint.items() if str(key).startswith(head)}
        if not nested:
            raise WeightsMismatch(
                "{source} has no module {module!r}; it is no complete model of {system}",
                source=source,
                module=module,
                system=system,
            )
        tensors = {str(key): value for key, value in nested.items() if isinstance(value, Tensor)}
        state |= {f"{module}.{key.removeprefix('module.')}": value for key, value in tensors.items()}
    return {key: value for key, value in state.items() if not key.startswith(UNUSED)}


def own_state(published: Mapping[str, Tensor], renamed: Sequence[tuple[str, str, str]] = RENAMED) -> dict[str, Tensor]:
    """The state of our networks in float32: weight norm, spectral norm and the snakes' divisions are in the weights.

    ``renamed`` are triples as in RENAMED. Raises WeightsMismatch when a part of a factorised weight is missing.
    """
    state = {_renamed(key, renamed): value.float() for key, value in published.items()}
    for key in [key for key in state if key.endswith(".weight_g")]:
        name = key.removesuffix("_g")
        # torch's own function: docs/style-tts.md#order-of-operations
        state[name] = torch._weight_norm(_part(state, name + "_v"), state.pop(key), 0)
    for key in [key for key in state if key.endswith(".weight_orig")]:
        name = key.removesuffix("_orig")
        # Copies, because how a product is rounded depends on how a file happens to align its tensors.
        weight, u, v = (part.clone() for part in (state.pop(key), _part(state, name + "_u"), _part(state, name + "_v")))
        state[name] = weight / torch.dot(u, weight.flatten(1) @ v)
    return _with_snakes(state)


def _with_snakes(state: dict[str, Tensor]) -> dict[str, Tensor]:
    """Each snake's division by alpha, done by the weights behind it."""
    last = max((int(match[1]) for key in state if (match := LAST_SNAKE.fullmatch(key))), default=None)
    for key, alpha in list(state.items()):
        if match := BLOCK_SNAKE.fullmatch(key):
            _divide(state, f"{match[1]}convs{match[2]}.weight", alpha)
        elif (match := LAST_SNAKE.fullmatch(key)) and int(match[1]) == last:
            _divide(state, "decoder.generator.conv_post.weight", alpha)
        elif match:
            _divide(state, f"decoder.generator.ups.{match[1]}.weight", alpha.transpose(0, 1))
    return state


def _divide(state: dict[str, Tensor], key: str, alpha: Tensor) -> None:
    state[key] = _part(state, key) / alpha


def _renamed(key: str, renamed: Sequence[tuple[str, str, str]]) -> str:
    for module, published, own in renamed:
        if key.startswith(module):
            key = key.replace(published, own)
    return key


def _part(state: dict[str, Tensor], key: str) -> Tensor:
    if key not in state:
        raise WeightsMismatch(
            "the checkpoint has no {key}, which belongs to another tensor of it; it is incomplete", key=key
        )
    return state.pop(key)
