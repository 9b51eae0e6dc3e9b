"""Stage two of the bundled voice: from latents to sound.

First the spectrum alone (several resolutions of STFT, and the long-term spectrum of each batch, which is where metallic
lines and missing energy show), then with discriminators, on latents that are partly the teacher's and partly those that
stage one predicts, so that the decoder is trained on its input at inference. Some rows are the ends of sentences: that
the sound stops there is learned from them alone. Why these losses: docs/bundled-voice.md#decoder-losses.
"""

import math
import random
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

from engine.events import Progress
from engine.systems.vits.config import Config
from engine.systems.vits.networks.decoder import Decoder, build_decoder
from engine.training.checkpoint import save
from engine.training.discriminators import DiscriminatorConfig, Discriminators
from engine.training.ema import moving_average
from engine.training.losses import discriminator_loss, feature_loss, generator_loss
from recipes.bundled_voice import clock
from recipes.bundled_voice.data import Corpus
from recipes.bundled_voice.features import FLOOR, HOP, PITCH, SAMPLE_RATE, log_mel
from recipes.bundled_voice.precision import autocast

FRAMES = 64
BATCH = 8
RATE = 1e-3
ADVERSARIAL_RATE = 3e-4
FFTS = (256, 512, 1024, 2048)
SPECTRAL_WEIGHT = 5.0
WEIGHTS = {"envelope": 3.0, "level": 1.0, "lines": 4.0, "harmonics": 2.0, "advance": 2.0, "drift": 200.0}
# Windows long enough to resolve the harmonics of a low voice, and to separate a pitch from one that has locked to the
# frames: a frame of 16 ms holds just three periods of 187.5 Hz, to which a decoder tends.
HARMONIC_FFTS = (1024, 2048, 4096)
HARMONICS_HZ = 1500
# The prominence of a line is measured against 100 Hz to both sides.
LINES_FFT = 2048
LINES_FROM_HZ = 300
AROUND_BINS = 27
DISCRIMINATORS = DiscriminatorConfig(
    scale=False, periods=(2, 3, 5), width=0.125, spectrogram_ffts=(512,), spectrogram_channels=8
)


Batch = tuple[torch.Tensor, torch.Tensor]


def low_start(decoder: Decoder) -> None:
    """Begin near silence: the magnitude half at exp(-4), the phases spread. Learns two to three times as fast."""
    bias = decoder.subband_conv_post.bias.data.view(4, 2, -1)
    bias[:, 0] = -4.0
    bias[:, 1].uniform_(-1, 1)


