"""Where a checkpoint's files lie. Imports no torch. Specification, section 2."""

from collections.abc import Sequence
from pathlib import Path, PurePosixPath
from typing import Any

from engine.errors import WeightsMissing
from engine.systems.styletts2.config import read_yaml

CONFIG = "config.yml"
# A repository has its checkpoints in folders of this one.
MODELS = "Models"
ENDINGS = (".pth", ".safetensors")
PLBERT_CONFIG = "Utils/PLBERT/config.yml"


def locate(checkpoint: Path) -> tuple[Path, Path]:
    """config.yml and the weights of ``checkpoint``: the weights, the folder with both, or a repository that holds it.

    Raises WeightsMissing.
    """
    if checkpoint.is_dir():
        checkpoint = _weights_in(_folder(checkpoint))
    if not checkpoint.is_file():
        raise WeightsMissing(f"there is no checkpoint {checkpoint}; name a folder with config.yml and one .pth")
    config = checkpoint.with_name(CONFIG)
    if not config.is_file():
        raise WeightsMissing(f"there is no config.yml in {checkpoint.parent}; it belongs beside the weights")
    return config, checkpoint


def plbert_config(config: Path) -> dict[str, Any] | None:
    """PL-BERT's own config.yml, in a Utils/PLBERT beside ``config`` or two folders up; None where there is none."""
    for folder in (config.parent, *list(config.parent.parents)[:2]):
        if (folder / PLBERT_CONFIG).is_file():
            return read_yaml(folder / PLBERT_CONFIG)
    return None


def pick(paths: Sequence[str], others: Sequence[str] = ()) -> tuple[str, ...]:
    """Of ``paths`` a config.yml with the weights beside it and what of ``others`` is there; nothing where one lacks.

    They lie at the top or in a folder of Models; of a training run the last checkpoint is taken.
    """
    configs = [path for path in map(PurePosixPath, paths) if path.name == CONFIG]
    for config in sorted(configs, key=lambda path: (len(path.parts), path)):
        if config.parent.parts not in ((), (MODELS, config.parent.name)):
            continue
        beside = [path for path in map(PurePosixPath, paths) if path.parent == config.parent]
        weights = [path for path in beside if path.suffix in ENDINGS and "1st" not in path.name]
        if weights:
            known = [path for path in (PLBERT_CONFIG, *others) if path in paths]
            return (str(config), str(max(weights, key=lambda path: (_number(path), path.name))), *known)
    return ()


def _folder(checkpoint: Path) -> Path:
    """The folder of the weights: ``checkpoint`` itself, or the one in its Models."""
    if _weights(checkpoint) or not (checkpoint / MODELS).is_dir():
        return checkpoint
    found = sorted(folder for folder in (checkpoint / MODELS).iterdir() if folder.is_dir() and _weights(folder))
    if len(found) > 1:
        names = ", ".join(f"{MODELS}/{folder.name}" for folder in found[:3])
        raise WeightsMissing(f"{checkpoint} holds {len(found)} checkpoints ({names}); name one of these folders")
    return found[0] if found else checkpoint


def _weights(folder: Path) -> list[Path]:
    return sorted(path for ending in ENDINGS for path in folder.glob(f"*{ending}"))


def _weights_in(folder: Path) -> Path:
    found = _weights(folder)
    if not found:
        raise WeightsMissing(f"there is no .pth in {folder}; put the weights there")
    if len(found) > 1:
        names = ", ".join(path.name for path in found[:3])
        raise WeightsMissing(f"{folder} holds {len(found)} checkpoints ({names}); name the file itself")
    return found[0]


def _number(weights: PurePosixPath) -> int:
    """The epoch at the end of a file's name, -1 where there is none."""
    digits = weights.stem.rpartition("_")[2]
    return int(digits) if digits.isdecimal() and digits.isascii() else -1
