"""The style encoders: a recording's mel spectrogram to a style vector.

Letters: B batch, M mels, N frames of 12.5 ms, S size of a style.
"""

import itertools
import math

from torch import Tensor, nn
from torch.nn import functional as F

SLOPE = 0.2
# Four halvings and a 5×5 kernel leave nothing of less.
MIN_FRAMES = 65


class StyleEncoder(nn.Module):
    """Residual blocks that halve both axes, and the mean over what is left of time."""

    def __init__(self, dim_in: int, max_channels: int, style_dim: int, *, blocks: int = 4) -> None:
        super().__init__()
        widths = [min(dim_in << depth, max_channels) for depth in range(blocks + 1)]
        last = widths[-1]
        stack = [ResBlock(before, after) for before, after in itertools.pairwise(widths)]
        self.shared = nn.Sequential(
            nn.Conv2d(1, dim_in, 3, padding=1),
            *stack,
            nn.LeakyReLU(SLOPE),
            nn.Conv2d(last, last, 5),
            nn.AdaptiveAvgPool2d(1),
            nn.LeakyReLU(SLOPE),
        )
        self.unshared = nn.Linear(last, style_dim)

    def forward(self, mel: Tensor) -> Tensor:
        """The style (B, S) of a normalised ``mel`` (B, 1, M, N), N at least MIN_FRAMES."""
        if mel.shape[-1] < MIN_FRAMES:
            raise ValueError(f"a mel of {mel.shape[-1]} frames is too short; {MIN_FRAMES} are needed")
        return self.unshared(self.shared(mel).flatten(1))


class ResBlock(nn.Module):
    """Two convolutions with a halving of both axes between them, and the same halving on the shortcut."""

    def __init__(self, channels: int, out_channels: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(channels, channels, 3, padding=1)
        self.downsample_res = Halving(channels)
        self.conv2 = nn.Conv2d(channels, out_channels, 3, padding=1)
        self.conv1x1 = nn.Conv2d(channels, out_channels, 1, bias=False) if channels != out_channels else None

    def forward(self, x: Tensor) -> Tensor:
        shortcut = x if self.conv1x1 is None else self.conv1x1(x)
        if shortcut.shape[-1] % 2:
            shortcut = F.pad(shortcut, (0, 1, 0, 0), mode="replicate")
        residual = self.downsample_res(self.conv1(F.leaky_relu(x, SLOPE)))
        residual = self.conv2(F.leaky_relu(residual, SLOPE))
        return (F.avg_pool2d(shortcut, 2) + residual) / math.sqrt(2)


class Halving(nn.Module):
    """A learned halving of both axes, channel by channel."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.conv = nn.Conv2d(channels, channels, 3, stride=2, padding=1, groups=channels)

    def forward(self, x: Tensor) -> Tensor:
        return self.conv(x)


def mixed(sampled: Tensor, reference: Tensor, *, alpha: float, beta: float) -> Tensor:
    """A style (B, 2S) between two: of ``sampled`` the share ``alpha`` in the acoustic half, ``beta`` in the other."""
    share = sampled.new_tensor((alpha, beta)).repeat_interleave(sampled.shape[-1] // 2)
    return share * sampled + (1 - share) * reference


def carried(style: Tensor, previous: Tensor, share: float) -> Tensor:
    """A style (B, 2S) that keeps ``share`` of the sentence before it (arXiv 2306.07691, long-form generation)."""
    return share * previous + (1 - share) * style
