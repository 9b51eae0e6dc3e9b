"""Where the two files of a checkpoint are, and what the configuration says of its voices. Imports no torch."""

from pathlib import Path

from engine.errors import WeightsMissing
from engine.systems.vits.config import parse, read_json
from engine.systems.vits.file_names import configuration, generator


def locate(checkpoint: Path) -> tuple[Path, Path]:
    """The configuration and the weights of a checkpoint: a folder with both, or the weights with the other beside them.

    They are config.json and G_*.pth, or go by other names that `engine.systems.vits.file_names` knows; of several
    G_*.pth the one with the highest number is taken. Raises WeightsMissing.
    """
    if checkpoint.is_dir():
        config = _beside(checkpoint)
        weights = generator(_names(checkpoint))
        if weights is None:
            raise WeightsMissing(f"there is no G_*.pth in {checkpoint}; put the generator's weights there")
        return config, checkpoint / weights
    if not checkpoint.is_file():
        raise WeightsMissing(f"there is no checkpoint {checkpoint}; name a folder with config.json and G_*.pth")
    return _of(checkpoint), checkpoint


def speakers(checkpoint: Path) -> tuple[str, ...]:
    """The names of the voices of a checkpoint, without loading it; empty when it has just one."""
    config = _beside(checkpoint) if checkpoint.is_dir() else _of(checkpoint)
    return tuple(parse(read_json(config), str(config)).speakers)


def _of(weights: Path) -> Path:
    """The configuration of one file of weights: of the same name, where several voices lie in a folder."""
    own = weights.with_suffix(".json")
    return own if own.is_file() else _beside(weights.parent)


def _beside(folder: Path) -> Path:
    config = configuration(_names(folder))
    if config is None:
        raise WeightsMissing(f"there is no config.json in {folder}; it belongs beside the weights")
    return folder / config


def _names(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir() if path.is_file()]
