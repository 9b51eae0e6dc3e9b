"""The student's sound: its text encoder and decoder, given the teacher's durations, pitch and energy.

Of these, the teacher's sound is a function but for its noise, and the student's pulses have the teacher's phase. So the
voiced part is a regression of the waveform, and only what is left over is noise. Discriminators come last.
docs/bundled-voice.md#sound
"""

import math
import random
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F
from torch.nn.utils.rnn import pad_sequence

from engine.events import Progress
from engine.style_tts.config import SAMPLE_RATE, SAMPLES_PER_FRAME
from engine.style_tts.harmonic import FILTERS, HarmonicDecoder
from engine.style_tts.synthesizer import Synthesizer
from engine.training.checkpoint import save
from engine.training.discriminators import DiscriminatorConfig, Discriminators
from engine.training.ema import moving_average
from engine.training.losses import discriminator_loss, feature_loss, generator_loss
from recipes.bundled_voice import clock, student
from recipes.bundled_voice.corpus import SPEAKERS, Corpus, Example
from recipes.bundled_voice.precision import autocast

# Of a batch, at 40 a second.
FRAMES = 420
FFTS = (256, 512, 1024, 2048)
# Long enough to hold harmonics apart, short enough for the pitch to stand still.
PHASE_FFTS = (512, 1024)
# Above, the teacher's own source has no harmonics, and its phases nothing to do with the pulses.
PHASE_HZ = 1500
# Of an STFT's magnitude: what is silence, what is so quiet that its phase does not matter, and what is speech.
FLOOR, QUIET, LOUD = 3e-3, 0.03, 0.3
# Of the student alone, beside discriminators, and of those.
RATE, ADVERSARIAL_RATE, DISCRIMINATOR_RATE = 1.2e-3, 3e-4, 2e-3
WEIGHTS = {"magnitude": 1.0, "linear": 0.5, "phase": 0.5}
SPECTRAL_WEIGHT, ADVERSARIAL_WEIGHT = 2.0, 1.0
# With discriminators, how often a piece of each speaker is drawn: the low voice is the harder one.
DRAWN = (1, 3)
# The discriminators judge a second of each text, and for so many steps nobody listens to them.
JUDGED, APPRENTICE_STEPS = SAMPLE_RATE, 150
DISCRIMINATORS = DiscriminatorConfig(
    scale=False, periods=(), spectrogram_ffts=(512, 1024, 2048), spectrogram_channels=16, spectrogram_power=0.3
)


class Batch(NamedTuple):
    """B pieces, padded.

    ``ids`` (B, T) of ``lengths`` (B,); ``index`` (B, L) is the phoneme of each frame, -1 beyond the end; ``pitch`` and
    ``energy`` (B, 2L); ``samples`` (B, 600 L); ``speakers`` (B,).
    """

    ids: Tensor
    lengths: Tensor
    index: Tensor
    pitch: Tensor
    energy: Tensor
    samples: Tensor
    speakers: Tensor


def collate(examples: Sequence[Example]) -> Batch:
    """The examples as one batch."""
    longest = max(example.length for example in examples)

    def padded(arrays: list[np.ndarray], scale: int) -> Tensor:
        out = torch.zeros(len(arrays), longest * scale)
        for row, array in zip(out, arrays, strict=True):
            row[: len(array)] = torch.from_numpy(array)
        return out

    index = torch.full((len(examples), longest), -1)
    for row, example in zip(index, examples, strict=True):
        row[: example.length] = example.index
    return Batch(
        ids=pad_sequence([torch.from_numpy(example.ids).long() for example in examples], batch_first=True),
        lengths=torch.tensor([len(example.ids) for example in examples]),
        index=index,
        pitch=padded([example.pitch for example in examples], 2),
        energy=padded([example.energy for example in examples], 2),
        samples=padded([example.samples for example in examples], SAMPLES_PER_FRAME) / 32767,
        speakers=torch.tensor([example.speaker for example in examples]),
    )


def batches(examples: Sequence[Example], seed: int) -> Iterator[Batch]:
    """Endless batches of whole pieces of similar length, about FRAMES each."""
    source = random.Random(seed)
    while True:
        order = sorted(examples, key=lambda example: example.length + source.uniform(-6, 6))
        found: list[list[Example]] = [[]]
        for example in order:
            if found[-1] and (len(found[-1]) + 1) * max(example.length, found[-1][-1].length) > FRAMES:
                found.append([])
            found[-1].append(example)
        source.shuffle(found)
        yield from map(collate, found)


