"""A small decoder: pulses and noise, each through a filter that a network sets, frame by frame.

Where the family's other decoders make the waveform itself, this one makes two filters for every pitch value, as a vocal
tract does: one for pulses that follow the pitch, one for noise (after the neural homomorphic vocoder, Liu, Chen and Yu,
Interspeech 2020). Its layers run 80 times a second only, and the pitch is right by construction.
docs/style-tts.md#the-harmonic-decoder

Letters: B batch, L frames of 25 ms, P pitch values (2L), H channels of the text, W of the decoder, S size of a style,
N samples (300 P).
"""

import math
from collections.abc import Generator
from itertools import pairwise

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from engine.steps import Steps
from engine.style_tts.adain import AdaLayerNorm
from engine.style_tts.config import SAMPLE_RATE, SAMPLES_PER_PITCH, HarmonicConfig
from engine.style_tts.source import VOICED_ABOVE_HZ

WINDOW = 4 * SAMPLES_PER_PITCH
BINS = WINDOW // 2 + 1
# What Hann windows, squared, add up to at a quarter of their length from one another.
OVERLAP = 1.5
# Loudness is told so often in a pitch value, every 3 ms: a stop's burst is shorter than a window.
STEPS = 4
# Two frames to each side reach into a frame's samples, their windows two values further, and loudness to the next step.
BESIDE = 5
HIGHEST_HZ = 11_500
USUAL_HZ = 150.0
LOUDEST = 4.0
EXPANSION = 3
# Of each bin: the level of the pulses' filter, its real and its imaginary part, the level of the noise's filter.
FILTERS = 4
CONTOUR_KERNEL = 5
# In pitch values, of which a second has 80: the first piece is soon there, the others waste less on their edges.
FIRST_PIECE, PIECE = 80, 320


