"""What of a training checkpoint is the model, under its published names."""

from collections.abc import Mapping
from typing import Any

from torch import Tensor

from engine.codec_lm.weights import unwrapped
from engine.errors import WeightsMismatch
from engine.systems.valle.config import told


def model_state(held: Any, source: str) -> dict[str, Any]:
    """The tensors of ``model``, and beside them what the checkpoint says of their sizes. Raises WeightsMismatch."""
    state = held.get("model") if isinstance(held, Mapping) else None
    if not isinstance(state, Mapping) or not state or not all(isinstance(value, Tensor) for value in state.values()):
        raise WeightsMismatch(
            "{source} holds no model; give what the trainer saved, such as epoch-100.pt", source=source
        )
    return {**unwrapped(state), **told(held)}
