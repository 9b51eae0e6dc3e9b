"""Checkpoints of a generator and its discriminators: the published pickle layout, saved whole or not at all.

A file ``G_<step>.pth`` or ``D_<step>.pth`` is ``{'model', 'iteration', 'optimizer', 'learning_rate'}``; ours has one
more key, ``run``, with what a run needs to go on as if nothing had happened. Readers of the public layout ignore it.
"""

import os
import pickle
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import nn
from torch.optim import Optimizer

from engine.errors import SaveError, WeightsMismatch, WeightsMissing

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
    """The complete pairs in ``folder``, oldest first. A lone G or D, left by a kill between the two, is none."""
    steps: dict[str, set[int]] = {"G": set(), "D": set()}
    for path in folder.glob("*.pth"):
        match = NAME.fullmatch(path.name)
        if match:
            steps[match[1]].add(int(match[2]))
    return [Pair(step, folder / f"G_{step}.pth", folder / f"D_{step}.pth") for step in sorted(steps["G"] & steps["D"])]


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
        part.unlink(missing_ok=True)
        raise SaveError(f"the checkpoint {path} cannot be written: {error}") from error


def read(path: Path) -> dict[str, Any]:
    """The contents of a checkpoint, on the CPU, read without running code. Raises WeightsMissing, WeightsMismatch."""
    try:
        contents = torch.load(path, map_location="cpu", weights_only=True)
    except FileNotFoundError as error:
        raise WeightsMissing(f"there is no checkpoint {path}") from error
    except (OSError, RuntimeError, pickle.UnpicklingError, EOFError, ValueError, KeyError) as error:
        raise WeightsMismatch(f"{path} is damaged or no checkpoint: {str(error).splitlines()[0]}") from error
    if not isinstance(contents, dict) or not isinstance(contents.get("model"), dict):
        raise WeightsMismatch(f"{path} has no 'model' in it: it is no G_ or D_ checkpoint of this family")
    return contents


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


def public_state(model: nn.Module) -> dict[str, torch.Tensor]:
    """The model's state under the published names: ``weight_g``, ``weight_v``; ``weight_orig``."""
    return {_public(key): value for key, value in model.state_dict().items()}


def load_state(model: nn.Module, state: Mapping[str, torch.Tensor], path: Path) -> None:
    """Load a state with published names (a ``module.`` prefix is taken off), strictly. Raises WeightsMismatch."""
    given = {key.removeprefix("module."): value for key, value in state.items()}
    own = model.state_dict()
    wanted = {_public(key): key for key in own}
    missing, extra = sorted(wanted.keys() - given.keys()), sorted(given.keys() - wanted.keys())
    shapes = [k for k in wanted.keys() & given.keys() if own[wanted[k]].shape != given[k].shape]
    for what, keys in (("lacks", missing), ("has unknown", extra), ("has other shapes for", sorted(shapes))):
        if keys:
            raise WeightsMismatch(f"{path} {what} {len(keys)} of {len(wanted)} weights, such as {keys[0]}")
    model.load_state_dict({wanted[key]: value for key, value in given.items()})


def load_optimizer(model: nn.Module, optimizer: Optimizer, contents: Mapping[str, Any], path: Path) -> bool:
    """Give ``optimizer`` its state from a checkpoint; False when the file holds none, and training starts it afresh.

    The published state numbers its parameters in the order of the weights in the file, which need not be ours:
    they meet by name. Raises WeightsMismatch when they do not fit.
    """
    saved = contents.get("optimizer")
    if not saved or not saved.get("state"):
        return False
    named = {_public(name): parameter for name, parameter in model.named_parameters()}
    in_file = [key.removeprefix("module.") for key in contents["model"] if key.removeprefix("module.") in named]
    numbers = [number for group in saved["param_groups"] for number in group["params"]]
    if len(in_file) != len(numbers):
        raise WeightsMismatch(f"{path}: the optimiser knows {len(numbers)} weights, the model has {len(in_file)}")
    by_name = {name: saved["state"].get(number) for name, number in zip(in_file, numbers, strict=True)}
    ours = [parameter for group in optimizer.param_groups for parameter in group["params"]]
    names = {id(parameter): name for name, parameter in named.items()}
    state = {i: by_name[names[id(p)]] for i, p in enumerate(ours) if by_name[names[id(p)]] is not None}
    for number, moments in state.items():
        if moments["exp_avg"].shape != ours[number].shape:
            raise WeightsMismatch(f"{path}: the optimiser's moments of {names[id(ours[number])]} have another shape")
    optimizer.load_state_dict({"state": state, "param_groups": optimizer.state_dict()["param_groups"]})
    return True


def _public(key: str) -> str:
    for public, ours in PUBLIC_NAMES:
        if key.endswith(ours):
            return key.removesuffix(ours) + public
    return key
