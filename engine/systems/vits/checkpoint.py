"""A checkpoint on disk to a network on the CPU: building, loading strictly.

A layout (`engine.systems.vits.layouts`) reads its files as a Config with the generator's tensors under their published
names; `build` makes a network of any such pair.
"""

import dataclasses
from collections.abc import Generator, Mapping
from pathlib import Path

import torch
from torch import Tensor

from engine.errors import WeightsMismatch
from engine.events import Progress
from engine.steps import finish
from engine.systems.vits import layouts
from engine.systems.vits.config import Config
from engine.systems.vits.networks.decoder import zero_stuffing
from engine.systems.vits.networks.model import Vits
from engine.systems.vits.weights import folded
from engine.weights import bounded, load_strictly

# The parts of the stochastic duration predictor that training alone uses.
TRAINS_DURATIONS = ("dp.post_", "dp.flows.1.")


def read(checkpoint: Path) -> tuple[Config, Vits]:
    """The same as `reading` at one go."""
    return finish(reading(checkpoint))


def reading(checkpoint: Path) -> Generator[Progress, None, tuple[Config, Vits]]:
    """The configuration and the network of a checkpoint, on the CPU in float32.

    The posterior encoder, of which speaking makes no use, stays where there are voices to change one into another.
    Raises WeightsMissing, WeightsMismatch and ConfigError.
    """
    layout, files = layouts.find(checkpoint)
    config, state = yield from layout.read(files)
    yield Progress(done=0, total=None, label="building the network")
    return config, build(config, state, files.weights.name, with_posterior=bool(config.speakers))


def build(config: Config, state: Mapping[str, Tensor], source: str, *, with_posterior: bool = False) -> Vits:
    """The network on the CPU in float32, weight norm folded, for inference. Raises WeightsMismatch.

    ``enc_q`` is kept only ``with_posterior``, but where a checkpoint has it, it must be whole. So must be what trains
    drawn durations and does not draw them.
    """
    has_posterior = any(key.startswith("enc_q.") for key in state)
    # Not on the meta device: torch would import its compiler to initialise nothing there, which takes seconds.
    with bounded(state, source):
        model = Vits(dataclasses.replace(config.model, weight_norm=False), with_posterior=has_posterior)
    if config.model.use_sdp and not any(key.startswith(TRAINS_DURATIONS) for key in state):
        model.dp.keep_sampling()
    load_strictly(model, folded(state), source)
    constant = state.get("dec.updown_filter")
    if constant is not None and not torch.equal(constant.float(), zero_stuffing(config.model.subbands)):
        raise WeightsMismatch(
            "{source} has another dec.updown_filter than the published constant; it is damaged", source=source
        )
    if not with_posterior:
        model.enc_q = None
    return model.eval().requires_grad_(False)
