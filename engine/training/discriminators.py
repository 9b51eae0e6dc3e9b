"""Discriminators of waveforms: scale, period and banded-spectrogram networks under the published parameter names.

The scale and the period networks are those of arXiv 2010.05646 as VITS uses them (docs/systems/vits.md#discriminators);
the spectrogram network works on a complex spectrogram in frequency bands (after arXiv 2306.06546), small.
"""

import itertools
import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import nn
from torch.nn import functional as F
from torch.nn.utils.parametrizations import spectral_norm, weight_norm

from engine.errors import ConfigError

SLOPE = 0.1
# Of a spectrogram's magnitudes, where they are compressed.
FAINTEST = 1e-3
NORMS: dict[str, Callable[[nn.Module], nn.Module]] = {"weight": weight_norm, "spectral": spectral_norm}


class Discriminated(NamedTuple):
    """The output of one discriminator: ``logit`` (B, n) and all feature maps, the logit's being the last."""

    logit: torch.Tensor
    features: list[torch.Tensor]


@dataclass(frozen=True, slots=True, kw_only=True)
class DiscriminatorConfig:
    """Which discriminators there are, and how wide. The defaults are the published set of 46.7 M parameters.

    ``width`` multiplies every channel count of the scale and period networks: 0.25 gives 3 M parameters. ``scale``
    False leaves the scale network out. ``spectrogram_ffts`` adds one banded network per FFT size, which sees magnitudes
    to the power of ``spectrogram_power``: below 1 it sees quiet sounds as well.
    """

    scale: bool = True
    periods: tuple[int, ...] = (2, 3, 5, 7, 11)
    width: float = 1.0
    spectrogram_ffts: tuple[int, ...] = ()
    spectrogram_channels: int = 8
    spectrogram_power: float = 1.0
    norm: str = "weight"

    def __post_init__(self) -> None:
        if self.norm not in NORMS:
            raise ConfigError(
                "discriminator norm {norm!r} is not one of {norms}", norm=self.norm, norms=", ".join(NORMS)
            )
        if not 0 < self.width <= 4:
            raise ConfigError("discriminator width {width} is outside 0..4", width=self.width)
        if not (self.scale or self.periods or self.spectrogram_ffts):
            raise ConfigError("no discriminator is left: keep scale, a period or a spectrogram FFT size")


class Discriminators(nn.Module):
    """All of them, in the published order: scale, periods, then spectrograms."""

    def __init__(self, config: DiscriminatorConfig = DiscriminatorConfig()) -> None:
        super().__init__()
        norm = NORMS[config.norm]
        networks: list[nn.Module] = [ScaleDiscriminator(config.width, norm)] if config.scale else []
        networks += [PeriodDiscriminator(period, config.width, norm) for period in config.periods]
        networks += [
            SpectrogramDiscriminator(n_fft, config.spectrogram_channels, norm, config.spectrogram_power)
            for n_fft in config.spectrogram_ffts
        ]
        self.discriminators = nn.ModuleList(networks)

    def forward(self, samples: torch.Tensor) -> list[Discriminated]:
        """Discriminate ``samples`` (B, 1, N)."""
        return [network(samples) for network in self.discriminators]

    def compare(self, real: torch.Tensor, fake: torch.Tensor) -> tuple[list[Discriminated], list[Discriminated]]:
        """Both in one pass (one batch of twice the size): the outputs for ``real``, then for ``fake``."""
        both = self(torch.cat([real, fake]))
        return [_part(d, slice(None, len(real))) for d in both], [_part(d, slice(len(real), None)) for d in both]


