"""Training a codec, start to end, resumable at any moment (docs/minimind-training.md#a-codec)."""

import json
import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn
from torch.optim import Optimizer

from engine import atomic
from engine.codecs.encodec_config import SAMPLE_RATE
from engine.codecs.training import objective
from engine.codecs.training.config import Run, TrainConfig, read_run
from engine.codecs.training.data import Segments
from engine.codecs.training.network import Learner, described, public
from engine.errors import ConfigError, EngineError
from engine.events import Progress
from engine.message import Message
from engine.training import processes, randomness
from engine.training.checkpoint import save as save_file
from engine.training.discriminators import Discriminators
from engine.training.metrics import MetricsLog
from engine.training.recordings import listed, read_part
from engine.training.run_file import moved, read_progress, without_folder, write_progress
from engine.training.sitting import Sitting
from engine.weights import load_strictly

WEIGHTS, DESCRIPTION = "WavTokenizer.ckpt", "WavTokenizer.yaml"
# How many held-out segments are measured on, and how long the one is that is listened to.
MEASURED, SAMPLE_S = 8, 6.0


@dataclass(slots=True)
class State:
    """Everything that changes while training."""

    learner: Learner
    discriminators: Discriminators
    g_optimizer: Optimizer
    d_optimizer: Optimizer
    step: int = 0
    minutes: float = 0.0

    @property
    def device(self) -> torch.device:
        """Where the networks are."""
        return self.learner.head.out.weight.device


def train(config_path: Path) -> Iterator[Progress]:
    """Train as ``config_path`` says, from where the run's folder stands; closing the generator saves and stops.

    The folder receives WavTokenizer.ckpt with its YAML, which the engine loads, metrics.jsonl and samples. Raises
    EngineErrors.
    """
    count = read_run(config_path).train.processes
    processes.check_count(count)
    yield from processes.spawn(train_here, (config_path,), count) if count > 1 else train_here(config_path)


def train_here(config_path: Path) -> Iterator[Progress]:
    """The part of one process: the whole training, or its share where a launcher has started several."""
    run = read_run(config_path)
    device = run.train.place()
    with processes.group(device):
        yield Progress(done=0, total=None, label="reading the lists of recordings")
        recordings = listed(run.recordings, with_text=False)
        held = recordings[:: run.data.held_out]
        kept = [recording for number, recording in enumerate(recordings) if number % run.data.held_out]
        if not kept:
            raise ConfigError("{source} has one recording; at least two are needed", source=run.recordings)
        count = max(1, round(run.data.segment_s * SAMPLE_RATE / run.model.hop)) * run.model.hop
        torch.manual_seed(run.train.seed)
        state = new_state(run, device)
        torch.manual_seed(run.train.seed + processes.rank())
        label = resume(state, run)
        yield Progress(done=state.step, total=None, label=label)
        yield from _loop(state, run, Segments(kept, count), Segments(held, count))


def _loop(state: State, run: Run, segments: Segments, held: Segments) -> Iterator[Progress]:
    config = run.train
    metrics = MetricsLog(run.folder, state.step) if processes.rank() == 0 else None
    sitting = Sitting(config, state.step, state.minutes, config.max_steps)
    label, saved_step = Message("training"), state.step
    try:
        while not sitting.done:
            share = sitting.share(state.step)
            set_rate(state, config, share)
            rng = np.random.default_rng((config.seed, processes.rank(), state.step))
            real = segments.batch(config.batch_size, rng).to(state.device)
            losses = train_step(state, real, run, rng, is_adversarial=share >= config.adversarial_from)
            if metrics and state.step % config.log_interval == 0:
                values = {name: value.item() for name, value in losses.items()}
                metrics.write(state.step, values | {"learning_rate": state.g_optimizer.param_groups[0]["lr"]})
                label = Message("mel {mel:.2f}", mel=values["loss_mel"])
            state.minutes = sitting.minutes
            if sitting.due(state.step):
                if metrics and sitting.evaluates(state.step):
                    evaluate(state, run, held, metrics)
                save(state, run)
                sitting.saved()
                saved_step = state.step
            yield Progress(done=state.step, total=config.max_steps, label=label)
    except GeneratorExit:
        # Between two steps everything is consistent. In a group the others are elsewhere: the last save stands.
        if processes.size() == 1 and state.step > saved_step:
            save(state, run)
        raise


def train_step(
    state: State, real: Tensor, run: Run, rng: np.random.Generator, *, is_adversarial: bool
) -> dict[str, Tensor]:
    """One step on segments (B, N): the codec runs, the discriminators learn if they are asked, then the codec."""
    config, autocast = run.train, run.train.autocast(state.device)
    losses: dict[str, Tensor] = {}
    made = state.learner(real, int(rng.integers(run.model.n_bandwidths or 1)), autocast)
    if is_adversarial:
        state.discriminators.requires_grad_(True)
        with autocast:
            losses["loss_d"] = objective.of_discriminators(state.discriminators, real, made.samples)
        losses["grad_norm_d"] = _descend(state.discriminators, state.d_optimizer, losses["loss_d"])
    state.discriminators.requires_grad_(False)
    parts = objective.of_codec(made, real, config)
    if is_adversarial:
        with autocast:
            parts |= objective.adversarial(state.discriminators, real, made.samples, config)
    losses |= {f"loss_{name}": part for name, part in parts.items()}
    losses["loss_g"] = torch.stack(list(parts.values())).sum()
    losses["grad_norm_g"] = _descend(state.learner, state.g_optimizer, losses["loss_g"], config.grad_clip)
    losses["codes"] = torch.tensor(float(len(made.codes.unique())))
    state.step += 1
    return {name: value.detach() for name, value in losses.items()}


