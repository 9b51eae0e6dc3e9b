"""Gated residual convolutions (the WaveNet block), which the prior flow and the posterior encoder are made of.

VITS (arXiv 2106.06103); docs/systems/vits.md#prior-flow-and-posterior-encoder. Letters: B batch,
F frames, h hidden channels, G channels of the speaker embedding. ``mask`` is (B, 1, F), ``g`` is (B, G, 1) or None.
"""

import torch
from torch import Tensor, nn

from engine.systems.vits.networks.weight_norm import normed


class WaveNet(nn.Module):
    """Gated residual convolutions of width 5; the output is the sum of the skip connections."""

    def __init__(self, channels: int, n_layers: int, gin_channels: int, weight_norm: bool) -> None:
        super().__init__()
        self.channels = channels
        self.in_layers = nn.ModuleList(
            normed(nn.Conv1d(channels, 2 * channels, 5, padding=2), weight_norm) for _ in range(n_layers)
        )
        # The last layer has no residual output.
        outputs = [2 * channels] * (n_layers - 1) + [channels]
        self.res_skip_layers = nn.ModuleList(normed(nn.Conv1d(channels, n, 1), weight_norm) for n in outputs)
        if gin_channels:
            self.cond_layer = normed(nn.Conv1d(gin_channels, 2 * channels * n_layers, 1), weight_norm)

    def forward(self, x: Tensor, mask: Tensor, g: Tensor | None) -> Tensor:
        """(B, h, F) to (B, h, F)."""
        layers = list(zip(self.in_layers, self.res_skip_layers, strict=True))
        conditions = [None] * len(layers) if g is None else self.cond_layer(g).chunk(len(layers), dim=1)
        skips = 0
        for (in_layer, res_skip_layer), condition in zip(layers[:-1], conditions[:-1], strict=True):
            residual, skip = res_skip_layer(_gate(in_layer(x), condition)).split(self.channels, dim=1)
            x = (x + residual) * mask
            skips = skips + skip
        in_layer, res_skip_layer = layers[-1]
        return (skips + res_skip_layer(_gate(in_layer(x), conditions[-1]))) * mask


def _gate(x: Tensor, condition: Tensor | None) -> Tensor:
    if condition is not None:
        x = x + condition
    content, gate = x.chunk(2, dim=1)
    return torch.tanh(content) * torch.sigmoid(gate)
