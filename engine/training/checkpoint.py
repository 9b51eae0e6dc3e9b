"""Checkpoints of a generator and its discriminators: the published pickle layout, saved whole or not at all.

A file ``G_<step>.pth`` or ``D_<step>.pth`` is ``{'model', 'iteration', 'optimizer', 'learning_rate'}``; ours has one
more key, ``run``, with what a run needs to go on as if nothing had happened. Readers of the public layout ignore it.
"""

import contextlib
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from torch.optim import Optimizer

from engine.errors import SaveError, WeightsMismatch
from engine.weights import load_strictly, read_checkpoint

NAME = re.compile(r"([GD])_(\d+)\.pth")

# The published names of normed weights, and the ones that the parametrizations give them: weight norm, spectral norm.
PUBLIC_NAMES = (
    (".weight_g", ".parametrizations.weight.original0"),
    (".weight_v", ".parametrizations.weight.original1"),
    (".weight_orig", ".parametrizations.weight.original"),
    (".weight_u", ".parametrizations.weight.0._u"),
    (".weight_v", ".parametrizations.weight.0._v"),
)


@dataclass(frozen=True, slots=True)
class Pair:
    """The two files of one step."""

    step: int
    generator: Path
    discriminator: Path


def pairs(folder: Path) -> list[Pair]:
    """The complete pairs in ``folder``, oldest first. A G or D alone is none."""
    steps: dict[str, set[int]] = {"G": set(), "D": set()}
    for path in folder.glob("*.pth"):
        match = NAME.fullmatch(path.name)
        if match:
            steps[match[1]].add(int(match[2]))
    return [Pair(step, folder / f"G_{step}.pth", folder / f"D_{step}.pth") for step in sorted(steps["G"] & steps["D"])]


def remove_halves(folder: Path) -> None:
    """Delete what a kill during `save_pair` can have left: a part of a file, or a D_*.pth newer than every pair."""
    newest = max((pair.step for pair in pairs(folder)), default=-1)
    for path in (*folder.glob("[GD]_*.pth.part"), *folder.glob("D_*.pth")):
        if path.suffix == ".part" or step_of(path) > newest:
            path.unlink(missing_ok=True)  # every process of a group cleans up


def step_of(path: Path) -> int:
    """The step in a checkpoint's name; 0 when the name has none."""
    match = NAME.fullmatch(path.name)
    return int(match[2]) if match else 0


def save_pair(
    folder: Path, step: int, generator: Mapping[str, Any], discriminator: Mapping[str, Any], *, keep: int = 3
) -> Pair:
    """Save both as the pair of ``step``, then delete all but the ``keep`` newest. Raises SaveError."""
    pair = Pair(step, folder / f"G_{step}.pth", folder / f"D_{step}.pth")
    save(pair.discriminator, discriminator)
    save(pair.generator, generator)
    for old in pairs(folder)[: -max(1, keep)]:
        old.generator.unlink(missing_ok=True)
        old.discriminator.unlink(missing_ok=True)
    return pair


def save(path: Path, payload: Mapping[str, Any]) -> None:
    """Write ``payload`` beside ``path``, force it to the disk, then rename: ``path`` is old or new, never half."""
    part = path.with_name(path.name + ".part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with part.open("wb") as file:
            torch.save(dict(payload), file)
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    # A full disk surfaces as a RuntimeError of torch's archive writer.
    except (OSError, RuntimeError) as error:
        with contextlib.suppress(OSError):  # it may not even have come into being
            part.unlink()
        raise SaveError("the checkpoint {path} cannot be written: {error}", path=path, error=error) from error


def read(path: Path) -> dict[str, Any]:
    """The contents of a checkpoint, on the CPU, read without running code; a bare state dict counts as 'model'.

    Raises WeightsMissing and WeightsMismatch.
    """
    contents = read_checkpoint(path)
    if not isinstance(contents, dict):
        raise WeightsMismatch("{path} holds no state dict; it is no checkpoint of this family", path=path.name)
    return contents if "model" in contents or "state_dict" in contents else {"model": contents}


def payload(
    model: nn.Module, optimizer: Optimizer, *, epoch: int, learning_rate: float, run: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """What `save` writes. ``iteration`` is the epoch, as published, and ``learning_rate`` the base rate."""
    contents = {
        "model": public_state(model),
        "iteration": epoch,
        "optimizer": optimizer.state_dict(),
        "learning_rate": learning_rate,
    }
    return contents | ({"run": dict(run)} if run is not None else {})


def public_state(model: nn.Module) -> dict[str, Tensor]:
    """The model's state under the published names: ``weight_g``, ``weight_v``; ``weight_orig``."""
    return {_public(key): value for key, value in model.state_dict().items()}


def load_model(model: nn.Module, contents: Mapping[str, Any], source: str) -> None:
    """Load a checkpoint's weights, under their published names, strictly. Raises WeightsMismatch."""
    given = _stripped(contents["model"])
    ours = {_public(key): key for key in model.state_dict()}
    load_strictly(model, {ours.get(key, key): value for key, value in given.items()}, source)


def load_optimizer(model: nn.Module, optimizer: Optimizer, contents: Mapping[str, Any], source: str) -> bool:
    """Give ``optimizer`` its moments from a checkpoint; False when the file holds none, and it begins afresh.

    The file numbers its parameters in the order of its weights, which need not be ours: they meet by name. Raises
    WeightsMismatch when they do not fit.
    """
    saved = contents.get("optimizer")
    if not saved or not saved.get("state"):
        return False
    parameters = {_public(name): parameter for name, parameter in model.named_parameters()}
    order = [key for key in _stripped(contents["model"]) if key in parameters]
    numbers = [number for group in saved["param_groups"] for number in group["params"]]
    if len(order) != len(numbers):
        raise WeightsMismatch(
            "{source}: the optimiser knows {count} weights, the model has {wanted}",
            source=source,
            count=len(numbers),
            wanted=len(order),
        )
    by_name = {name: saved["state"].get(number) for name, number in zip(order, numbers, strict=True)}
    names = {id(parameter): name for name, parameter in parameters.items()}
    state = {}
    for number, parameter in enumerate(p for group in optimizer.param_groups for p in group["params"]):
        moments = by_name[names[id(parameter)]]
        if moments is None:
            continue  # a weight that has had no gradient yet
        if moments["exp_avg"].shape != parameter.shape:
            raise WeightsMismatch(
                "{source}: the optimiser's moments of {names} have another shape",
                source=source,
                names=names[id(parameter)],
            )
        # Copies: what was read may be mapped from a file that will be deleted.
        state[number] = {key: value.clone() if isinstance(value, Tensor) else value for key, value in moments.items()}
    groups = optimizer.state_dict()["param_groups"]
    optimizer.load_state_dict({"state": state, "param_groups": groups})
    return True


def _stripped(state: Mapping[str, Tensor]) -> dict[str, Tensor]:
    return {key.removeprefix("module."): value for key, value in state.items()}


def _public(key: str) -> str:
    for public, ours in PUBLIC_NAMES:
        if key.endswith(ours):
            return key.removesuffix(ours) + public
    return key
