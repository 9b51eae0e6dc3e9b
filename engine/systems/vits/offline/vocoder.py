"""Stage two of the offline voice: from latents to sound.

First the spectrum alone (several resolutions of STFT, a mel spectrogram, and the long-term spectrum of each batch,
which is where metallic lines and missing energy show), then with discriminators, on latents that are partly the
teacher's and partly those that stage one predicts, so that the decoder learns to speak what it will be given.
"""

import json
import logging
import math
import random
import time
from collections.abc import Iterator
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

from engine.events import Progress
from engine.systems.vits.config import parse
from engine.systems.vits.decoder import Decoder, build_decoder
from engine.systems.vits.offline.data import Corpus
from engine.systems.vits.offline.features import FLOOR, HOP
from engine.training.discriminators import DiscriminatorConfig, Discriminators
from engine.training.ema import moving_average
from engine.training.losses import discriminator_loss, feature_loss, generator_loss

logger = logging.getLogger(__name__)

FRAMES = 64
BATCH = 8
RATE = 1e-3
ADVERSARIAL_RATE = 3e-4
FFTS = (256, 512, 1024, 2048)
JUDGES = DiscriminatorConfig(
    scale=False, periods=(2, 3, 5, 7), width=0.125, spectrogram_ffts=(512, 1024), spectrogram_channels=8
)


def low_start(decoder: Decoder) -> None:
    """Begin near silence: the magnitude half at exp(-4), the phases spread. Learns two to three times as fast."""
    bias = decoder.subband_conv_post.bias.data.view(4, 2, -1)
    bias[:, 0] = -4.0
    bias[:, 1].uniform_(-1, 1)


