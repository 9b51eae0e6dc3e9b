"""The parts that both stages have: positions, prenets and norms (docs/codec-lm.md#the-networks).

They are empty until loading fills them. Letters: B rows, T columns, H width.
"""

import math

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from engine.nn.linear import Linear

NORM_EPS = 1e-5
AUDIO_BOTTLENECK, TEXT_KERNEL = 256, 5


class SinePosition(nn.Module):
    """x + alpha · PE, where PE has sines in its even places and cosines in its odd ones (arXiv:1706.03762, 3.5)."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.alpha = nn.Parameter(torch.empty(1), requires_grad=False)
        rates = torch.exp(torch.arange(0, width, 2, dtype=torch.float32) * -(math.log(10_000.0) / width))
        self.register_buffer("rates", rates, persistent=False)

    def forward(self, x: Tensor, first: int = 0) -> Tensor:
        """The columns ``x`` (B, T, H) at the positions ``first``, ``first`` + 1, …"""
        positions = torch.arange(first, first + x.shape[1], dtype=torch.float32, device=x.device)
        return torch.addcmul(x, self.alpha, self.table(positions))

    def table(self, positions: Tensor) -> Tensor:
        """PE (T, H) of ``positions`` (T,) float32."""
        angles = positions.unsqueeze(1) * self.rates
        return torch.stack((angles.sin(), angles.cos()), dim=-1).flatten(1)


class LayerNorm(nn.Module):
    """With weight and bias, in float32. A stage is taken as the adaptive one takes it, and not needed."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.empty(width), requires_grad=False)
        self.bias = nn.Parameter(torch.empty(width), requires_grad=False)

    def forward(self, x: Tensor, _stage: int = 0) -> Tensor:
        weight = self.weight
        return F.layer_norm(x, weight.shape, weight, self.bias, NORM_EPS)


class AdaptiveLayerNorm(nn.Module):
    """w · LayerNorm(x) + b, where w and b are a projection of the stage's embedding.

    As there are only a few stages, `tabulate` works their weights out once: then a norm costs what a plain one does,
    and the projections, an eighth of all parameters, are let go.
    """

    def __init__(self, width: int) -> None:
        super().__init__()
        self.norm: LayerNorm | None = LayerNorm(width)
        self.project_layer: Linear | None = Linear(width, 2 * width, bias=True)
        self.register_buffer("weights", None, persistent=False)
        self.register_buffer("biases", None, persistent=False)

    def tabulate(self, stages: Tensor) -> None:
        """Fix the norm for the embeddings ``stages`` (stages, H)."""
        if self.project_layer is None or self.norm is None:
            return
        weight, bias = self.project_layer(stages).chunk(2, dim=-1)
        self.weights = weight * self.norm.weight
        self.biases = torch.addcmul(bias, weight, self.norm.bias)
        self.norm = self.project_layer = None

    def forward(self, x: Tensor, stage: int) -> Tensor:
        """``x`` (…, H) normed for a stage, from 0."""
        weight = self.weights[stage]
        return F.layer_norm(x, weight.shape, weight, self.biases[stage], NORM_EPS)


class _Turned(nn.Module):
    """(B, T, H) to (B, H, T), and back."""

    def forward(self, x: Tensor) -> Tensor:
        return x.transpose(1, 2)


def text_prenet(width: int) -> nn.Sequential:
    """Three convolutions with batch norm over time and a matrix, (B, T, H) to itself; its places are the published."""
    layers: list[nn.Module] = [_Turned()]
    for _ in range(3):
        convolution = nn.Conv1d(width, width, TEXT_KERNEL, padding="same")
        layers += [convolution, nn.BatchNorm1d(width), nn.ReLU(), nn.Identity()]
    return nn.Sequential(*layers, _Turned(), Linear(width, width, bias=True))


def audio_prenet(width: int) -> nn.Sequential:
    """Three matrices with ReLU between them, frame by frame; its places are the published ones."""
    first, second = Linear(width, AUDIO_BOTTLENECK, bias=True), Linear(AUDIO_BOTTLENECK, AUDIO_BOTTLENECK, bias=True)
    last = Linear(AUDIO_BOTTLENECK, width, bias=True)
    return nn.Sequential(first, nn.ReLU(), nn.Identity(), second, nn.ReLU(), nn.Identity(), last)