class HarmonicDecoder(nn.Module):
    """Residual blocks at the rate of the pitch, then the filters, then the sound."""

    def __init__(self, config: HarmonicConfig, hidden_dim: int, style_dim: int) -> None:
        super().__init__()
        width = config.width
        self.text = nn.Linear(hidden_dim, width)
        self.contours = nn.Conv1d(3, width, CONTOUR_KERNEL, padding=CONTOUR_KERNEL // 2)
        self.blocks = nn.ModuleList(Block(width, config.kernel_size, style_dim) for _ in range(config.n_layer))
        self.norm = AdaLayerNorm(style_dim, width)
        self.filters = nn.Linear(width, FILTERS * BINS)
        self.loudness = nn.Linear(width, 2 * STEPS)
        # How many values to both sides a value depends on.
        self._reach = CONTOUR_KERNEL // 2 + config.n_layer * (config.kernel_size // 2) + BESIDE

    def draw_noise(self, pitch_values: int, rng: torch.Generator) -> Tensor:
        """White noise (1, N) for so many pitch values."""
        return torch.randn(1, pitch_values * SAMPLES_PER_PITCH, generator=rng)

    def forward(self, text: Tensor, pitch: Tensor, energy: Tensor, style: Tensor, noise: Tensor) -> Tensor:
        """Sound (B, 1, N) of ``text`` (B, H, L), ``pitch`` and ``energy`` (B, P), ``style`` (B, S).

        ``noise`` (B, N) is that of `draw_noise`.
        """
        voiced, noisy = self.parts(text, pitch, energy, style, noise)
        return (voiced + noisy).unsqueeze(1)

    def parts(self, text: Tensor, pitch: Tensor, energy: Tensor, style: Tensor, noise: Tensor) -> tuple[Tensor, Tensor]:
        """What becomes of the pulses and what of the noise, both (B, N); the sound is their sum."""
        features = self._features(text.repeat_interleave(2, dim=-1), contours(pitch, energy), style)
        return self._sound(features, pulses(pitch).to(text.device), noise)

    def forward_steps(self, text: Tensor, pitch: Tensor, energy: Tensor, style: Tensor, noise: Tensor) -> Steps[Tensor]:
        """The same in steps."""
        pieces = []
        for piece in self.piece_steps(text, pitch, energy, style, noise):
            pieces.append(piece)
            yield
        return torch.cat(pieces, dim=-1)

    def piece_steps(
        self, text: Tensor, pitch: Tensor, energy: Tensor, style: Tensor, noise: Tensor
    ) -> Generator[Tensor, None, None]:
        """The same as it is decoded, in pieces (B, 1, n), each with all that it depends on around it."""
        text, told = text.repeat_interleave(2, dim=-1), contours(pitch, energy)
        voice = pulses(pitch).to(text.device)
        noise = noise.to(text.device)
        values = pitch.shape[1]
        ends = [0, *range(FIRST_PIECE, values - FIRST_PIECE, PIECE), values]
        for start, end in pairwise(ends):
            first, last = max(start - self._reach, 0), min(end + self._reach, values)
            features = self._features(text[..., first:last], told[..., first:last], style)
            left, right = max(start - BESIDE, 0), min(end + BESIDE, values)
            span = slice(left * SAMPLES_PER_PITCH, right * SAMPLES_PER_PITCH)
            voiced, noisy = self._sound(features[:, left - first : right - first], voice[:, span], noise[:, span])
            samples = slice((start - left) * SAMPLES_PER_PITCH, (end - left) * SAMPLES_PER_PITCH)
            yield (voiced + noisy)[:, samples].unsqueeze(1)

    def _sound(self, features: Tensor, voice: Tensor, noise: Tensor) -> tuple[Tensor, Tensor]:
        """``voice`` and ``noise`` (B, N) as ``features`` (B, P, W) want them loud and filtered, both (B, N)."""
        of_voice, of_noise = self.loudness(features).float().chunk(2, dim=-1)
        return filtered(self.filters(features), voice * swelling(of_voice), noise * swelling(of_noise))

    def _features(self, text: Tensor, contours: Tensor, style: Tensor) -> Tensor:
        """What the filters are made of, (B, P, W), of ``text`` (B, H, P) and ``contours`` (B, 3, P)."""
        x = self.text(text.transpose(1, 2)) + self.contours(contours).transpose(1, 2)
        for block in self.blocks:
            x = block(x, style)
        return self.norm(x, style)


class Block(nn.Module):
    """A convolution within each channel, then a net across them, beside a shortcut (ConvNeXt, arXiv 2201.03545)."""

    def __init__(self, width: int, kernel_size: int, style_dim: int) -> None:
        super().__init__()
        self.depthwise = nn.Conv1d(width, width, kernel_size, padding=kernel_size // 2, groups=width)
        self.norm = AdaLayerNorm(style_dim, width)
        self.inner = nn.Linear(width, EXPANSION * width)
        self.outer = nn.Linear(EXPANSION * width, width)

    def forward(self, x: Tensor, style: Tensor) -> Tensor:
        """(B, P, W) with ``style`` (B, S)."""
        within = self.norm(self.depthwise(x.transpose(1, 2)).transpose(1, 2), style)
        return x + self.outer(F.gelu(self.inner(within)))


def contours(pitch: Tensor, energy: Tensor) -> Tensor:
    """How far ``pitch`` (B, P) is above USUAL_HZ, whether there is any, and ``energy`` (B, P): (B, 3, P)."""
    voiced = (pitch > VOICED_ABOVE_HZ).to(pitch.dtype)
    height = torch.log(pitch.clamp_min(VOICED_ABOVE_HZ) / USUAL_HZ) * voiced
    return torch.stack((height, voiced, energy), dim=1)


def pulses(pitch: Tensor) -> Tensor:
    """Pulses (B, N) of unit power at the ``pitch`` (B, P) in Hz, silence where there is none.

    All harmonics up to HIGHEST_HZ in phase, as a sum in closed form. The phase is that of `engine.style_tts.source`: a
    decoder that has heard the one fits the other. On the CPU, in float64, which some devices lack.
    """
    pitch = pitch.float().cpu()
    steps = pitch.double() * (SAMPLES_PER_PITCH / SAMPLE_RATE)
    # One value more at each end, so that the phase moves on to the edges; it begins as the source's does.
    turns = torch.cumsum(torch.cat((steps, steps[:, -1:]), dim=1), dim=1)
    turns = torch.cat((torch.zeros_like(turns[:, :1]), turns), dim=1).unsqueeze(1)
    turns = F.interpolate(turns, scale_factor=float(SAMPLES_PER_PITCH), mode="linear").squeeze(1)
    turns = turns[:, SAMPLES_PER_PITCH:-SAMPLES_PER_PITCH]
    angle = ((turns % 1.0) * (2 * math.pi)).float()
    count = torch.floor(HIGHEST_HZ / pitch.clamp_min(VOICED_ABOVE_HZ)).clamp_min(1.0)
    count = count.repeat_interleave(SAMPLES_PER_PITCH, dim=1)
    half = torch.sin(angle / 2)
    summed = torch.sin((count + 0.5) * angle) / (2 * half) - 0.5
    summed = torch.where(half.abs() < 1e-4, count, summed)
    voiced = (pitch > VOICED_ABOVE_HZ).repeat_interleave(SAMPLES_PER_PITCH, dim=1)
    return torch.where(voiced, summed * torch.sqrt(2 / count), torch.zeros_like(summed))


def swelling(steps: Tensor) -> Tensor:
    """The gain of every sample (B, N): linear between ``steps`` (B, P, STEPS), logarithms of it."""
    gains = F.pad(steps.flatten(1).clamp(max=LOUDEST).exp().unsqueeze(1), (1, 1), mode="replicate").squeeze(1)
    # A step holds at its middle. Not F.interpolate, whose places are rounded more the later they are.
    apart = SAMPLES_PER_PITCH // STEPS
    share = torch.arange(apart, device=gains.device) / apart
    between = torch.lerp(gains[:, :-1, None], gains[:, 1:, None], share).flatten(1)
    return between[:, (apart + 1) // 2 :][:, : steps.shape[1] * SAMPLES_PER_PITCH]


def filtered(filters: Tensor, voice: Tensor, noise: Tensor) -> tuple[Tensor, Tensor]:
    """``voice`` and ``noise`` (B, N) through ``filters`` (B, P, FILTERS * BINS), both (B, N).

    A phase by itself would be learned badly: where it is still wrong, less sound is the better guess, and with no sound
    there is nothing to learn from.
    """
    level, real, imaginary, noise_level = filters.float().chunk(FILTERS, dim=-1)
    window = torch.hann_window(WINDOW, device=filters.device)
    level, noise_level = (each.clamp(max=LOUDEST).exp() for each in (level, noise_level))
    voiced = _spectra(voice, window) * torch.complex(level * real, level * imaginary)
    return _sound(voiced, window), _sound(_spectra(noise, window) * noise_level, window)


def _spectra(samples: Tensor, window: Tensor) -> Tensor:
    """(B, P, BINS) of ``samples`` (B, N): the middle of each frame is that of its pitch value."""
    edge = (WINDOW - SAMPLES_PER_PITCH) // 2
    frames = F.pad(samples, (edge, edge)).unfold(-1, WINDOW, SAMPLES_PER_PITCH)
    return torch.fft.rfft(frames * window)


def _sound(spectra: Tensor, window: Tensor) -> Tensor:
    """The samples (B, N) of what `_spectra` gives."""
    frames = torch.fft.irfft(spectra, WINDOW) * (window / OVERLAP)
    hops = frames.unflatten(-1, (-1, SAMPLES_PER_PITCH))
    last = hops.shape[2] - 1
    added = sum(F.pad(hops[:, :, i], (0, 0, i, last - i)) for i in range(last + 1))
    assert isinstance(added, Tensor)
    edge = (WINDOW - SAMPLES_PER_PITCH) // 2
    return added.flatten(1)[:, edge : edge + spectra.shape[1] * SAMPLES_PER_PITCH]
