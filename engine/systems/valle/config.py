"""What a training checkpoint says of itself, beside its weights. Imports no torch.

docs/codec-lm.md#the-checkpoint
"""

from collections.abc import Mapping
from typing import Any

# The arguments of the training that cannot be seen in the tensors.
TOLD = ("nhead", "prefix_mode", "scale_factor", "nar_scale_factor")


def told(held: Mapping[str, Any]) -> dict[str, int | float]:
    """Of the arguments of the training, those that the networks are built by; others are nobody's matter."""
    return {name: value for name in TOLD if isinstance(value := held.get(name), int | float)}
