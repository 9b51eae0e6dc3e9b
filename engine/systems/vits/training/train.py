"""Training, start to end: what the papers' algorithm does with a configuration, resumable at any moment.

VITS (arXiv 2106.06103) with the decoders of MB-iSTFT-VITS (arXiv 2210.15975); docs/systems/vits.md#training.
"""

import logging
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.optim import Optimizer
from torch.utils.data import DataLoader

from engine.device import DTYPES, resolve
from engine.events import Progress
from engine.message import Message
from engine.systems.vits.text import SymbolEncoder
from engine.systems.vits.training.config import FOREVER, Run, TrainConfig, read_run
from engine.systems.vits.training.data import Batch, BucketSampler, Recordings, collate, read_filelist, select
from engine.systems.vits.training.evaluation import evaluate
from engine.systems.vits.training.objective import (
    LossConfig,
    adversarial_losses,
    discriminators_loss,
    generate,
    generator_losses,
    real_segments,
)
from engine.systems.vits.training.state import State, new_state, resume, save
from engine.training import processes
from engine.training.losses import Resolution
from engine.training.metrics import MetricsLog

logger = logging.getLogger(__name__)


def train(config_path: Path) -> Iterator[Progress]:
    """Train as ``config_path`` says, from where the run's folder stands; closing the generator saves and stops.

    The folder receives config.json, G_<step>.pth and D_<step>.pth, metrics.jsonl and samples. Raises EngineErrors.
    """
    count = read_run(config_path).train.processes
    processes.check_count(count)
    yield from processes.spawn(train_here, (config_path,), count) if count > 1 else train_here(config_path)


def train_here(config_path: Path) -> Iterator[Progress]:
    """The part of one process: the whole training, or its share where a launcher has started several."""
    run = read_run(config_path)
    if run.train.threads:
        torch.set_num_threads(run.train.threads)
    device, _ = resolve(run.train.device, run.train.precision, tuple(DTYPES))
    device = processes.local_device(device)
    with processes.group(device) as (rank, size):
        yield Progress(done=0, total=None, label="reading the lists of recordings")
        recordings, validation, notes = _read_data(run)
        sampler = _sampler(recordings, run, size, rank)
        if sampler.dropped:
            notes.append(f"{sampler.dropped} of {len(recordings)} recordings are too short or too long for any bucket")
        torch.manual_seed(run.train.seed + rank)
        state = new_state(run, device)
        for note in (*notes, *resume(state, run, len(sampler))):
            logger.info("%s", note)
            yield Progress(done=state.step, total=None, label=note)
        yield from _loop(state, run, recordings, validation, sampler, rank)


def _loop(
    state: State, run: Run, recordings: Recordings, validation: Recordings, sampler: BucketSampler, rank: int
) -> Iterator[Progress]:
    config = run.train
    metrics = MetricsLog(run.folder, state.step) if rank == 0 else None
    started = saved_at = time.monotonic()
    saved_step = state.step
    total = config.max_steps if config.max_steps < FOREVER else None
    label, done = "", state.step >= config.max_steps or state.epoch > config.epochs
    try:
        while not done:
            _set_learning_rate(state, config)
            for batch in _batches(recordings, sampler.batches(state.epoch)[state.batch :], config):
                losses = train_step(state, batch.to(state.device), run)
                state.advance(len(sampler))
                if metrics and state.step % config.log_interval == 0:
                    values = {name: value.item() for name, value in losses.items()}
                    metrics.write(state.step, values | {"epoch": state.epoch, "learning_rate": state.learning_rate})
                    label = f" · mel {values['loss_mel']:.2f} · total {values['loss_g']:.2f}"
                evaluating = state.step % config.eval_interval == 0
                if metrics and evaluating and len(validation):
                    evaluate(state.model, validation, run, metrics, state.step)

                # Clocks differ between processes: the first one's counts.
                now = time.monotonic()
                out_of_time, save_due = processes.agree(
                    (now - started > 60 * config.max_minutes, now - saved_at > 60 * config.save_minutes)
                )
                done = out_of_time or state.step >= config.max_steps or state.epoch > config.epochs
                if evaluating or save_due or done:
                    save(state, run, len(sampler))
                    saved_at, saved_step = time.monotonic(), state.step
                yield Progress(
                    done=state.step,
                    total=total,
                    label=Message("epoch {epoch}{losses}", epoch=state.epoch, losses=label),
                )
                if done:
                    break
    except GeneratorExit:
        # Between two steps everything is consistent. In a group the others are elsewhere: the last save stands.
        if processes.size() == 1 and state.step > saved_step:
            save(state, run, len(sampler))
        raise


