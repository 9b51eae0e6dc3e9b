"""Where a checkpoint's files lie: weights, the table of symbols, and codecs beside them. Imports no torch.

docs/systems/valle.md#the-checkpoint
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from engine.codecs.companions import encodec_of, picked, vocos_of
from engine.errors import WeightsMissing
from engine.systems.valle.symbols import ENDING, TABLE, locate_table

_EPOCH = re.compile(r"(?:epoch|checkpoint)-(\d+)\.pt")


@dataclass(frozen=True, slots=True, kw_only=True)
class Files:
    """Where the parts of a checkpoint are; codecs that are not there are None."""

    weights: Path
    table: Path
    encodec: Path | None
    vocos: Path | None


def locate(checkpoint: Path) -> Files:
    """The files of a checkpoint: a folder with weights and their table, or the weights. Raises WeightsMissing."""
    folder = checkpoint if checkpoint.is_dir() else checkpoint.parent
    if checkpoint.is_dir():
        weights = best(path.name for path in checkpoint.glob("*.pt"))
        if weights is None:
            raise WeightsMissing(
                "there is no .pt file in {checkpoint}; put what the trainer saved there, such as epoch-100.pt",
                checkpoint=checkpoint,
            )
        checkpoint = folder / weights
    if not checkpoint.is_file():
        raise WeightsMissing(
            "there is no checkpoint {checkpoint}; name a folder with a .pt file and {table}",
            checkpoint=checkpoint,
            table=TABLE,
        )
    return Files(weights=checkpoint, table=locate_table(checkpoint), encodec=encodec_of(folder), vocos=vocos_of(folder))


def best(names: Iterable[str]) -> str | None:
    """Which of several .pt files is the model: the best by validation, else the latest; None of none."""
    found = sorted(names)
    if "best-valid-loss.pt" in found:
        return "best-valid-loss.pt"
    counted = {name: int(match[1]) for name in found if (match := _EPOCH.fullmatch(name))}
    if counted:
        return max(counted, key=lambda name: (name.startswith("epoch"), counted[name]))
    return found[-1] if found else None


def pick(paths: Sequence[str]) -> tuple[str, ...]:
    """The files of a checkpoint among ``paths``, and codecs beside them; nothing where weights or the table lack."""
    beside = [path for path in paths if "/" not in path]
    weights = best([path for path in beside if path.endswith(".pt")])
    tables = [path for path in beside if path.endswith(ENDING)]
    table = TABLE if TABLE in tables else tables[0] if len(tables) == 1 else None
    return () if weights is None or table is None else (weights, table, *picked(paths))


def speakers(checkpoint: Path) -> tuple[str, ...]:
    """None: a checkpoint has no voices of its own. Raises WeightsMissing."""
    locate(checkpoint)
    return ()
