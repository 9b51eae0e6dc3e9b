"""Stage one of the bundled voice: from phonemes to latents.

With the teacher's durations known there is nothing to align and nothing to sample: text encoder and inverse flow are a
plain regression from phonemes to the normalised latent, and the duration predictor learns the logarithm of frames.
The prior's variance is not trained; `build.freeze_variance` sets it. Why: docs/bundled-voice.md#training-order.
"""

import math
import random
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torch

from engine.events import Progress
from engine.systems.vits.config import Config, ModelConfig
from engine.systems.vits.networks.model import Vits
from engine.systems.vits.networks.text_encoder import length_mask
from engine.training.checkpoint import save
from engine.training.ema import moving_average
from recipes.bundled_voice import clock
from recipes.bundled_voice.data import Corpus
from recipes.bundled_voice.precision import autocast

RATE = 2e-3
DURATION_DROPOUT = 0.2
BATCH = 16
# Pitch is four channels of 64 and half of what makes speech expressive; voicing errors sound like clicks.
WEIGHTS = torch.cat([torch.full((52,), 1.0), torch.full((4,), 40.0), torch.full((4,), 1.5), torch.full((4,), 0.7)])

Batch = dict[str, torch.Tensor]


class Batches:
    """Endless batches of whole sentences of similar length: phoneme ids, durations, speaker, normalised latents."""

    def __init__(self, corpus: Corpus, symbols: tuple[str, ...], items: list[int], seed: int) -> None:
        self._corpus = corpus
        self._ids = {symbol: i for i, symbol in enumerate(symbols)}
        encodable = [i for i in items if not set(corpus.index[i][1]) - self._ids.keys()]
        self._items = sorted(encodable, key=lambda i: corpus.index[i][3])
        self._random = random.Random(seed)

    def __iter__(self) -> Iterator[Batch]:
        while True:
            starts = list(range(0, len(self._items) - BATCH + 1, BATCH))
            shift = self._random.randrange(BATCH)
            self._random.shuffle(starts)
            for start in starts:
                yield self.batch(self._items[start + shift : start + shift + BATCH] or self._items[-BATCH:])

    def batch(self, items: list[int]) -> Batch:
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


def predict(model: Vits, batch: Batch) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor]:
    """Latents (B, 64, F) with the teacher's durations, their mask, log-durations (B, 1, T) and the mask of tokens."""
    text = model.enc_p(batch["ids"], batch["lengths"])
    g = model.emb_g(batch["speakers"]).unsqueeze(-1)
    log_durations = model.dp(text.hidden, text.mask, g)
    spread = [m.repeat_interleave(d, dim=1) for m, d in zip(text.mean, batch["durations"], strict=True)]
    mean = torch.nn.utils.rnn.pad_sequence([m.T for m in spread], batch_first=True).transpose(1, 2)
    mask = length_mask(batch["frames"], mean.shape[2]).to(mean.dtype)
    return model.flow.reverse(mean, mask, g), mask, log_durations, text.mask


def losses(model: Vits, batch: Batch) -> dict[str, torch.Tensor]:
    """Weighted L1 of the latents and of their steps from frame to frame; squared error of log-durations; spread.

    ``spread`` compares the sorted pitches of each sentence: where pitch is uncertain L1 regresses to the median, and
    such a voice is monotonous.
    """
    z, mask, log_durations, token_mask = predict(model, batch)
    target, weights = batch["latents"], WEIGHTS.view(1, -1, 1)
    z = z.float()
    level = ((z - target).abs() * weights * mask).sum() / (mask.sum() * WEIGHTS.sum())
    step_mask = mask[..., 1:] * mask[..., :-1]
    step = ((z.diff(dim=2) - target.diff(dim=2)).abs() * weights * step_mask).sum() / (step_mask.sum() * WEIGHTS.sum())
    # The engine takes ceil(exp(.)): half a frame less makes that a rounding.
    log_frames = torch.log(batch["durations"].clamp_min(1) - 0.5).unsqueeze(1)
    duration = ((log_durations.float() - log_frames) ** 2 * token_mask).sum() / token_mask.sum()
    pitch = ((z - target)[:, 52:56].abs() * mask).sum() / (4 * mask.sum())
    predicted, expected = z[:, 52:56], target[:, 52:56]
    voiced = (mask > 0) & (target[:, 56:60] > 0)  # above the mean
    by_rank = [torch.where(voiced, p, expected).flatten(1).sort(dim=1).values for p in (predicted, expected)]
    spread = (by_rank[0] - by_rank[1]).abs().sum() / voiced.sum()
    return {"latent": level, "step": step, "duration": duration, "spread": spread, "pitch": pitch}