class Sound(nn.Module):
    """What is trained here: the acoustic half of the styles (speakers, S), text encoder and decoder."""

    def __init__(self, whole: Synthesizer) -> None:
        super().__init__()
        assert isinstance(whole.decoder, HarmonicDecoder)
        self.styles = nn.Parameter(0.3 * torch.randn(len(SPEAKERS), student.STYLE))
        self.text_encoder, self.decoder = whole.text_encoder, whole.decoder

    def forward(self, batch: Batch) -> tuple[Tensor, Tensor]:
        """The voiced and the noisy part of the sound, both (B, 600 L)."""
        text = self.text_encoder(batch.ids, batch.lengths)
        index = batch.index.clamp_min(0).unsqueeze(1).expand(-1, text.shape[1], -1)
        aligned = text.gather(2, index) * (batch.index >= 0).unsqueeze(1)
        noise = torch.randn(batch.samples.shape)
        return self.decoder.parts(aligned, batch.pitch, batch.energy, self.styles[batch.speakers], noise)


def low_start(decoder: HarmonicDecoder) -> None:
    """Begin near silence, with pulses rather than noise: what is too loud at first drowns what there is to learn."""
    bias = decoder.filters.bias.data.view(FILTERS, -1)
    for row, value in zip(bias, (-3.5, 0.5, 0.0, -5.5), strict=True):
        row.fill_(value)
    nn.init.zeros_(decoder.loudness.weight)
    nn.init.zeros_(decoder.loudness.bias)


def losses(voiced: Tensor, noisy: Tensor, real: Tensor) -> dict[str, Tensor]:
    """How far the sum of both parts is from ``real``, and the voiced part from what of it the pulses explain.

    ``magnitude`` is the L1 of log magnitudes, ``linear`` that of magnitudes over their mean; ``phase`` is 1 - cos of
    the angle between spectra, where there is speech: a distance would make silent what is not yet in phase.
    """
    magnitude, linear, phase = [], [], []
    for n_fft in FFTS:
        y = _spectrum(real, n_fft)
        ours, theirs = _spectrum(voiced + noisy, n_fft).abs(), y.abs()
        magnitude.append(F.l1_loss(torch.log(ours + FLOOR), torch.log(theirs + FLOOR)))
        linear.append(F.l1_loss(ours, theirs) / theirs.mean())
        if n_fft in PHASE_FFTS:
            low = n_fft * PHASE_HZ // SAMPLE_RATE
            ours, theirs = _spectrum(voiced, n_fft)[:, :low], y[:, :low]
            cosine = (ours * theirs.conj()).real / (ours.abs() * theirs.abs() + QUIET**2)
            weight = theirs.abs() / (theirs.abs() + LOUD)
            phase.append(((1 - cosine) * weight).sum() / weight.sum())
    found = {"magnitude": magnitude, "linear": linear, "phase": phase}
    return {name: torch.stack(values).mean() for name, values in found.items()}


