"""A run's configuration: its sections held to what they declare, and its file of progress, whole or not at all."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import torch

from engine.config_file import check
from engine.errors import ConfigError, OptionError, WeightsMismatch
from engine.options import declared, parse
from engine.training.checkpoint import save
from engine.weights import read_checkpoint

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

# All that a run needs to go on as if nothing had happened, its weights included.
PROGRESS = "progress.pt"

T = TypeVar("T", bound="DataclassInstance")


def section(raw: Mapping[str, Any], name: str, kind: type[T]) -> T:
    """The section ``name`` of a configuration as ``kind`` declares it; a missing one has its defaults.

    Raises ConfigError, which names the key.
    """
    values = raw.get(name, {})
    check(isinstance(values, dict), "{name} is no section of keys and values", name=name)
    known = {option.name for option in declared(kind)}
    unknown = sorted(str(key) for key in values if key not in known)
    check(not unknown, "{name} has unknown keys: {unknown}", name=name, unknown=", ".join(unknown))
    try:
        return parse(kind, values)
    except OptionError as error:
        raise ConfigError("{name}: {error}", name=name, error=error) from error


def folder_of(path: Path, named: str) -> Path:
    """Where the run of the configuration ``path`` is kept, which ``named`` may say.

    A configuration inside a run's folder continues that run.
    """
    if named:
        return path.parent / named
    return path.parent if path.name == "config.json" else path.parent / path.stem


def read_progress(folder: Path) -> dict[str, Any] | None:
    """What `write_progress` wrote; None in a new run. Raises WeightsMismatch for a damaged file."""
    path = folder / PROGRESS
    if not path.exists():
        return None
    held = read_checkpoint(path)
    if not isinstance(held, dict) or "step" not in held:
        raise WeightsMismatch("{path} is no progress of a run; move it away to begin anew", path=path)
    return held


def write_progress(folder: Path, progress: Mapping[str, Any]) -> None:
    """Keep a run's progress. Raises SaveError and leaves the last one."""
    save(folder / PROGRESS, progress)


def without_folder(raw: Mapping[str, Any]) -> dict[str, Any]:
    """A configuration as it goes on from inside its own folder."""
    train = {key: value for key, value in raw.get("train", {}).items() if key not in ("folder", "continue_from")}
    return {**raw, "train": train}


def moved(state: dict[str, Any]) -> dict[str, Any]:
    """An optimiser's state whose tensors are its own: what was read may be mapped from a file that will be replaced."""
    inner = {
        number: {key: value.clone() if isinstance(value, torch.Tensor) else value for key, value in moments.items()}
        for number, moments in state["state"].items()
    }
    return {**state, "state": inner}
