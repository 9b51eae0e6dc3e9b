"""The generator of a voice under its published names, from the graph or from a trainer's checkpoint."""

from collections.abc import Generator, Mapping
from typing import Any

import torch
from torch import Tensor

from engine.config_file import wholes
from engine.errors import ConfigError
from engine.events import Progress
from engine.message import Message
from engine.systems.vits.config import MOST_ELSEWHERE, Config
from engine.systems.vits.layouts.layout import Files
from engine.systems.vits.layouts.piper import architecture, names
from engine.systems.vits.layouts.piper.architecture import Told
from engine.systems.vits.layouts.piper.files import ONNX
from engine.systems.vits.layouts.piper.graph import read_graph
from engine.systems.vits.layouts.piper.voice import read_voice
from engine.systems.vits.weights import generator_state
from engine.weights_cache import converting

# What the trainer keeps of the decoder, and where a checkpoint brings it.
TOLD = {"resblock_dilation_sizes": "dilations", "upsample_rates": "rates"}

Read = Generator[Progress, None, tuple[Config, Mapping[str, Tensor]]]


def read(files: Files) -> Read:
    """The configuration and the tensors. Raises WeightsMissing, WeightsMismatch and ConfigError."""
    voice = read_voice(files.config)
    told, state = yield from _of_graph(files) if files.weights.suffix == ONNX else _of_checkpoint(files)
    shapes = {name: tuple(value.shape) for name, value in state.items()}
    return architecture.config(voice, shapes, told, files.weights.name), state


def _of_graph(files: Files) -> Generator[Progress, None, tuple[Told, dict[str, Tensor]]]:
    yield Progress(done=0, total=None, label=Message("reading {file}", file=files.weights.name))
    graph = read_graph(files.weights)
    names.check(graph)
    state = {name: torch.from_numpy(tensor) for name, tensor in names.state(graph).items()}
    return names.told(graph), state


def _of_checkpoint(files: Files) -> Generator[Progress, None, tuple[Told, dict[str, Tensor]]]:
    held = yield from converting(
        files.weights, lambda contents: _selected(contents, files.weights.name), layout="piper/1"
    )
    facts = {name: held.pop(key) for key, name in TOLD.items() if key in held}
    dilations = tuple(
        wholes(each, "resblock_dilation_sizes", most=MOST_ELSEWHERE) for each in facts.get("dilations", [])
    )
    rates = wholes(facts["rates"], "upsample_rates", most=MOST_ELSEWHERE) if "rates" in facts else ()
    return Told(dilations=dilations, rates=rates), held


def _selected(contents: Any, source: str) -> dict[str, Any]:
    """The tensors, and of the trainer's settings what no tensor tells."""
    state: dict[str, Any] = generator_state(contents, source)
    settings = contents.get("hyper_parameters") if isinstance(contents, Mapping) else None
    if isinstance(settings, Mapping):
        state |= {key: _plain(settings[key], key) for key in TOLD if settings.get(key) is not None}
    return state


def _plain(value: Any, key: str) -> Any:
    """Tuples of numbers as lists, as JSON has them."""
    if isinstance(value, list | tuple):
        return [_plain(each, key) for each in value[:64]]
    if type(value) is not int:
        raise ConfigError("{key}={value} is no list of whole numbers", key=key, value=repr(value)[:60])
    return value
