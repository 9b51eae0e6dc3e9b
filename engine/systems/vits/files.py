"""Where the two files of a checkpoint lie, and what the configuration says of its voices. Imports no torch.

One layout on disk is known, the published one of docs/systems/vits.md#checkpoints.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from engine.config_file import read_json, section
from engine.errors import WeightsMissing
from engine.message import Message
from engine.systems.vits.config import parse
from engine.systems.vits.file_names import configuration, generator
from engine.weights_header import shapes

# A tensor of the predictor that draws durations, and of no other.
RANDOM = "dp.flows.0.m"


class Files(NamedTuple):
    """The files of a checkpoint."""

    config: Path
    weights: Path


def locate(checkpoint: Path) -> Files:
    """The files of a checkpoint: a folder with both, or the weights with the configuration beside them.

    They are config.json and G_*.pth, or go by other names that `engine.systems.vits.file_names` knows; of several
    G_*.pth the one with the highest number is taken. Raises WeightsMissing.
    """
    if checkpoint.is_dir():
        config = _config_in(checkpoint)
        weights = generator(_names(checkpoint))
        if weights is None:
            raise WeightsMissing(
                "there is no G_*.pth in {checkpoint}; put the generator's weights there", checkpoint=checkpoint
            )
        return Files(config, checkpoint / weights)
    if not checkpoint.is_file():
        raise WeightsMissing(
            "there is no checkpoint {checkpoint}; name a folder with config.json and G_*.pth", checkpoint=checkpoint
        )
    return Files(_config_of(checkpoint), checkpoint)


def pick(paths: Sequence[str]) -> tuple[str, ...]:
    """Which of the files of a repository or an archive make a checkpoint; nothing where one of the two is missing.

    model.safetensors beside config.json is the layout of another library, whose models are no voices and large.
    """
    beside = [path for path in paths if "/" not in path]
    config, weights = configuration(beside), generator(beside)
    if config is None or weights is None or weights == "model.safetensors":
        return ()
    return config, weights


def speakers(checkpoint: Path) -> tuple[str, ...]:
    """The names of the voices of a checkpoint, without loading it; empty when it has just one."""
    config = _config_in(checkpoint) if checkpoint.is_dir() else _config_of(checkpoint)
    return tuple(parse(read_json(config), str(config)).speakers)


def labels(names: Sequence[str]) -> dict[str, Message]:
    """What to call speakers that have nothing but numbers."""
    return {name: Message("Voice {number}", number=name) for name in names if name.isdecimal()}


def has_random_durations(checkpoint: Path) -> bool:
    """Whether the checkpoint draws durations at random, as its configuration says, or else its weights.

    Raises WeightsMissing, WeightsMismatch and ConfigError.
    """
    files = locate(checkpoint)
    said = section(read_json(files.config), "model", str(files.config)).get("use_sdp")
    if isinstance(said, bool):
        return said
    return any(key.endswith(RANDOM) for key in shapes(files.weights))


def _config_of(weights: Path) -> Path:
    """The configuration of one file of weights: of the same name, where several voices lie in a folder."""
    own = weights.with_suffix(".json")
    return own if own.is_file() else _config_in(weights.parent)


def _config_in(folder: Path) -> Path:
    config = configuration(_names(folder))
    if config is None:
        raise WeightsMissing("there is no config.json in {folder}; it belongs beside the weights", folder=folder)
    return folder / config


def _names(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir() if path.is_file()]
