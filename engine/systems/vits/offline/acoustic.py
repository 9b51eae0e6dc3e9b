"""Stage one of the offline voice: from phonemes to latents.

With the teacher's durations known there is nothing to align and nothing to sample: text encoder and inverse flow are a
plain regression from phonemes to the normalised latent, and the duration predictor learns the logarithm of frames.
The prior's variance is not trained; `freeze_variance` sets it so low that noise changes nothing.
"""

import json
import logging
import math
import random
import time
from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path

import numpy as np
import torch

from engine.events import Progress
from engine.systems.vits.config import parse
from engine.systems.vits.model import Vits
from engine.systems.vits.offline.data import Corpus
from engine.systems.vits.text_encoder import length_mask
from engine.training.ema import moving_average

logger = logging.getLogger(__name__)

LEARNING_RATE = 2e-3
WARM_UP = 200
BATCH = 16
# Pitch is four channels of 64 and half of what is heard as expression; voicing errors are heard as clicks.
WEIGHTS = torch.cat([torch.full((52,), 1.0), torch.full((4,), 8.0), torch.full((4,), 1.5), torch.full((4,), 0.7)])
QUIET = -12.0


class Batches:
    """Endless batches of whole sentences of similar length: phoneme ids, durations, speaker, normalised latents."""

    def __init__(self, corpus: Corpus, symbols: tuple[str, ...], items: list[int], seed: int) -> None:
        self._corpus = corpus
        self._ids = {symbol: i for i, symbol in enumerate(symbols)}
        known = [i for i in items if not set(corpus.index[i][1]) - self._ids.keys()]
        self._items = sorted(known, key=lambda i: corpus.index[i][3])
        self._random = random.Random(seed)

    def __iter__(self) -> Iterator[dict[str, torch.Tensor]]:
        while True:
            starts = list(range(0, len(self._items) - BATCH + 1, BATCH))
            shift = self._random.randrange(BATCH)
            self._random.shuffle(starts)
            for start in starts:
                yield self.batch(self._items[start + shift : start + shift + BATCH] or self._items[-BATCH:])

    def batch(self, items: list[int]) -> dict[str, torch.Tensor]:
        """Padded: ids (B, T), durations (B, T), latents (B, 64, F); lengths, frames and speakers, each (B,)."""
        rows = [self._corpus.tokens(i) for i in items]
        ids = [torch.tensor([self._ids[p] for p in phonemes]) for phonemes, _ in rows]
        latents = [torch.from_numpy(self._corpus.latent(i).T) for i in items]
        pad = torch.nn.utils.rnn.pad_sequence
        return {
            "ids": pad(ids, batch_first=True),
            "durations": pad([torch.from_numpy(d) for _, d in rows], batch_first=True),
            "lengths": torch.tensor([len(i) for i in ids]),
            "speakers": torch.tensor([self._corpus.index[i][0] for i in items]),
            "latents": pad(latents, batch_first=True).transpose(1, 2),
            "frames": torch.tensor([len(z) for z in latents]),
        }


def predict(
    model: Vits, batch: dict[str, torch.Tensor]
) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor]:
    """Latents (B, 64, F) with the teacher's durations, their mask, log-durations (B, 1, T) and the mask of tokens."""
    text = model.enc_p(batch["ids"], batch["lengths"])
    g = model.emb_g(batch["speakers"]).unsqueeze(-1)
    log_durations = model.dp(text.hidden, text.mask, g)
    spread = [m.repeat_interleave(d, dim=1) for m, d in zip(text.mean, batch["durations"], strict=True)]
    mean = torch.nn.utils.rnn.pad_sequence([m.T for m in spread], batch_first=True).transpose(1, 2)
    mask = length_mask(batch["frames"], mean.shape[2]).to(mean.dtype)
    return model.flow.reverse(mean, mask, g), mask, log_durations, text.mask


