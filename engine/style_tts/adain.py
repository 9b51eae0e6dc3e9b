"""Layers that a style steers: adaptive norms, and the residual block of prosody and decoder.

Letters: B batch, C channels, N frames, S size of a style.
"""

import math

import torch
from torch import Tensor, nn
from torch.nn import functional as F

SLOPE = 0.2
EPS = 1e-5
FLOAT32_FACTOR = float(torch.rsqrt(torch.tensor(2.0)))


class AdaIN(nn.Module):
    """Instance normalisation over time, then a scale and a shift that follow the style."""

    def __init__(self, style_dim: int, channels: int) -> None:
        super().__init__()
        self.fc = nn.Linear(style_dim, 2 * channels)

    def forward(self, x: Tensor, style: Tensor) -> Tensor:
        """(B, C, N) with ``style`` (B, S). The statistics are those of all N frames, so padding would change it."""
        gamma, beta = self.modulation(style)
        return (1 + gamma.unsqueeze(-1)) * F.instance_norm(x, eps=EPS) + beta.unsqueeze(-1)

    def modulation(self, style: Tensor) -> tuple[Tensor, Tensor]:
        """What is added to a scale of one, and the shift, both (B, C)."""
        return self.fc(style).chunk(2, dim=-1)


class AdaLayerNorm(nn.Module):
    """Layer normalisation over channels, then a scale and a shift that follow the style."""

    def __init__(self, style_dim: int, channels: int) -> None:
        super().__init__()
        self.fc = nn.Linear(style_dim, 2 * channels)

    def forward(self, x: Tensor, style: Tensor) -> Tensor:
        """(B, T, C) with ``style`` (B, S)."""
        gamma, beta = self.modulation(style)
        return (1 + gamma) * F.layer_norm(x, x.shape[-1:], eps=EPS) + beta

    def modulation(self, style: Tensor) -> tuple[Tensor, Tensor]:
        """What is added to a scale of one, and the shift, both (B, 1, C)."""
        return self.fc(style).unsqueeze(1).chunk(2, dim=-1)


class AdainResBlk1d(nn.Module):
    """Two convolutions with adaptive norms around a shortcut; with ``upsample``, twice as many frames."""

    def __init__(self, channels: int, out_channels: int, style_dim: int, *, upsample: bool = False) -> None:
        super().__init__()
        self.upsample = upsample
        self.float32_constants = False
        self.norm1 = AdaIN(style_dim, channels)
        self.norm2 = AdaIN(style_dim, out_channels)
        self.conv1 = nn.Conv1d(channels, out_channels, 3, padding=1)
        self.conv2 = nn.Conv1d(out_channels, out_channels, 3, padding=1)
        self.conv1x1 = nn.Conv1d(channels, out_channels, 1, bias=False) if channels != out_channels else None
        if upsample:
            self.pool = nn.ConvTranspose1d(
                channels, channels, 3, stride=2, padding=1, output_padding=1, groups=channels
            )

    def forward(self, x: Tensor, style: Tensor) -> Tensor:
        """(B, C, N) to (B, out channels, N or 2N)."""
        residual = F.leaky_relu(self.norm1(x, style), SLOPE)
        if self.upsample:
            residual = self.pool(residual)
        residual = F.leaky_relu(self.norm2(self.conv1(residual), style), SLOPE)
        shortcut = x if self.conv1x1 is None else self.conv1x1(x)
        if self.upsample:
            shortcut = shortcut.repeat_interleave(2, dim=-1)
        # Whether a division or a factor matters: docs/style-tts.md#order-of-operations
        both = self.conv2(residual) + shortcut
        return both * FLOAT32_FACTOR if self.float32_constants else both / math.sqrt(2)