class ScaleDiscriminator(nn.Module):
    """Grouped 1-d convolutions over the waveform itself."""

    def __init__(self, width: float = 1.0, norm: Callable[[nn.Module], nn.Module] = weight_norm) -> None:
        super().__init__()
        # Four input channels a group, as published (groups 1, 4, 16, 64, 256, 1), whatever the width.
        channels = [_nearest(16 * width, 4)]
        for published in (64, 256, 1024, 1024):
            channels.append(_nearest(published * width, math.lcm(4, channels[-1] // 4)))
        channels.append(_nearest(1024 * width, 4))
        layers = [nn.Conv1d(1, channels[0], 15, 1, padding=7)]
        layers += [
            nn.Conv1d(n_in, n_out, 41, 4, padding=20, groups=n_in // 4)
            for n_in, n_out in itertools.pairwise(channels[:5])
        ]
        layers.append(nn.Conv1d(channels[4], channels[5], 5, 1, padding=2))
        self.convs = nn.ModuleList(norm(layer) for layer in layers)
        self.conv_post = norm(nn.Conv1d(channels[5], 1, 3, padding=1))

    def forward(self, samples: torch.Tensor) -> Discriminated:
        """Discriminate ``samples`` (B, 1, N)."""
        return _discriminate(samples, self.convs, self.conv_post)


class PeriodDiscriminator(nn.Module):
    """2-d convolutions over the waveform folded into rows of ``period`` samples; they run down the columns only."""

    def __init__(self, period: int, width: float = 1.0, norm: Callable[[nn.Module], nn.Module] = weight_norm) -> None:
        super().__init__()
        self.period = period
        channels = (1, *(_nearest(published * width, 4) for published in (32, 128, 512, 1024, 1024)))
        self.convs = nn.ModuleList(
            norm(nn.Conv2d(n_in, n_out, (5, 1), (stride, 1), padding=(2, 0)))
            for n_in, n_out, stride in zip(channels[:-1], channels[1:], (3, 3, 3, 3, 1), strict=True)
        )
        self.conv_post = norm(nn.Conv2d(channels[-1], 1, (3, 1), padding=(1, 0)))

    def forward(self, samples: torch.Tensor) -> Discriminated:
        """Discriminate ``samples`` (B, 1, N); a tail is reflected to make N a multiple of the period."""
        batch, _, length = samples.shape
        missing = -length % self.period
        if missing:
            samples = F.pad(samples, (0, missing), "reflect")
        return _discriminate(samples.view(batch, 1, -1, self.period), self.convs, self.conv_post)


class SpectrogramDiscriminator(nn.Module):
    """2-d convolutions over a complex spectrogram, with networks of their own for five bands of frequency."""

    edges = (0.0, 0.1, 0.25, 0.5, 0.75, 1.0)

    def __init__(
        self,
        n_fft: int,
        channels: int = 8,
        norm: Callable[[nn.Module], nn.Module] = weight_norm,
        power: float = 1.0,
    ) -> None:
        super().__init__()
        self.n_fft = n_fft
        self.power = power
        bins = n_fft // 2 + 1
        self.bands = [(int(a * bins), int(b * bins)) for a, b in itertools.pairwise(self.edges)]
        # Halving the frequency axis in the first layer already makes the network cheap: that layer is the dearest.
        self.convs = nn.ModuleList(
            nn.ModuleList(
                norm(nn.Conv2d(n_in, channels, (3, 9), (1, stride), padding=(1, 4)))
                for n_in, stride in ((2, 2), (channels, 2), (channels, 2), (channels, 1))
            )
            for _ in self.bands
        )
        self.conv_post = norm(nn.Conv2d(channels, 1, (3, 3), padding=(1, 1)))
        self.register_buffer("window", torch.hann_window(n_fft), persistent=False)

    def forward(self, samples: torch.Tensor) -> Discriminated:
        """Discriminate ``samples`` (B, 1, N)."""
        spectrum = torch.stft(
            samples[:, 0].float(), self.n_fft, self.n_fft // 4, window=self.window, return_complex=True
        )
        if self.power != 1:
            spectrum = spectrum * spectrum.abs().clamp_min(FAINTEST) ** (self.power - 1)
        image = torch.view_as_real(spectrum).permute(0, 3, 2, 1)  # (B, 2, frames, bins)
        features, ends = [], []
        for (low, high), convs in zip(self.bands, self.convs, strict=True):
            x = image[..., low:high]
            for conv in convs:
                x = F.leaky_relu(conv(x), SLOPE)
                features.append(x)
            ends.append(x)
        x = self.conv_post(torch.cat(ends, dim=-1))
        return Discriminated(x.flatten(1), [*features, x])


def _discriminate(x: torch.Tensor, convs: nn.ModuleList, conv_post: nn.Module) -> Discriminated:
    features = []
    for conv in convs:
        x = F.leaky_relu(conv(x), SLOPE)
        features.append(x)
    x = conv_post(x)
    return Discriminated(x.flatten(1), [*features, x])


def _part(output: Discriminated, items: slice) -> Discriminated:
    return Discriminated(output.logit[items], [feature[items] for feature in output.features])


def _nearest(count: float, unit: int) -> int:
    """The multiple of ``unit`` nearest to ``count``, and at least one of it."""
    return unit * max(1, round(count / unit))
