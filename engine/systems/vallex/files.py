"""Where a checkpoint's files lie: weights, and codecs and voices beside them. Imports no torch.

docs/systems/vallex.md#the-checkpoint
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from engine.codecs.companions import encodec_of, picked, vocos_of
from engine.errors import WeightsMissing

WEIGHTS = "vallex-checkpoint.pt"
PLACES = (WEIGHTS, f"checkpoints/{WEIGHTS}")
PRESETS = "presets"


@dataclass(frozen=True, slots=True, kw_only=True)
class Files:
    """Where the parts of a checkpoint are; codecs that are not there are None. ``presets`` are voices by name."""

    weights: Path
    encodec: Path | None
    vocos: Path | None
    presets: dict[str, Path]


def locate(checkpoint: Path) -> Files:
    """The files of a checkpoint: its folder, or the weights themselves. Raises WeightsMissing."""
    folder = checkpoint if checkpoint.is_dir() else checkpoint.parent
    if checkpoint.is_dir():
        found = next((checkpoint / place for place in PLACES if (checkpoint / place).is_file()), None)
        if found is None:
            raise WeightsMissing(
                "there is no {weights} in {checkpoint}; fetch it from the hub and put it there",
                weights=WEIGHTS,
                checkpoint=checkpoint,
            )
        checkpoint = found
    elif not checkpoint.is_file():
        raise WeightsMissing(
            "there is no checkpoint {checkpoint}; name a folder with {weights}", checkpoint=checkpoint, weights=WEIGHTS
        )
    elif folder.name == "checkpoints":
        folder = folder.parent
    voices = sorted((folder / PRESETS).glob("*.npz")) if (folder / PRESETS).is_dir() else []
    return Files(
        weights=checkpoint,
        encodec=encodec_of(folder),
        vocos=vocos_of(folder),
        presets={path.stem: path for path in voices},
    )


def pick(paths: Sequence[str]) -> tuple[str, ...]:
    """The files of a checkpoint among ``paths``, with voices and codecs; nothing where the weights lack."""
    weights = next((place for place in PLACES if place in paths), None)
    if weights is None:
        return ()
    presets = (path for path in paths if path.startswith(f"{PRESETS}/") and path.endswith(".npz"))
    return (weights, *picked(paths), *presets)


def speakers(checkpoint: Path) -> tuple[str, ...]:
    """The names of the voices beside a checkpoint. Raises WeightsMissing."""
    return tuple(locate(checkpoint).presets)
