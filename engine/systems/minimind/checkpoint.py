"""Building the networks of a checkpoint and filling them strictly."""

from collections.abc import Mapping
from typing import Any

from torch import Tensor

from engine.errors import WeightsMismatch
from engine.systems.minimind.config import parse, published_shapes
from engine.systems.minimind.networks.lm import LanguageModel
from engine.systems.minimind.weights import State, ours, unwrapped
from engine.weights import bounded, check_shapes, load_strictly


def lm_state(held: Any, source: str) -> State:
    """The tensors of what the trainer saved, under their published names. Raises WeightsMismatch."""
    if not isinstance(held, Mapping) or not held or not all(isinstance(value, Tensor) for value in held.values()):
        raise WeightsMismatch(
            "{source} holds more than the tensors of a language model; give what the trainer saved, such as "
            "pretrain_768.pth",
            source=source,
        )
    return unwrapped(held)


def build_lm(state: State, raw: Mapping[str, Any], source: str) -> LanguageModel:
    """The language model of a state dict in its published names, float32 on the CPU, ready to speak.

    ``raw`` is the JSON file beside it. Raises WeightsMismatch and ConfigError.
    """
    config = parse({key: tuple(value.shape) for key, value in state.items()}, raw, source)
    check_shapes(published_shapes(config), state, source)
    with bounded(state, source):
        model = LanguageModel(config)
    load_strictly(model, ours({key: value.float() for key, value in state.items()}, config), source)
    return model.eval().requires_grad_(False)
