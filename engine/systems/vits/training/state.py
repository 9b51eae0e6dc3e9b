"""The state of a training run: made new, resumed from checkpoints, saved so that nothing is lost by a kill."""

import json
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import torch
from torch import nn
from torch.optim import Optimizer

from engine import atomic
from engine.errors import EngineError, WeightsMismatch, WeightsMissing
from engine.systems.vits.networks.model import Vits
from engine.systems.vits.training.config import Run
from engine.systems.vits.weights import generator_state
from engine.training import checkpoint, processes, randomness
from engine.training.discriminators import DiscriminatorConfig, Discriminators


@dataclass(slots=True)
class State:
    """Everything that changes while training. ``epoch`` counts from 1; ``batch`` of its batches are done."""

    model: Vits
    discriminators: Discriminators
    g_optimizer: Optimizer
    d_optimizer: Optimizer
    scaler: torch.amp.GradScaler
    learning_rate: float = 0.0
    step: int = 0
    epoch: int = 1
    batch: int = 0

    @property
    def device(self) -> torch.device:
        """Where the networks are."""
        return next(self.model.parameters()).device

    def advance(self, batches: int) -> None:
        """Count a step in an epoch of ``batches``."""
        self.step, self.batch = self.step + 1, self.batch + 1
        if self.batch == batches:
            self.epoch, self.batch = self.epoch + 1, 0


def new_state(run: Run, device: torch.device) -> State:
    """Fresh networks with fresh optimisers, the same in every process."""
    config, on_gpu = run.train, device.type == "cuda"
    model = Vits(run.model.model).to(device)
    discriminators = Discriminators(
        DiscriminatorConfig(
            scale=config.discriminator_scale,
            periods=config.discriminator_periods,
            width=config.discriminator_width,
            spectrogram_ffts=config.spectrogram_ffts,
            spectrogram_channels=config.spectrogram_channels,
            norm=config.discriminator_norm,
        )
    ).to(device)
    for module in (model, discriminators):
        processes.broadcast_state(module)

    def optimizer(module: nn.Module) -> Optimizer:
        return torch.optim.AdamW(
            module.parameters(), config.learning_rate, config.betas, config.eps, weight_decay=0.01, fused=on_gpu
        )

    scaler = torch.amp.GradScaler(device.type, enabled=config.precision == "float16")
    return State(model, discriminators, optimizer(model), optimizer(discriminators), scaler)


def resume(state: State, run: Run, batches: int) -> list[str]:
    """Bring ``state`` to where the run's folder stands, or to ``continue_from``; returns what to tell the user.

    ``batches`` is how many an epoch has. Raises WeightsMismatch rather than ever starting anew in silence.
    """
    pairs = checkpoint.pairs(run.folder)
    if pairs:
        checkpoint.remove_halves(run.folder)
        return _restore(state, pairs[-1].generator, pairs[-1].discriminator, batches)
    lone = sorted(run.folder.glob("G_*.pth"))
    if lone:
        raise WeightsMismatch(
            "{folder} has {lone} but no D_*.pth of that step; add it, or move both away",
            folder=run.folder,
            lone=lone[0].name,
        )
    if not run.train.continue_from:
        return ["a new run"]
    source = run.base / run.train.continue_from
    if source.is_dir():
        pairs = checkpoint.pairs(source)
        if not pairs:
            raise WeightsMissing(
                "{source} holds no pair of G_<step>.pth and D_<step>.pth; name a G_<step>.pth", source=source
            )
        return _restore(state, pairs[-1].generator, pairs[-1].discriminator, batches)
    discriminator = source.with_name(source.name.replace("G_", "D_", 1))
    return _restore(state, source, discriminator if discriminator.exists() else None, batches)


def _restore(state: State, g_path: Path, d_path: Path | None, batches: int) -> list[str]:
    generator = checkpoint.read(g_path)
    notes = []
    # Wrappers of other trainers put prefixes on the names of a generator.
    generator = {**generator, "model": generator_state(generator, g_path.name)}
    sides = [(state.model, state.g_optimizer, generator, g_path)]
    if d_path is None:
        notes.append(f"there is no D_*.pth beside {g_path.name}: the discriminators begin anew")
    else:
        sides.append((state.discriminators, state.d_optimizer, checkpoint.read(d_path), d_path))
    for module, optimizer, contents, path in sides:
        checkpoint.load_model(module, contents, path.name)
        if not checkpoint.load_optimizer(module, optimizer, contents, path.name):
            notes.append(f"{path.name} has no optimiser state: the optimiser begins anew")
    state.step = checkpoint.step_of(g_path)
    state.epoch = max(1, int(generator.get("iteration", 1)))
    position = generator.get("run", {})
    # Only the very same cut of the data can be entered in its middle; otherwise, as published, the epoch is repeated.
    if (position.get("batches"), len(position.get("rng", ()))) == (batches, processes.size()):
        state.batch = position["batch"]
        state.scaler.load_state_dict(position["scaler"])
        randomness.restore(position["rng"][processes.rank()])
    elif position:
        notes.append(f"the data or the processes have changed: epoch {state.epoch} begins anew")
    return [f"continuing {g_path.name} at step {state.step}, epoch {state.epoch}", *notes]


def save(state: State, run: Run, batches: int) -> None:
    """Keep everything as the pair of this step, with config.json beside it: a folder that the engine loads."""
    rng = processes.gather(randomness.state(state.device))
    if processes.rank() != 0:
        return
    if not all(bool(torch.isfinite(parameter).all()) for parameter in state.model.parameters()):
        raise EngineError(
            "the weights are no numbers any more at step {step} and are not saved: continue from the "
            "last checkpoint with a smaller learning rate, or in float32",
            step=state.step,
        )
    position = {"batch": state.batch, "batches": batches, "rng": rng, "scaler": state.scaler.state_dict()}
    payload = partial(checkpoint.payload, epoch=state.epoch, learning_rate=run.train.learning_rate)
    atomic.write(run.folder / "config.json", json.dumps(run.published(), ensure_ascii=False, indent=1).encode())
    checkpoint.save_pair(
        run.folder,
        state.step,
        payload(state.model, state.g_optimizer, run=position),
        payload(state.discriminators, state.d_optimizer),
        keep=run.train.keep,
    )