def _spectrum(samples: Tensor, n_fft: int) -> Tensor:
    return torch.stft(samples, n_fft, n_fft // 4, window=torch.hann_window(n_fft), return_complex=True)


class Stage:
    """Sound in training: by its spectrum, or with discriminators, too. Saved whole, so it resumes.

    A stage of the other kind takes the averaged weights over and begins anew.
    """

    def __init__(self, *, adversarial: bool) -> None:
        self.model, self.adversarial = Sound(student.build()), adversarial
        low_start(self.model.decoder)
        self.discriminators = Discriminators(DISCRIMINATORS) if adversarial else nn.Module()
        trained: list[tuple[nn.Module, float]] = [(self.model, ADVERSARIAL_RATE if adversarial else RATE)]
        if adversarial:
            trained.append((self.discriminators, DISCRIMINATOR_RATE))
        self._peaks = [rate for _, rate in trained]
        self._optimizers = [torch.optim.AdamW(part.parameters(), rate, betas=(0.8, 0.98)) for part, rate in trained]
        self.average = moving_average(self.model)
        self.step, self.minutes = 0, 0.0

    def load(self, path: Path) -> None:
        """Go on from what `save` wrote."""
        state = torch.load(path, weights_only=True)
        self.average.load_state_dict(state["average"])
        self.model.load_state_dict(self.average.module.state_dict())
        if state["adversarial"] == self.adversarial:
            self.model.load_state_dict(state["model"])
            self.discriminators.load_state_dict(state["discriminators"])
            for optimizer, held in zip(self._optimizers, state["optimizers"], strict=True):
                optimizer.load_state_dict(held)
            self.step, self.minutes = state["step"], state["minutes"]

    def save(self, path: Path) -> None:
        """Write everything to ``path`` in one step."""
        parts = {"model": self.model, "average": self.average, "discriminators": self.discriminators}
        state = {name: part.state_dict() for name, part in parts.items()}
        state["optimizers"] = [optimizer.state_dict() for optimizer in self._optimizers]
        save(path, state | {"adversarial": self.adversarial, "step": self.step, "minutes": self.minutes})

    def set_rate(self, share: float) -> None:
        """Warm up over 200 steps, then fall as a cosine to 5 % when ``share`` of the time is over (0..1)."""
        part = min(1.0, (self.step + 1) / 200) * (0.05 + 0.475 * (1 + math.cos(math.pi * share)))
        for optimizer, peak in zip(self._optimizers, self._peaks, strict=True):
            for group in optimizer.param_groups:
                group["lr"] = part * peak

    def learn(self, batch: Batch) -> dict[str, float]:
        """One step; the losses by name."""
        with autocast():
            voiced, noisy = self.model(batch)
        parts = losses(voiced, noisy, batch.samples)
        loss = sum(weight * parts[name] for name, weight in WEIGHTS.items())
        if self.adversarial:
            parts |= self._judged(voiced + noisy, batch.samples)
            if self.step >= APPRENTICE_STEPS:
                loss = SPECTRAL_WEIGHT * loss + ADVERSARIAL_WEIGHT * (parts["generator"] + parts["features"])
        self._optimizers[0].zero_grad(set_to_none=True)
        loss.backward()
        norm = nn.utils.clip_grad_norm_(self.model.parameters(), 2.0)
        if torch.isfinite(norm):
            self._optimizers[0].step()
            self.average.update_parameters(self.model)
        self.step += 1
        return {name: float(value.detach()) for name, value in parts.items()}

    def _judged(self, fake: Tensor, real: Tensor) -> dict[str, Tensor]:
        """A step of the discriminators on a second of samples (B, n), then the losses of both sides."""
        start = random.randrange(max(1, fake.shape[-1] - JUDGED))
        fake, real = (sound[:, start : start + JUDGED].unsqueeze(1) for sound in (fake, real))
        with autocast():
            of_real, of_fake = self.discriminators.compare(real, fake.detach())
        loss = discriminator_loss([d.logit.float() for d in of_real], [d.logit.float() for d in of_fake])
        self._optimizers[1].zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_norm_(self.discriminators.parameters(), 10.0)
        self._optimizers[1].step()
        self.discriminators.requires_grad_(False)
        with autocast():
            of_fake = self.discriminators(fake)
        self.discriminators.requires_grad_(True)
        return {
            "discriminator": loss,
            "generator": generator_loss([d.logit.float() for d in of_fake]),
            "features": feature_loss([d.features for d in of_real], [d.features for d in of_fake]),
        }


def train(corpus: Corpus, checkpoint: Path, *, minutes: float, adversarial: bool = False) -> Iterator[Progress]:
    """Train for ``minutes`` of wall time in all, saving to ``checkpoint`` and resuming from it."""
    torch.manual_seed(1234)
    stage = Stage(adversarial=adversarial)
    learned, held_out = corpus.parted(sound=True)
    if adversarial:
        learned = [example for example in learned for _ in range(DRAWN[example.speaker])]
    yield from clock.train(
        stage,
        lambda: batches(learned, seed=stage.step + 1),
        checkpoint,
        minutes=minutes,
        evaluate=lambda: evaluate(stage.average.module, held_out),
    )


@torch.no_grad()
def evaluate(model: Sound, examples: Sequence[Example]) -> dict[str, float]:
    """The losses on held-out pieces."""
    rows = []
    for example in examples[:24]:
        batch = collate([example])
        rows.append(losses(*model(batch), batch.samples))
    return {name: float(np.mean([float(row[name]) for row in rows])) for name in rows[0]} if rows else {}