def spectral_losses(fake: torch.Tensor, real: torch.Tensor) -> dict[str, torch.Tensor]:
    """Of (B, n) samples, the mean over `FFTS`: spectral convergence and L1 of log magnitudes; and, of the long-term
    power of the whole batch, the mean distance of its logarithm from bin to bin and of its fine structure."""
    convergence, magnitude, level = [], [], []
    for n_fft in FFTS:
        window = torch.hann_window(n_fft)
        x, y = (
            torch.stft(s, n_fft, n_fft // 4, window=window, return_complex=True).abs().clamp_min(1e-5)
            for s in (fake, real)
        )
        convergence.append(torch.linalg.vector_norm(y - x) / torch.linalg.vector_norm(y))
        x_log, y_log = x.clamp_min(FLOOR).log(), y.clamp_min(FLOOR).log()
        magnitude.append(F.l1_loss(x_log, y_log))
        power = 0.5 * (x.square().mean((0, 2)).add(1e-6).log() - y.square().mean((0, 2)).add(1e-6).log())
        usual = (x_log - y_log).mean((0, 2))
        level.append(power.abs().mean() + usual.abs().mean())
    names = ("convergence", "magnitude", "level")
    return {n: torch.stack(v).mean() for n, v in zip(names, (convergence, magnitude, level), strict=True)}


class Segments:
    """Endless batches of (latents (B, 64, FRAMES), samples (B, FRAMES · HOP)) cut from the corpus.

    ``predicted`` maps an item to the latents that stage one gives for it; half of the batch is taken from there.
    """

    def __init__(self, corpus: Corpus, items: list[int], predicted: "Predicted | None", seed: int) -> None:
        self._corpus, self._predicted = corpus, predicted
        self._items = [i for i in items if corpus.index[i][3] > FRAMES]
        self._random = random.Random(seed)

    def __iter__(self) -> Iterator[tuple[torch.Tensor, torch.Tensor]]:
        while True:
            rows = [self._row(number) for number in range(BATCH)]
            yield torch.stack([z for z, _ in rows]), torch.stack([s for _, s in rows])

    def _row(self, number: int) -> tuple[torch.Tensor, torch.Tensor]:
        item = self._random.choice(self._items)
        frames = self._corpus.index[item][3]
        start = self._random.randint(0, frames - FRAMES)
        guess = self._predicted is not None and number % 4 != 0
        z = self._predicted.latent(item) if guess else self._corpus.latent(item)
        z = torch.from_numpy(np.ascontiguousarray(z[:, start : start + FRAMES]))
        if not guess:
            z = z + 0.05 * torch.randn_like(z)
        sound = self._corpus.sound(item)[start * HOP : (start + FRAMES) * HOP]
        return z, torch.from_numpy(sound)


@dataclass(frozen=True, slots=True)
class Predicted:
    """Latents of stage one for every item of a corpus, (frames, 64) float16 one behind the other, mapped from disk."""

    corpus: Corpus
    latents: np.ndarray

    def latent(self, item: int) -> np.ndarray:
        """One sentence's predicted normalised latent (64, frames), float32."""
        _, _, first, frames, _ = self.corpus.index[item]
        return self.latents[first : first + frames].T.astype(np.float32)


def train(
    corpus: Corpus,
    config: Path,
    checkpoint: Path,
    *,
    minutes: float,
    predicted: Predicted | None = None,
    adversarial: bool = False,
    autocast: bool = True,
) -> Iterator[Progress]:
    """Train for ``minutes`` of wall time, saving to ``checkpoint`` (and resuming from it) every two minutes.

    The learning rate falls as a cosine over the minutes of a stage; a new stage (adversarial or not) begins anew with
    the weights of the last.
    """
    torch.manual_seed(1234)
    decoder = build_decoder(parse(json.loads(config.read_text(encoding="utf-8"))).model)
    low_start(decoder)
    judges = Discriminators(JUDGES) if adversarial else nn.Module()
    peak = ADVERSARIAL_RATE if adversarial else RATE
    optimizer = torch.optim.AdamW(decoder.parameters(), peak, betas=(0.8, 0.99), weight_decay=0.01)
    judge_optimizer = torch.optim.AdamW(judges.parameters(), peak, betas=(0.8, 0.99)) if adversarial else None
    average = moving_average(decoder)
    step, spent = 0, 0.0
    if checkpoint.exists():
        state = torch.load(checkpoint, weights_only=True)
        decoder.load_state_dict(state["model"])
        average.load_state_dict(state["average"])
        if state["adversarial"] == adversarial:
            optimizer.load_state_dict(state["optimizer"])
            step, spent = state["step"], state["minutes"]
            if adversarial:
                judges.load_state_dict(state["judges"])
                judge_optimizer.load_state_dict(state["judge_optimizer"])
    everything = range(len(corpus.index))
    held_out = [i for i in everything if i % 50 == 0]
    segments = iter(Segments(corpus, [i for i in everything if i % 50], predicted, seed=step + 7))
    cast = (lambda: torch.autocast("cpu", dtype=torch.bfloat16)) if autocast else nullcontext
    began = saved = time.monotonic()
    running: dict[str, float] = {}

    def save(now: float) -> None:
        state = {
            "model": decoder.state_dict(), "average": average.state_dict(), "optimizer": optimizer.state_dict(),
            "judges": judges.state_dict(), "judge_optimizer": judge_optimizer.state_dict() if adversarial else {},
            "adversarial": adversarial, "step": step, "minutes": now,
        }  # fmt: skip
        partial = checkpoint.with_suffix(".partial")
        torch.save(state, partial)
        partial.replace(checkpoint)

    while (now := spent + (time.monotonic() - began) / 60) < minutes:
        rate = peak * min(1.0, (step + 1) / 200) * (0.05 + 0.95 * 0.5 * (1 + math.cos(math.pi * now / minutes)))
        for group in (*optimizer.param_groups, *(judge_optimizer.param_groups if adversarial else ())):
            group["lr"] = rate
        z, real = next(segments)
        with cast():
            fake = decoder(z).audio.squeeze(1)
        parts = spectral_losses(fake, real)
        loss = parts["convergence"] + parts["magnitude"] + 0.5 * parts["level"]
        if adversarial:
            with cast():
                judged_real, judged_fake = judges.compare(real.unsqueeze(1), fake.detach().unsqueeze(1))
            judge_loss = discriminator_loss(
                [j.logit.float() for j in judged_real], [j.logit.float() for j in judged_fake]
            )
            judge_optimizer.zero_grad(set_to_none=True)
            judge_loss.backward()
            torch.nn.utils.clip_grad_norm_(judges.parameters(), 10.0)
            judge_optimizer.step()
            for p in judges.parameters():
                p.requires_grad_(False)
            with cast():
                judged_fake = judges(fake.unsqueeze(1))
            for p in judges.parameters():
                p.requires_grad_(True)
            parts["judges"], parts["fool"] = judge_loss.detach(), generator_loss([j.logit.float() for j in judged_fake])
            parts["features"] = feature_loss([j.features for j in judged_real], [j.features for j in judged_fake])
            loss = 5.0 * loss + parts["fool"] + parts["features"]
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        norm = torch.nn.utils.clip_grad_norm_(decoder.parameters(), 50.0 if adversarial else 5.0)
        if torch.isfinite(norm):
            optimizer.step()
            average.update_parameters(decoder)
        step += 1
        for name, value in parts.items():
            running[name] = 0.98 * running.get(name, float(value)) + 0.02 * float(value.detach())
        if time.monotonic() - saved > 120:
            saved = time.monotonic()
            save(now)
            heard = evaluate(average.module, corpus, held_out, predicted)
            trained = ", ".join(f"{name} {value:.3f}" for name, value in running.items())
            yield Progress(done=now, total=minutes, label=f"step {step}: held out {heard}; training {trained}")
    save(minutes)
    yield Progress(
        done=minutes,
        total=minutes,
        label=f"step {step}: held out {evaluate(average.module, corpus, held_out, predicted)}",
    )


@torch.no_grad()
def evaluate(decoder: Decoder, corpus: Corpus, items: list[int], predicted: Predicted | None) -> str:
    """The spectral losses on held-out segments, with true latents and with predicted ones."""
    lines = []
    for name, latent in (("true", corpus.latent), *((("predicted", predicted.latent),) if predicted else ())):
        rows = []
        for i in [i for i in items if corpus.index[i][3] > 40][:24]:
            z = torch.from_numpy(np.ascontiguousarray(latent(i)))[None]
            rows.append(spectral_losses(decoder(z).audio[0], torch.from_numpy(corpus.sound(i))[None]))
        means = {n: float(np.mean([float(r[n]) for r in rows])) for n in rows[0]}
        lines.append(name + " " + ", ".join(f"{n} {v:.3f}" for n, v in means.items()))
    return "; ".join(lines)