def spectral_losses(fake: torch.Tensor, real: torch.Tensor) -> dict[str, torch.Tensor]:
    """The distances of ``fake`` from ``real``, both (B, n), each a mean over several FFT sizes.

    ``convergence`` and ``magnitude`` are those of arXiv 1910.11480; ``level`` compares the long-term spectra of the
    whole batch, ``envelope`` the log-mel spectra that the latent encodes, ``lines`` the prominence of narrow lines,
    ``harmonics`` the log magnitudes where the lower harmonics are, ``advance`` their phase advance from frame to
    frame, ``drift`` what is below speech.
    """
    convergence, magnitude, level, harmonics = [], [], [], []
    for n_fft in sorted({*FFTS, *HARMONIC_FFTS}):
        window = torch.hann_window(n_fft)
        x, y = (
            torch.stft(s, n_fft, n_fft // 4, window=window, return_complex=True).abs().clamp_min(1e-5)
            for s in (fake, real)
        )
        x_log, y_log = x.clamp_min(FLOOR).log(), y.clamp_min(FLOOR).log()
        if n_fft in HARMONIC_FFTS:
            low = n_fft * HARMONICS_HZ // SAMPLE_RATE
            harmonics.append(F.l1_loss(x_log[:, :low], y_log[:, :low]))
        if n_fft in FFTS:
            convergence.append(torch.linalg.vector_norm(y - x) / torch.linalg.vector_norm(y))
            magnitude.append(F.l1_loss(x_log, y_log))
            power = 0.5 * (x.square().mean((0, 2)).add(1e-6).log() - y.square().mean((0, 2)).add(1e-6).log())
            level.append(power.abs().mean() + (x_log - y_log).mean((0, 2)).abs().mean())
    names = ("convergence", "magnitude", "level", "harmonics")
    values = (convergence, magnitude, level, harmonics)
    losses = {name: torch.stack(value).mean() for name, value in zip(names, values, strict=True)}
    losses["envelope"] = F.l1_loss(log_mel(fake), log_mel(real))
    losses["lines"] = _lines(fake, real)
    losses["advance"] = _advance(fake, real)
    # A direct current is one bin of a thousand above and yet all that is left in a silence.
    return losses | {"drift": F.avg_pool1d((fake - real).unsqueeze(1), 8 * HOP, HOP).abs().mean()}


def _advance(fake: torch.Tensor, real: torch.Tensor) -> torch.Tensor:
    """How differently the phases turn within one frame, 0..2: 1 - cos of the difference, loud bins first.

    It is sensitive to a pitch that is 2 Hz off, where the peaks of two magnitude spectra still overlap.
    """
    low = 1024 * HARMONICS_HZ // SAMPLE_RATE
    window = torch.hann_window(1024)
    x, y = (torch.stft(s, 1024, HOP, window=window, return_complex=True)[:, 1:low] for s in (fake, real))
    x, y = (s[..., 1:] * s[..., :-1].conj() for s in (x, y))
    loudness = y.detach().abs()
    cosine = (x * y.conj()).real / (x.abs() * loudness).clamp_min(FLOOR**2)
    weights = loudness.sqrt()
    return ((1 - cosine) * weights).sum() / weights.sum().clamp_min(FLOOR)


def _lines(fake: torch.Tensor, real: torch.Tensor) -> torch.Tensor:
    """How much more the narrow lines of ``fake`` stand out of their surroundings, in nepers, root mean square.

    Measured as `benchmarks.quality` does, on the mean power of the batch. A line is one bin of the long-term spectrum,
    so that `level` hardly changes with it; listeners notice.
    """
    window, first = torch.hann_window(LINES_FFT), LINES_FFT * LINES_FROM_HZ // SAMPLE_RATE
    prominences = []
    for sound in (fake, real):
        spectrum = torch.stft(sound, LINES_FFT, LINES_FFT // 4, window=window, return_complex=True, center=False)
        level = 0.5 * spectrum.abs().square().mean((0, 2)).add(1e-6).log()
        around = F.avg_pool1d(level[None], AROUND_BINS, 1, AROUND_BINS // 2, count_include_pad=False)[0]
        prominences.append((level - around)[first:])
    return F.relu(prominences[0] - prominences[1]).square().mean().add(1e-6).sqrt()


class Segments:
    """Endless batches of (latents (B, 64, FRAMES), samples (B, FRAMES · HOP)) cut from the corpus.

    ``predicted`` holds the latents that stage one gives; every other row takes its envelope from there. Not more: the
    decoder must follow its input, or words get lost.
    """

    def __init__(self, corpus: Corpus, items: list[int], predicted: "Predicted | None", seed: int) -> None:
        self._corpus, self._predicted = corpus, predicted
        self._items = [i for i in items if corpus.index[i][3] > FRAMES]
        self._random = random.Random(seed)
        self._ends = np.cumsum([corpus.index[i][3] for i in self._items])
        self._chances = np.cumsum(_rarity(corpus, self._items))

    def __iter__(self) -> Iterator[Batch]:
        while True:
            rows = [self._row(number) for number in range(BATCH)]
            yield torch.stack([z for z, _ in rows]), torch.stack([s for _, s in rows])

    def _draw(self, number: int) -> tuple[int, int]:
        """An item and a first frame: one row at an end, others anywhere, half where the pitch is a rare one."""
        if number % 2:
            item = self._random.choice(self._items)
            last = self._corpus.index[item][3] - FRAMES
            return item, last if number == 1 else self._random.randint(0, last)
        frame = int(np.searchsorted(self._chances, self._random.random() * self._chances[-1]))
        place = int(np.searchsorted(self._ends, frame, side="right"))
        item, frames = self._items[place], self._corpus.index[self._items[place]][3]
        middle = frame - (int(self._ends[place]) - frames)
        return item, min(max(0, middle - FRAMES // 2), frames - FRAMES)

    def _row(self, number: int) -> tuple[torch.Tensor, torch.Tensor]:
        item, start = self._draw(number)
        z = self._corpus.latent(item)
        if self._predicted is not None and number % 4 > 1:
            # The pitch stays the teacher's: trained to map one pitch to another, the decoder learns to blur both.
            pitch = z[PITCH]
            z = self._predicted.latent(item)
            z[PITCH] = pitch
        z = torch.from_numpy(np.ascontiguousarray(z[:, start : start + FRAMES]))
        z = z + 0.03 * torch.randn_like(z)
        sound = self._corpus.sound(item)[start * HOP : (start + FRAMES) * HOP]
        return z, torch.from_numpy(sound)


def _rarity(corpus: Corpus, items: list[int]) -> np.ndarray:
    """How rare the pitch of every frame of ``items`` is for its speaker, (frames,): all pitches weigh the same.

    A voice spends most of its time near one pitch; a decoder trained on little else moves every pitch there.
    """
    weights: dict[int, np.ndarray] = {}
    pitches = {i: np.asarray(corpus.latent(i)[PITCH])[[0, 4]] for i in items}
    for speaker in {corpus.index[i][0] for i in items}:
        own = np.concatenate([pitches[i] for i in items if corpus.index[i][0] == speaker], axis=1)
        counts, edges = np.histogram(own[0][own[1] > 0], bins=40)
        floor = max(1.0, counts.sum() / 400)  # fewer than this are slips of the teacher
        for i in (i for i in items if corpus.index[i][0] == speaker):
            pitch, voiced = pitches[i]
            bin_ = np.clip(np.searchsorted(edges, pitch, side="right") - 1, 0, 39)
            weights[i] = (voiced > 0) / np.maximum(counts[bin_], floor)
    return np.concatenate([weights[i] for i in items])


@dataclass(frozen=True, slots=True)
class Predicted:
    """Latents of stage one for every item of a corpus, (frames, 64) float16 one behind the other, mapped from disk."""

    corpus: Corpus
    latents: np.ndarray

    def latent(self, item: int) -> np.ndarray:
        """One sentence's predicted normalised latent (64, frames), float32."""
        _, _, first, frames, _ = self.corpus.index[item]
        return self.latents[first : first + frames].T.astype(np.float32)


class Stage:
    """One stage of training: the decoder, its moving average, discriminators where there are any, its progress.

    Saved whole, so that a run that is cut short goes on where it was; a stage of the other kind takes the weights over
    and begins anew.
    """

    def __init__(self, decoder: Decoder, *, adversarial: bool) -> None:
        self.decoder, self.adversarial = decoder, adversarial
        self.discriminators = Discriminators(DISCRIMINATORS) if adversarial else nn.Module()
        self.peak = ADVERSARIAL_RATE if adversarial else RATE
        self.optimizers = [torch.optim.AdamW(decoder.parameters(), self.peak, betas=(0.8, 0.99), weight_decay=0.01)]
        if adversarial:
            self.optimizers.append(torch.optim.AdamW(self.discriminators.parameters(), self.peak, betas=(0.8, 0.99)))
        self.average = moving_average(decoder)
        self.step, self.minutes = 0, 0.0

    def load(self, path: Path) -> None:
        """Go on from what `save` wrote."""
        state = torch.load(path, weights_only=True)
        self.decoder.load_state_dict(state["decoder"])
        self.average.load_state_dict(state["average"])
        if state["adversarial"] == self.adversarial:
            self.discriminators.load_state_dict(state["discriminators"])
            for optimizer, saved in zip(self.optimizers, state["optimizers"], strict=True):
                optimizer.load_state_dict(saved)
            self.step, self.minutes = state["step"], state["minutes"]

    def save(self, path: Path) -> None:
        """Write everything to ``path`` in one step."""
        state = {
            "decoder": self.decoder.state_dict(),
            "average": self.average.state_dict(),
            "discriminators": self.discriminators.state_dict(),
            "optimizers": [optimizer.state_dict() for optimizer in self.optimizers],
            "adversarial": self.adversarial,
            "step": self.step,
            "minutes": self.minutes,
        }
        save(path, state)

    def set_rate(self, share: float) -> None:
        """Warm up over 200 steps, then fall as a cosine to 5 % when ``share`` of the time is over (0..1)."""
        rate = self.peak * min(1.0, (self.step + 1) / 200) * (0.05 + 0.475 * (1 + math.cos(math.pi * share)))
        for optimizer in self.optimizers:
            for group in optimizer.param_groups:
                group["lr"] = rate

    def learn(self, batch: Batch) -> dict[str, float]:
        """One step on latents (B, 64, F) and their samples (B, F · HOP); the losses by name."""
        z, real = batch
        with autocast():
            fake = self.decoder(z).audio.squeeze(1)
        parts = spectral_losses(fake, real)
        loss = parts["convergence"] + parts["magnitude"] + sum(WEIGHTS[name] * parts[name] for name in WEIGHTS)
        if self.adversarial:
            parts |= self._adversarial_losses(fake, real)
            loss = SPECTRAL_WEIGHT * loss + parts["generator"] + parts["features"]
        self.optimizers[0].zero_grad(set_to_none=True)
        loss.backward()
        norm = nn.utils.clip_grad_norm_(self.decoder.parameters(), 50.0 if self.adversarial else 5.0)
        if torch.isfinite(norm):
            self.optimizers[0].step()
            self.average.update_parameters(self.decoder)
        self.step += 1
        return {name: float(value.detach()) for name, value in parts.items()}

    def _adversarial_losses(self, fake: torch.Tensor, real: torch.Tensor) -> dict[str, torch.Tensor]:
        """A step of the discriminators on samples (B, n), then the losses of both sides."""
        with autocast():
            of_real, of_fake = self.discriminators.compare(real.unsqueeze(1), fake.detach().unsqueeze(1))
        loss = discriminator_loss([d.logit.float() for d in of_real], [d.logit.float() for d in of_fake])
        self.optimizers[1].zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_norm_(self.discriminators.parameters(), 10.0)
        self.optimizers[1].step()
        self.discriminators.requires_grad_(False)
        with autocast():
            of_fake = self.discriminators(fake.unsqueeze(1))
        self.discriminators.requires_grad_(True)
        return {
            "discriminator": loss,
            "generator": generator_loss([d.logit.float() for d in of_fake]),
            "features": feature_loss([d.features for d in of_real], [d.features for d in of_fake]),
        }


def train(
    corpus: Corpus,
    config: Config,
    checkpoint: Path,
    *,
    minutes: float,
    predicted: Predicted | None = None,
    adversarial: bool = False,
) -> Iterator[Progress]:
    """Train for ``minutes`` of wall time in all, saving to ``checkpoint`` and resuming from it."""
    torch.manual_seed(1234)
    decoder = build_decoder(config.model)
    low_start(decoder)
    stage = Stage(decoder, adversarial=adversarial)
    everything = range(len(corpus.index))
    held_out = [i for i in everything if i % 50 == 0]

    def batches() -> Iterator[Batch]:
        return iter(Segments(corpus, [i for i in everything if i % 50], predicted, seed=stage.step + 7))

    def validate() -> dict[str, float]:
        return evaluate(stage.average.module, corpus, held_out, predicted)

    yield from clock.train(stage, batches, checkpoint, minutes=minutes, evaluate=validate)


@torch.no_grad()
def evaluate(decoder: Decoder, corpus: Corpus, items: list[int], predicted: Predicted | None) -> dict[str, float]:
    """The spectral losses on held-out sentences: with the teacher's latents, and with predicted ones."""
    means: dict[str, float] = {}
    for prefix, source in (("", corpus), ("predicted ", predicted)):
        if source is None:
            continue
        rows = []
        for i in [i for i in items if corpus.index[i][3] > 40][:24]:
            z = torch.from_numpy(np.ascontiguousarray(source.latent(i)))[None]
            rows.append(spectral_losses(decoder(z).audio[0], torch.from_numpy(corpus.sound(i))[None]))
        means |= {prefix + name: float(np.mean([float(row[name]) for row in rows])) for name in rows[0]}
    return means
