"""A checkpoint on disk to a network on the CPU: reconciling, building, loading strictly.

A reader of one layout takes its Files and returns a Config with the generator's tensors under their published names;
`build` makes a network of any such pair.
"""

import dataclasses
from collections.abc import Generator, Mapping
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from engine.config_file import read_json
from engine.errors import WeightsMismatch
from engine.events import Progress
from engine.steps import finish
from engine.systems.vits.config import Config, parse, symbols_of_size
from engine.systems.vits.files import Files, locate
from engine.systems.vits.networks.decoder import zero_stuffing
from engine.systems.vits.networks.model import Vits
from engine.systems.vits.weights import folded, generator_state
from engine.weights import bounded, load_strictly
from engine.weights_cache import converting


def read(checkpoint: Path) -> tuple[Config, Vits]:
    """The same as `reading` at one go."""
    return finish(reading(checkpoint))


def reading(checkpoint: Path) -> Generator[Progress, None, tuple[Config, Vits]]:
    """The configuration and the network of a checkpoint, on the CPU in float32, without its posterior encoder.

    Raises WeightsMissing, WeightsMismatch and ConfigError.
    """
    files = locate(checkpoint)
    config, state = yield from _published(files)
    yield Progress(done=0, total=None, label="building the network")
    return config, build(config, state, files.weights.name)


def _published(files: Files) -> Generator[Progress, None, tuple[Config, Mapping[str, Tensor]]]:
    """The published layout: config.json and a pickle."""
    raw = read_json(files.config)
    state = yield from converting(
        files.weights, lambda held: generator_state(held, files.weights.name), layout="vits/1"
    )
    return parse(reconcile(raw, state), str(files.config)), state


def build(config: Config, state: Mapping[str, Tensor], source: str, *, with_posterior: bool = False) -> Vits:
    """The network on the CPU in float32, weight norm folded, for inference. Raises WeightsMismatch.

    ``enc_q`` is kept only ``with_posterior``, but where a checkpoint has it, it must be whole.
    """
    has_posterior = any(key.startswith("enc_q.") for key in state)
    # Not on the meta device: torch would import its compiler to initialise nothing there, which takes seconds.
    with bounded(state, source):
        model = Vits(dataclasses.replace(config.model, weight_norm=False), with_posterior=has_posterior)
    load_strictly(model, folded(state), source)
    constant = state.get("dec.updown_filter")
    if constant is not None and not torch.equal(constant.float(), zero_stuffing(config.model.subbands)):
        raise WeightsMismatch(
            "{source} has another dec.updown_filter than the published constant; it is damaged", source=source
        )
    if not with_posterior:
        model.enc_q = None
    return model.eval().requires_grad_(False)


def reconcile(raw: Mapping[str, Any], state: Mapping[str, Tensor]) -> dict[str, Any]:
    """config.json with what it leaves open, or what trainers are known to ignore in it, read off the tensors.

    The rules are in docs/systems/vits.md#configuration. Raises ConfigError when the symbols cannot be found.
    """
    if not (isinstance(raw.get("data"), dict) and isinstance(raw.get("model"), dict)):
        return {**raw}
    raw = {**raw, "data": dict(raw["data"]), "model": dict(raw["model"])}
    embedding = state.get("enc_p.emb.weight")
    if "symbols" not in raw and embedding is not None:
        raw["symbols"] = list(symbols_of_size(embedding.shape[0]))
    if "emb_g.weight" not in state:
        raw["data"]["n_speakers"] = 0
    elif raw["model"].get("gin_channels") is None:
        raw["model"]["gin_channels"] = state["emb_g.weight"].shape[1]
    if raw["model"].get("use_sdp") is None:
        raw["model"]["use_sdp"] = "dp.flows.0.m" in state
    return raw
