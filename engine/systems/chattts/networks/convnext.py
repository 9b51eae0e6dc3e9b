"""The ConvNeXt stack that the decoder and both halves of the audio autoencoder are made of.

docs/systems/chattts.md#shapes, after arXiv:2201.03545. Letters: B batch, C channels, F frames.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from engine.systems.chattts.config import StackConfig

DILATION = 2
# Frames to either side that a block, and the convolutions before the blocks, look at.
BLOCK_REACH = 3 * DILATION
INPUT_REACH = 2


class Block(nn.Module):
    """A depthwise convolution, then a feed-forward network over channels, scaled and added back."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.dwconv = nn.Conv1d(width, width, 7, padding=BLOCK_REACH, dilation=DILATION, groups=width)
        self.norm = nn.LayerNorm(width, eps=1e-6)
        self.pwconv1 = nn.Linear(width, 4 * width)
        self.pwconv2 = nn.Linear(4 * width, width)
        self.weight = nn.Parameter(torch.ones(width))

    def forward(self, x: Tensor) -> Tensor:
        """(B, C, F) to the same."""
        hidden = self.norm(self.dwconv(x).transpose(1, 2))
        hidden = self.pwconv2(F.gelu(self.pwconv1(hidden)))
        return x + (hidden * self.weight).transpose(1, 2)


class Stack(nn.Module):
    """Two convolutions, the blocks, and a projection: (B, n_in, F) to (B, n_out, F)."""

    def __init__(self, config: StackConfig) -> None:
        super().__init__()
        self.reach = INPUT_REACH + config.n_layers * BLOCK_REACH
        self.conv_in = nn.Sequential(
            nn.Conv1d(config.n_in, config.bottleneck, 3, padding=1),
            nn.GELU(),
            nn.Conv1d(config.bottleneck, config.hidden, 3, padding=1),
        )
        self.decoder_block = nn.ModuleList(Block(config.hidden) for _ in range(config.n_layers))
        self.conv_out = nn.Conv1d(config.hidden, config.n_out, 1, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        x = self.conv_in(x)
        for block in self.decoder_block:
            x = block(x)
        return self.conv_out(x)


def double_frames(x: Tensor) -> Tensor:
    """(B, 2C, T) to (B, C, 2T): each frame becomes two, of its lower and its upper half of the channels."""
    batch, channels, frames = x.shape
    halves = x.view(batch, 2, channels // 2, frames)
    return halves.permute(0, 2, 3, 1).reshape(batch, channels // 2, 2 * frames)