def _descend(module: nn.Module, optimizer: Optimizer, loss: Tensor, clip: float = 0.0) -> Tensor:
    optimizer.zero_grad(set_to_none=True)
    loss.backward()
    processes.average_gradients(module.parameters())
    norm = nn.utils.clip_grad_norm_(module.parameters(), clip or math.inf)
    optimizer.step()
    return norm


def set_rate(state: State, config: TrainConfig, share: float) -> None:
    """The rate for when ``share`` of the run is over: half a cosine to zero."""
    rate = config.learning_rate * 0.5 * (1 + math.cos(math.pi * share))
    for optimizer in (state.g_optimizer, state.d_optimizer):
        for group in optimizer.param_groups:
            group["lr"] = rate


def new_state(run: Run, device: torch.device) -> State:
    """Fresh networks with fresh optimisers, the same in every process."""
    learner, discriminators = Learner(run.model).to(device), objective.discriminators(run.train).to(device)
    for module in (learner, discriminators):
        processes.broadcast_state(module)

    def optimizer(module: nn.Module) -> Optimizer:
        betas = (0.9, run.train.beta2)
        return torch.optim.AdamW(module.parameters(), run.train.learning_rate, betas, fused=device.type == "cuda")

    return State(learner, discriminators, optimizer(learner), optimizer(discriminators))


def resume(state: State, run: Run) -> Message:
    """Bring ``state`` to where the run's folder stands; returns what to tell the user. Raises WeightsMismatch."""
    held = read_progress(run.folder)
    if held is None:
        return Message("a new run")
    for module, name in ((state.learner, "learner"), (state.discriminators, "discriminators")):
        load_strictly(module, held[name], run.folder.name)
    state.g_optimizer.load_state_dict(moved(held["g_optimizer"]))
    state.d_optimizer.load_state_dict(moved(held["d_optimizer"]))
    state.step, state.minutes = held["step"], held["minutes"]
    if len(held["rng"]) == processes.size():
        randomness.restore(held["rng"][processes.rank()])
    return Message("continuing at step {step}", step=state.step)


def save(state: State, run: Run) -> None:
    """Keep everything, and the codec as the engine loads it. Raises SaveError, and EngineError for broken weights."""
    rng = processes.gather(randomness.state(state.device))
    if processes.rank() != 0:
        return
    if not all(bool(torch.isfinite(parameter).all()) for parameter in state.learner.parameters()):
        raise EngineError(
            "the weights are no numbers any more at step {step} and are not saved: continue from the "
            "last checkpoint with a smaller learning rate, or in float32",
            step=state.step,
        )
    progress = {
        "learner": state.learner.state_dict(),
        "discriminators": state.discriminators.state_dict(),
        "g_optimizer": state.g_optimizer.state_dict(),
        "d_optimizer": state.d_optimizer.state_dict(),
    }
    write_progress(run.folder, {**progress, "step": state.step, "minutes": state.minutes, "rng": rng})
    write(state.learner, run.folder)
    raw = without_folder(run.raw)
    raw["data"] = {**raw["data"], "recordings": str(run.recordings)}
    atomic.write(run.folder / "config.json", json.dumps(raw, ensure_ascii=False, indent=1).encode())


def write(learner: Learner, folder: Path, dtype: torch.dtype = torch.float32) -> Path:
    """Write the codec in the public layout, its numbers in ``dtype``; returns the path of its weights."""
    state = {key: value.to("cpu", dtype) for key, value in public(learner).items()}
    save_file(folder / WEIGHTS, {"state_dict": state})
    atomic.write(folder / DESCRIPTION, described(learner.sizes).encode())
    return folder / WEIGHTS


@torch.no_grad()
def evaluate(state: State, run: Run, held: Segments, metrics: MetricsLog) -> None:
    """Write the distance of held-out segments, how many codes they have, and how one sounds after it."""
    state.learner.eval()
    try:
        real = held.first(MEASURED).to(state.device)
        made = state.learner(real, 0, run.train.autocast(state.device))
        loss = objective.mel_loss(made.samples, real)
        metrics.write(state.step, {"val_mel": loss.item(), "val_codes": float(len(made.codes.unique()))})
        count = min(round(SAMPLE_S * SAMPLE_RATE), int(held.lengths[0])) // run.model.hop * run.model.hop
        if count:
            sound = read_part(held.paths[0], SAMPLE_RATE, 0, count)
            heard = state.learner(
                torch.from_numpy(sound).view(1, -1).to(state.device), 0, run.train.autocast(state.device)
            )
            metrics.sample(0, "recorded", sound, SAMPLE_RATE)
            metrics.sample(state.step, "decoded", heard.samples[0].float().cpu().numpy(), SAMPLE_RATE)
    finally:
        state.learner.train()
