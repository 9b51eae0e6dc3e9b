"""The prior flow and the posterior encoder: stacks of gated convolutions (WaveNet blocks).

VITS section 2.3 and 2.4; specification, sections 4.5 and 4.10. Letters: B batch, F frames, h hidden channels, c latent
channels, G channels of the speaker vector. Everywhere ``mask`` is (B, 1, F) and ``g`` is (B, G, 1) or None.
"""

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from engine.systems.vits.config import ModelConfig
from engine.systems.vits.networks.normed import normed


class WaveNet(nn.Module):
    """Gated residual convolutions of width 5; what every layer skips ahead is the output."""

    def __init__(self, channels: int, n_layers: int, gin_channels: int, weight_norm: bool) -> None:
        super().__init__()
        self.channels = channels
        self.in_layers = nn.ModuleList(
            normed(nn.Conv1d(channels, 2 * channels, 5, padding=2), weight_norm) for _ in range(n_layers)
        )
        # The last layer has nothing to hand on to a next one.
        outputs = [2 * channels] * (n_layers - 1) + [channels]
        self.res_skip_layers = nn.ModuleList(normed(nn.Conv1d(channels, n, 1), weight_norm) for n in outputs)
        if gin_channels:
            self.cond_layer = normed(nn.Conv1d(gin_channels, 2 * channels * n_layers, 1), weight_norm)

    def forward(self, x: Tensor, mask: Tensor, g: Tensor | None) -> Tensor:
        """(B, h, F) to (B, h, F)."""
        layers = list(zip(self.in_layers, self.res_skip_layers, strict=True))
        conditions = [None] * len(layers) if g is None else self.cond_layer(g).chunk(len(layers), dim=1)
        skipped = 0
        for (in_layer, res_skip_layer), condition in zip(layers[:-1], conditions[:-1], strict=True):
            residual, skip = res_skip_layer(_gate(in_layer(x), condition)).split(self.channels, dim=1)
            x = (x + residual) * mask
            skipped = skipped + skip
        in_layer, res_skip_layer = layers[-1]
        return (skipped + res_skip_layer(_gate(in_layer(x), conditions[-1]))) * mask


def _gate(x: Tensor, condition: Tensor | None) -> Tensor:
    if condition is not None:
        x = x + condition
    content, gate = x.chunk(2, dim=1)
    return torch.tanh(content) * torch.sigmoid(gate)


class CouplingFlow(nn.Module):
    """Invertible steps between the posterior's and the prior's latents: couplings, with the channels turned between.

    ``flows`` has the couplings at even places, as published; what stands at odd places has no weights.
    """

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        self.flows = nn.ModuleList()
        for _ in range(config.flow_count):
            self.flows.append(MeanCoupling(config))
            self.flows.append(Turn())

    def forward(self, z: Tensor, mask: Tensor, g: Tensor | None = None) -> Tensor:
        """Posterior latents (B, c, F) to prior latents."""
        for flow in self.flows:
            z = flow(z, mask, g)
        return z

    def reverse(self, z_p: Tensor, mask: Tensor, g: Tensor | None = None) -> Tensor:
        """Prior latents (B, c, F) to posterior latents."""
        for flow in reversed(self.flows):
            z_p = flow.reverse(z_p, mask, g)
        return z_p


class Turn(nn.Module):
    """Reverses the order of the channels; its own inverse."""

    def forward(self, x: Tensor, _mask: Tensor, _g: Tensor | None) -> Tensor:
        return x.flip(1)

    reverse = forward


class MeanCoupling(nn.Module):
    """Shifts the second half of the channels by what a WaveNet makes of the first half."""

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        half, channels = config.inter_channels // 2, config.flow_channels
        self.pre = nn.Conv1d(half, channels, 1)
        self.enc = WaveNet(channels, config.flow_layers, config.gin_channels, config.weight_norm)
        self.post = nn.Conv1d(channels, half, 1)
        nn.init.zeros_(self.post.weight)
        nn.init.zeros_(self.post.bias)

    def forward(self, x: Tensor, mask: Tensor, g: Tensor | None) -> Tensor:
        first, second = x.chunk(2, dim=1)
        return torch.cat((first, self._shift(first, mask, g) + second * mask), dim=1)

    def reverse(self, x: Tensor, mask: Tensor, g: Tensor | None) -> Tensor:
        first, second = x.chunk(2, dim=1)
        return torch.cat((first, (second - self._shift(first, mask, g)) * mask), dim=1)

    def _shift(self, first: Tensor, mask: Tensor, g: Tensor | None) -> Tensor:
        return self.post(self.enc(self.pre(first) * mask, mask, g)) * mask


@dataclass(frozen=True, slots=True)
class Posterior:
    """A sample ``z`` of the posterior with its ``mean`` and ``log_std``, all (B, c, F)."""

    z: Tensor
    mean: Tensor
    log_std: Tensor


class PosteriorEncoder(nn.Module):
    """A linear spectrogram to latents. For training and voice conversion; speaking does not need it."""

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        channels = config.posterior_channels
        self.pre = nn.Conv1d(config.spec_channels, channels, 1)
        self.enc = WaveNet(channels, config.posterior_layers, config.gin_channels, config.weight_norm)
        self.proj = nn.Conv1d(channels, 2 * config.inter_channels, 1)

    def forward(
        self, spectrogram: Tensor, mask: Tensor, noise: Tensor | None = None, g: Tensor | None = None
    ) -> Posterior:
        """Latents of ``spectrogram`` (B, bins, F). ``noise`` (B, c, F) is standard normal; None draws it."""
        hidden = self.enc(self.pre(spectrogram) * mask, mask, g)
        mean, log_std = (self.proj(hidden) * mask).chunk(2, dim=1)
        if noise is None:
            noise = torch.randn(mean.shape, device=mean.device, dtype=mean.dtype)
        return Posterior((mean + noise * torch.exp(log_std)) * mask, mean, log_std)