def losses(model: Vits, batch: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    """Weighted L1 of the latents and of their steps from frame to frame; squared error of log-durations."""
    z, mask, log_durations, token_mask = predict(model, batch)
    target, weights = batch["latents"], WEIGHTS.view(1, -1, 1)
    z = z.float()
    level = ((z - target).abs() * weights * mask).sum() / (mask.sum() * WEIGHTS.sum())
    step_mask = mask[..., 1:] * mask[..., :-1]
    step = ((z.diff(dim=2) - target.diff(dim=2)).abs() * weights * step_mask).sum() / (step_mask.sum() * WEIGHTS.sum())
    # The engine takes ceil(exp(.)): half a frame less makes that a rounding.
    wanted = torch.log(batch["durations"].clamp_min(1) - 0.5).unsqueeze(1)
    duration = ((log_durations.float() - wanted) ** 2 * token_mask).sum() / token_mask.sum()
    pitch = ((z - target)[:, 52:56].abs() * mask).sum() / (4 * mask.sum())
    return {"latent": level, "step": step, "duration": duration, "pitch": pitch}


def train(
    corpus: Corpus, config: Path, checkpoint: Path, *, minutes: float, autocast: bool = True
) -> Iterator[Progress]:
    """Train for ``minutes`` of wall time, saving to ``checkpoint`` (and resuming from it) every two minutes."""
    raw = json.loads(config.read_text(encoding="utf-8"))
    parsed = parse(raw)
    torch.manual_seed(1234)
    model = Vits(parsed.model, with_posterior=False)
    model.dp.dropout.p = 0.2
    parameters = [p for part in (model.enc_p, model.flow, model.dp, model.emb_g) for p in part.parameters()]
    optimizer = torch.optim.AdamW(parameters, LEARNING_RATE, betas=(0.9, 0.98), weight_decay=0.01)
    average = moving_average(model)
    step, spent = 0, 0.0
    if checkpoint.exists():
        state = torch.load(checkpoint, weights_only=True)
        model.load_state_dict(state["model"])
        average.load_state_dict(state["average"])
        optimizer.load_state_dict(state["optimizer"])
        step, spent = state["step"], state["minutes"]
    every = range(len(corpus.index))
    held_out = [i for i in every if i % 50 == 0]
    symbols = parsed.text.symbols
    train_set = iter(Batches(corpus, symbols, [i for i in every if i % 50], seed=step + 1))
    began = saved = time.monotonic()
    while spent + (time.monotonic() - began) / 60 < minutes:
        done = (spent + (time.monotonic() - began) / 60) / minutes
        rate = LEARNING_RATE * min(1.0, (step + 1) / WARM_UP) * (0.02 + 0.98 * 0.5 * (1 + math.cos(math.pi * done)))
        for group in optimizer.param_groups:
            group["lr"] = rate
        model.train()
        with torch.autocast("cpu", dtype=torch.bfloat16) if autocast else nullcontext():
            parts = losses(model, next(train_set))
        loss = parts["latent"] + 0.5 * parts["step"] + 0.2 * parts["duration"]
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(parameters, 1.0)
        optimizer.step()
        average.update_parameters(model)
        step += 1
        if time.monotonic() - saved > 120:
            saved = time.monotonic()
            now = spent + (saved - began) / 60
            _save(checkpoint, model, average, optimizer, step, now)
            heard = evaluate(average.module, corpus, symbols, held_out)
            yield Progress(done=now, total=minutes, label=f"step {step}: " + _line(heard))
    _save(checkpoint, model, average, optimizer, step, minutes)
    yield Progress(
        done=minutes, total=minutes, label=f"step {step}: " + _line(evaluate(average.module, corpus, symbols, held_out))
    )


@torch.no_grad()
def evaluate(model: Vits, corpus: Corpus, symbols: tuple[str, ...], items: list[int]) -> dict[str, float]:
    """The losses on held-out sentences."""
    model.eval()
    batches = Batches(corpus, symbols, items, seed=0)
    rows = [losses(model, batches.batch(items[i : i + BATCH])) for i in range(0, min(len(items), 64), BATCH)]
    return {name: float(np.mean([float(row[name]) for row in rows])) for name in rows[0]}


def _line(parts: dict[str, float]) -> str:
    return ", ".join(f"{name} {value:.4f}" for name, value in parts.items())


def _save(
    path: Path, model: Vits, average: torch.nn.Module, optimizer: torch.optim.Optimizer, step: int, minutes: float
) -> None:
    state = {
        "model": model.state_dict(),
        "average": average.state_dict(),
        "optimizer": optimizer.state_dict(),
        "step": step,
        "minutes": minutes,
    }
    partial = path.with_suffix(".partial")
    torch.save(state, partial)
    partial.replace(path)
