"""The state of torch's own random numbers, which a run that goes on must have back."""

from collections.abc import Mapping

import torch
from torch import Tensor


def state(device: torch.device) -> dict[str, Tensor]:
    """That of the CPU, and of ``device`` where it has its own."""
    states = {"cpu": torch.get_rng_state()}
    return states | ({"cuda": torch.cuda.get_rng_state(device)} if device.type == "cuda" else {})


def restore(states: Mapping[str, Tensor]) -> None:
    """Go on as where `state` was asked."""
    torch.set_rng_state(states["cpu"])
    if "cuda" in states and torch.cuda.is_available():
        torch.cuda.set_rng_state(states["cuda"])
