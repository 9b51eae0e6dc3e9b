"""The state of a training run: made new, resumed, saved so that nothing is lost by a kill."""

import json
import math
import os
import shutil
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.optim import Optimizer

from engine import atomic
from engine.errors import EngineError, SaveError
from engine.message import Message
from engine.nn.llama import RMSNorm
from engine.systems.minimind.checkpoint import lm_state
from engine.systems.minimind.config import LMConfig, published_shapes, told
from engine.systems.minimind.files import OUT, locate
from engine.systems.minimind.networks.experts import Gate
from engine.systems.minimind.networks.lm import LanguageModel
from engine.systems.minimind.training.config import Run
from engine.systems.minimind.weights import ours, published
from engine.training import processes, randomness
from engine.training.checkpoint import save as save_file
from engine.training.run_file import moved, read_progress, without_folder, write_progress
from engine.weights import check_shapes, load_strictly, read_checkpoint

# Of the numbers that a new model begins with.
DEVIATION = 0.02


@dataclass(slots=True)
class State:
    """Everything that changes while training. ``step`` counts batches, ``minutes`` those of the whole run."""

    model: LanguageModel
    optimizer: Optimizer
    step: int = 0
    minutes: float = 0.0

    @property
    def device(self) -> torch.device:
        """Where the model is."""
        return self.model.output.weight.device

    def set_rate(self, rate: float) -> None:
        """Set the learning rate."""
        for group in self.optimizer.param_groups:
            group["lr"] = rate


def new_state(run: Run, config: LMConfig, device: torch.device) -> State:
    """A fresh model with a fresh optimiser, the same in every process."""
    model = LanguageModel(config)
    begin(model)
    model = model.to(device).requires_grad_(True).train()
    processes.broadcast_state(model)
    # What scales, the weights of norms, is not pulled towards zero.
    matrices = [parameter for parameter in model.parameters() if parameter.dim() > 1]
    scales = [parameter for parameter in model.parameters() if parameter.dim() == 1]
    groups = [
        {"params": matrices, "weight_decay": run.train.weight_decay},
        {"params": scales, "weight_decay": 0.0},
    ]
    optimizer = torch.optim.AdamW(groups, run.train.learning_rate, (0.9, run.train.beta2), fused=device.type == "cuda")
    return State(model, optimizer)


def begin(model: LanguageModel) -> None:
    """Fill a new model with random numbers as the released code does: smaller ones where a layer's result is added."""
    config = model.config
    small = DEVIATION / math.sqrt(2 * config.n_layers)
    for name, module in model.named_modules():
        if isinstance(module, RMSNorm):
            nn.init.ones_(module.weight)
        elif isinstance(module, Gate):
            nn.init.kaiming_uniform_(module.weight, a=math.sqrt(5))
        elif isinstance(weight := getattr(module, "weight", None), Tensor):
            nn.init.normal_(weight, std=small if name.endswith("o_proj") else DEVIATION)
            if name.endswith("gate_up_proj"):
                # The second half of its rows is the published w3.
                nn.init.normal_(weight[len(weight) // 2 :], std=small)


def resume(state: State, run: Run, batches: int) -> list[Message]:
    """Bring ``state`` to where the run's folder stands, or to ``continue_from``; returns what to tell the user.

    ``batches`` is how many an epoch has. Raises WeightsMissing and WeightsMismatch.
    """
    held = read_progress(run.folder)
    if held is None:
        if not run.train.continue_from:
            return [Message("a new run")]
        weights = locate(run.base / run.train.continue_from).weights
        _fill(state.model, lm_state(read_checkpoint(weights), weights.name), weights.name)
        return [Message("a new run that begins with {weights}", weights=weights.name)]
    _fill(state.model, lm_state(held["model"], run.folder.name), run.folder.name)
    state.optimizer.load_state_dict(moved(held["optimizer"]))
    state.step, state.minutes = held["step"], held["minutes"]
    notes = [Message("continuing at step {step}", step=state.step)]
    if (held["batches"], len(held["rng"])) == (batches, processes.size()):
        randomness.restore(held["rng"][processes.rank()])
    else:
        notes.append(Message("the data or the processes have changed, and with them the batches"))
    return notes


def _fill(model: LanguageModel, state: dict[str, Tensor], source: str) -> None:
    check_shapes(published_shapes(model.config), state, source)
    load_strictly(model, ours({key: value.float() for key, value in state.items()}, model.config), source)


def save(state: State, run: Run, batches: int) -> None:
    """Keep everything, and beside it a folder that the engine loads: model, JSON, codec.

    Raises SaveError, and EngineError for weights that are no numbers.
    """
    rng = processes.gather(randomness.state(state.device))
    if processes.rank() != 0:
        return
    if not all(bool(torch.isfinite(parameter).all()) for parameter in state.model.parameters()):
        raise EngineError(
            "the weights are no numbers any more at step {step} and are not saved: continue from the "
            "last checkpoint with a smaller learning rate, or in float32",
            step=state.step,
        )
    model = published(state.model.state_dict(), state.model.config)
    # The truth is the progress; what speaks is written after it, and by a kill between the two only older.
    write_progress(
        run.folder,
        {
            "model": model,
            "optimizer": state.optimizer.state_dict(),
            "step": state.step,
            "minutes": state.minutes,
            "batches": batches,
            "rng": rng,
        },
    )
    write(state.model, run, run.folder)
    raw = without_folder(run.raw)
    paths = {"recordings": str(run.recordings), "codec": str(run.codec), "prepared": str(run.prepared)}
    raw["data"] = {**raw["data"], **paths}
    atomic.write(run.folder / "config.json", json.dumps(raw, ensure_ascii=False, indent=1).encode())


def write(model: LanguageModel, run: Run, folder: Path, dtype: torch.dtype = torch.float32) -> Path:
    """Write the model in the public layout under ``folder``, its numbers in ``dtype``, with its JSON and its codec.

    Returns the path of the weights.
    """
    config = model.config
    path = folder / OUT / f"pretrain_{config.width}{'' if config.experts is None else '_moe'}.pth"
    state = published(model.state_dict(), config)
    save_file(path, {key: value.to("cpu", dtype) for key, value in state.items()})
    side = {**told(config), **run.told()}
    atomic.write(path.with_suffix(".json"), json.dumps(side, ensure_ascii=False, indent=1).encode())
    for part in (run.codec, *(run.codec.with_suffix(ending) for ending in (".yaml", ".yml"))):
        if part.is_file():
            _place_beside(part, folder / part.name)
    return path


def _place_beside(source: Path, target: Path) -> None:
    """The same file under another name where the disk can do that, else a copy."""
    if target.exists() and (target.samefile(source) or target.stat().st_mtime_ns >= source.stat().st_mtime_ns):
        return
    try:
        with atomic.replacing(target) as part:
            try:
                os.link(source, part)
            except OSError:
                shutil.copyfile(source, part)
    except OSError as error:
        raise SaveError("{path} cannot be written: {error}", path=target, error=error) from error