class Stage:
    """The text side in training: the network, its moving average, its progress. Saved whole, so it resumes."""

    def __init__(self, config: ModelConfig) -> None:
        self.model = Vits(config, with_posterior=False)
        self.model.dp.dropout.p = DURATION_DROPOUT
        parts = (self.model.enc_p, self.model.flow, self.model.dp, self.model.emb_g)
        self._parameters = [parameter for part in parts for parameter in part.parameters()]
        self.optimizer = torch.optim.AdamW(self._parameters, RATE, betas=(0.9, 0.98), weight_decay=0.01)
        self.average = moving_average(self.model)
        self.step, self.minutes = 0, 0.0

    def load(self, path: Path) -> None:
        """Go on from what `save` wrote."""
        state = torch.load(path, weights_only=True)
        self.model.load_state_dict(state["model"])
        self.average.load_state_dict(state["average"])
        self.optimizer.load_state_dict(state["optimizer"])
        self.step, self.minutes = state["step"], state["minutes"]

    def save(self, path: Path) -> None:
        """Write everything to ``path`` in one step."""
        parts = {"model": self.model, "average": self.average, "optimizer": self.optimizer}
        state = {name: part.state_dict() for name, part in parts.items()}
        save(path, state | {"step": self.step, "minutes": self.minutes})

    def set_rate(self, share: float) -> None:
        """Warm up over 200 steps, then fall as a cosine to 2 % when ``share`` of the time is over (0..1)."""
        rate = RATE * min(1.0, (self.step + 1) / 200) * (0.02 + 0.49 * (1 + math.cos(math.pi * share)))
        for group in self.optimizer.param_groups:
            group["lr"] = rate

    def learn(self, batch: Batch) -> dict[str, float]:
        """One step; the losses by name."""
        self.model.train()
        with autocast():
            parts = losses(self.model, batch)
        loss = parts["latent"] + 0.5 * parts["step"] + 0.2 * parts["duration"] + 1.0 * parts["spread"]
        self.optimizer.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self._parameters, 1.0)
        self.optimizer.step()
        self.average.update_parameters(self.model)
        self.step += 1
        return {name: float(value.detach()) for name, value in parts.items()}


def train(corpus: Corpus, config: Config, checkpoint: Path, *, minutes: float) -> Iterator[Progress]:
    """Train for ``minutes`` of wall time in all, saving to ``checkpoint`` and resuming from it."""
    torch.manual_seed(1234)
    stage, symbols = Stage(config.model), config.text.symbols
    everything = range(len(corpus.index))
    held_out = [i for i in everything if i % 50 == 0]

    def batches() -> Iterator[Batch]:
        return iter(Batches(corpus, symbols, [i for i in everything if i % 50], seed=stage.step + 1))

    def validate() -> dict[str, float]:
        return evaluate(stage.average.module, corpus, symbols, held_out)

    yield from clock.train(stage, batches, checkpoint, minutes=minutes, evaluate=validate)


@torch.no_grad()
def evaluate(model: Vits, corpus: Corpus, symbols: tuple[str, ...], items: list[int]) -> dict[str, float]:
    """The losses on held-out sentences."""
    model.eval()
    batches = Batches(corpus, symbols, items, seed=0)
    rows = [losses(model, batches.batch(items[i : i + BATCH])) for i in range(0, min(len(items), 64), BATCH)]
    return {name: float(np.mean([float(row[name]) for row in rows])) for name in rows[0]}