def train_step(state: State, batch: Batch, run: Run) -> dict[str, Tensor]:
    """One step of both sides, in the published order; returns the losses and the norms of the gradients.

    The generator runs; the discriminators are updated on its output and the recording; then the generator through them.
    """
    config, audio = run.train, run.model.audio
    frames = config.segment_size // audio.hop_length
    adversarial = state.step >= config.adversarial_after
    losses: dict[str, Tensor] = {}

    with _autocast(state, config):
        generated = generate(state.model, batch, frames)
    real, fake = real_segments(batch, generated.starts, frames, audio.hop_length), generated.decoded.audio
    if adversarial and state.step % config.discriminator_interval == 0:
        state.discriminators.requires_grad_(True)
        with _autocast(state, config):
            losses["loss_d"] = discriminators_loss(state.discriminators, real, fake)
        losses["grad_norm_d"] = _descend(state.discriminators, state.d_optimizer, state.scaler, losses["loss_d"])

    # From here on the discriminators only pass the gradient through: what would teach them is not computed.
    state.discriminators.requires_grad_(False)
    parts = generator_losses(generated, batch, real, audio, _loss_config(config), run.model.model.decoder)
    if adversarial:
        with _autocast(state, config):
            parts |= adversarial_losses(state.discriminators, real, fake)
    losses |= {f"loss_{name}": part for name, part in parts.items()}
    losses["loss_g"] = torch.stack(list(parts.values())).sum()
    losses["grad_norm_g"] = _descend(state.model, state.g_optimizer, state.scaler, losses["loss_g"])
    state.scaler.update()
    return {name: value.detach() for name, value in losses.items()}


def _descend(module: nn.Module, optimizer: Optimizer, scaler: torch.amp.GradScaler, loss: Tensor) -> Tensor:
    """One step down ``loss``; returns the norm of the gradient. Averaged before unscaling: all skip an overflow."""
    optimizer.zero_grad(set_to_none=True)
    scaler.scale(loss).backward()
    processes.average_gradients(module.parameters())
    scaler.unscale_(optimizer)
    norm = nn.utils.get_total_norm([p.grad for p in module.parameters() if p.grad is not None])
    scaler.step(optimizer)
    return norm


def _set_learning_rate(state: State, config: TrainConfig) -> None:
    state.learning_rate = config.learning_rate * config.lr_decay ** (state.epoch - 1)
    for optimizer in (state.g_optimizer, state.d_optimizer):
        for group in optimizer.param_groups:
            group["lr"] = state.learning_rate


def _autocast(state: State, config: TrainConfig) -> torch.autocast:
    return torch.autocast(state.device.type, DTYPES[config.precision], enabled=config.precision != "float32")


def _loss_config(config: TrainConfig) -> LossConfig:
    sizes = zip(config.fft_sizes, config.hop_sizes, config.win_lengths, strict=True)
    resolutions = tuple(Resolution(n_fft=n_fft, hop=hop, window=window) for n_fft, hop, window in sizes)
    return LossConfig(mel=config.c_mel, kl=config.c_kl, resolutions=resolutions)


def _read_data(run: Run) -> tuple[Recordings, Recordings, list[str]]:
    """The recordings to train on and to validate with, and what was left out and why."""
    data, audio = run.data, run.model.audio
    symbols = SymbolEncoder(run.model.text)
    unknown: set[str] = set()

    def encode(text: str) -> Sequence[int]:
        encoded = symbols.encode(text if data.cleaned_text else symbols.clean(text))
        unknown.update(encoded.unknown)
        return encoded.ids

    found, notes = [], []
    for path in (data.training_files, data.validation_files):
        entries = read_filelist(path, data.root, run.model.speakers) if path else []
        utterances, dropped = select(entries, encode, audio, data.text_lengths)
        name = path.name if path else ""
        notes += [f"{name}: {count} of {len(entries)} left out: {why}" for why, count in dropped.items()]
        found.append(Recordings(utterances, audio, data.cache, in_memory=run.train.in_memory))
    if unknown:
        notes.append(f"characters that the model has no symbols for were left out: {' '.join(sorted(unknown))}")
    return found[0], found[1], notes


def _sampler(recordings: Recordings, run: Run, size: int, rank: int) -> BucketSampler:
    # What is shorter than a segment cannot be cut, whatever the first boundary says.
    shortest = max(run.data.boundaries[0], run.train.segment_size // run.model.audio.hop_length - 1)
    boundaries = (shortest, *(b for b in run.data.boundaries if b > shortest))
    lengths = [utterance.frames for utterance in recordings.utterances]
    return BucketSampler(lengths, run.train.batch_size, boundaries=boundaries, replicas=size, rank=rank)


def _batches(recordings: Recordings, batches: list[list[int]], config: TrainConfig) -> Iterator[Batch]:
    # A generator of its own: the loader must not draw from the one that the networks draw from.
    generator = torch.Generator().manual_seed(config.seed)
    yield from DataLoader(
        recordings,
        batch_sampler=batches,
        num_workers=config.workers,
        collate_fn=collate,
        generator=generator,
    )
