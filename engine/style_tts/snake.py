"""Residual blocks whose norms follow the style and whose activations are snakes (arXiv 2006.08195).

They are nearly all of the work of a sentence. The published snake is x + sin²(alpha·x)/alpha; here the norm before it
takes the factor alpha and the weights behind it the division, once at loading, so that u + sin²(u) is left.

Letters: B batch, C channels, n frames, S size of a style.
"""

import torch
from torch import Tensor, nn

from engine.steps import Steps
from engine.style_tts.adain import EPS, AdaIN
from engine.style_tts.rows import Moments, Stretches, convolve, frame_by_frame

# What norms do to an utterance in one style: a scale and a shift, both (C,).
Norms = dict[AdaIN, tuple[Tensor, Tensor]]


class SnakeBlock(nn.Module):
    """Pairs of convolutions, the first of each dilated, each behind a norm that follows the style and a snake."""

    def __init__(self, channels: int, size: int, dilations: tuple[int, ...], style_dim: int) -> None:
        super().__init__()
        self.convs1 = nn.ModuleList(_convolution(channels, size, dilation) for dilation in dilations)
        self.convs2 = nn.ModuleList(_convolution(channels, size, 1) for _ in dilations)
        self.adain1, self.adain2 = (nn.ModuleList(AdaIN(style_dim, channels) for _ in dilations) for _ in range(2))
        self.alpha1, self.alpha2 = (nn.ParameterList(torch.ones(1, channels, 1) for _ in dilations) for _ in range(2))

    def forward(self, x: Tensor, style: Tensor) -> Tensor:
        """(B, C, n) with ``style`` (B, S), on any device."""
        layers = zip(self.convs1, self.convs2, self.adain1, self.adain2, self.alpha1, self.alpha2, strict=True)
        for conv1, conv2, norm1, norm2, alpha1, alpha2 in layers:
            y = conv1(snake(alpha1 * norm1(x, style)))
            x = conv2(snake(alpha2 * norm2(y, style))) + x
        return x

    @property
    def reach(self) -> int:
        """How many frames before and after a frame have a part in it, the statistics of the norms apart."""
        return sum(convolution.padding[0] for convolution in (*self.convs1, *self.convs2))

    def rows(
        self, x: Stretches, moments: Moments, style: Tensor, norms: Norms, out: Stretches, scratch: Stretches
    ) -> Steps[Moments]:
        """The same for one utterance on a CPU, ``x`` to ``out``, with the channels of a frame together.

        ``moments`` are those of ``x``; those of ``out`` are returned. A norm that is not in ``norms`` is put there,
        with the statistics of these stretches. ``scratch`` is overwritten, and ``out`` may be ``x``. A step is a
        convolution, or of a long one a part.
        """
        layers = zip(self.convs1, self.convs2, self.adain1, self.adain2, self.alpha1, self.alpha2, strict=True)
        for conv1, conv2, norm1, norm2, alpha1, alpha2 in layers:
            if norm1 not in norms:
                norms[norm1] = _modulation(norm1, moments, style, alpha1)
            moments = yield from convolve(conv1, x, *norms[norm1], scratch)
            yield
            if norm2 not in norms:
                norms[norm2] = _modulation(norm2, moments, style, alpha2)
            moments = yield from convolve(conv2, scratch, *norms[norm2], out, residual=x)
            yield
            x = out
        return moments


def snake(u: Tensor) -> Tensor:
    """u + sin²(u)."""
    sine = torch.sin(u)
    return torch.addcmul(u, sine, sine)


def _modulation(norm: AdaIN, moments: Moments, style: Tensor, alpha: Tensor) -> tuple[Tensor, Tensor]:
    """The norm for input of these ``moments`` in one ``style`` (1, S), times alpha: a scale and a shift, both (C,)."""
    mean, variance = moments.result()
    gamma, beta = norm.modulation(style)
    alpha = alpha.flatten()
    scale = alpha * (1 + gamma.squeeze(0)) * torch.rsqrt(variance + EPS)
    return scale, alpha * beta.squeeze(0) - mean * scale


def _convolution(channels: int, size: int, dilation: int) -> nn.Conv1d:
    layer = nn.Conv1d(channels, channels, size, padding=dilation * (size - 1) // 2, dilation=dilation)
    frame_by_frame(layer)
    return layer
