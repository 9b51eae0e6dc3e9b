"""Where the two files of a checkpoint are, and what the configuration says of its voices. Imports no torch."""

import re
from pathlib import Path

from engine.errors import WeightsMissing
from engine.systems.vits.config import parse, read_json


def locate(checkpoint: Path) -> tuple[Path, Path]:
    """The configuration and the weights of a checkpoint: a folder with config.json and G_*.pth, or the .pth itself.

    Of several G_*.pth in a folder the one with the highest number is taken. Raises WeightsMissing.
    """
    if checkpoint.is_dir():
        config = _beside(checkpoint)
        numbered = [(number(path), path) for path in checkpoint.glob("G_*.pth") if path.is_file()]
        if not numbered:
            raise WeightsMissing(f"there is no G_*.pth in {checkpoint}; put the generator's weights there")
        return config, max(numbered)[1]
    if not checkpoint.is_file():
        raise WeightsMissing(f"there is no checkpoint {checkpoint}; name a folder with config.json and G_*.pth")
    return _beside(checkpoint.parent), checkpoint


def speakers(checkpoint: Path) -> tuple[str, ...]:
    """The names of the voices of a checkpoint, without loading it; empty when it has just one."""
    folder = checkpoint if checkpoint.is_dir() else checkpoint.parent
    config = _beside(folder)
    return tuple(parse(read_json(config), str(config)).speakers)


def _beside(folder: Path) -> Path:
    config = folder / "config.json"
    if not config.is_file():
        raise WeightsMissing(f"there is no config.json in {folder}; it belongs beside the weights")
    return config


def number(path: Path) -> int:
    """The last number in a file's name: the step that it was saved at; -1 without one."""
    digits = re.findall(r"\d+", path.stem)
    return int(digits[-1]) if digits else -1
