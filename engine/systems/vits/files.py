"""Where the two files of a checkpoint lie, and what the configuration says of its voices. Imports no torch.

One layout on disk is known, the published one of docs/systems/vits.md#checkpoints.
"""

import re
from collections.abc import Sequence
from pathlib import Path, PurePosixPath
from typing import NamedTuple

from engine.config_file import read_json
from engine.errors import WeightsMissing
from engine.systems.vits.config import parse


class Files(NamedTuple):
    """The files of a checkpoint."""

    config: Path
    weights: Path


def locate(checkpoint: Path) -> Files:
    """The files of a checkpoint: a folder with config.json and G_*.pth, or the .pth itself with config.json beside it.

    Of several G_*.pth in a folder the one with the highest number is taken. Raises WeightsMissing.
    """
    if checkpoint.is_dir():
        config = _config_in(checkpoint)
        numbered = [(number(path.name), path) for path in checkpoint.glob("G_*.pth") if path.is_file()]
        if not numbered:
            raise WeightsMissing(
                "there is no G_*.pth in {checkpoint}; put the generator's weights there", checkpoint=checkpoint
            )
        return Files(config, max(numbered)[1])
    if not checkpoint.is_file():
        raise WeightsMissing(
            "there is no checkpoint {checkpoint}; name a folder with config.json and G_*.pth", checkpoint=checkpoint
        )
    return Files(_config_in(checkpoint.parent), checkpoint)


def pick(paths: Sequence[str]) -> tuple[str, ...]:
    """Which of the files of a repository or an archive make a checkpoint; nothing where one of them is missing.

    They are config.json and, of the G_*.pth beside it, the one with the highest number.
    """
    weights = [path for path in paths if PurePosixPath(path).match("G_*.pth") and "/" not in path]
    if "config.json" not in paths or not weights:
        return ()
    return ("config.json", max(weights, key=lambda path: (number(path), path)))


def speakers(checkpoint: Path) -> tuple[str, ...]:
    """The names of the voices of a checkpoint, without loading it; empty when it has just one."""
    config = _config_in(checkpoint if checkpoint.is_dir() else checkpoint.parent)
    return tuple(parse(read_json(config), str(config)).speakers)


def number(name: str) -> int:
    """The last number in a file's name: the step that it was saved at; -1 without one."""
    digits = re.findall(r"\d+", PurePosixPath(name).stem)
    return int(digits[-1]) if digits else -1


def _config_in(folder: Path) -> Path:
    config = folder / "config.json"
    if not config.is_file():
        raise WeightsMissing("there is no config.json in {folder}; it belongs beside the weights", folder=folder)
    return config
