"""Residual blocks whose norms follow the style and which bend by snakes (arXiv 2006.08195).

They are nearly all of the work of a sentence. Specification, section 5.6. The published snake is
x + sin²(alpha·x)/alpha; here the norm before it takes the factor alpha and the weights behind it the division, once at
loading, so that u + sin²(u) is left. Letters: B batch, C channels, n frames, S size of a style.
"""

import torch
from torch import Tensor, nn

from engine.systems.styletts2.adain import EPS, AdaIN

# What one piece of a convolution's input holds: it stays in the cache from the norm to the last tap.
PIECE_VALUES = 1 << 17


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
            y = conv1(bent(alpha1 * norm1(x, style)))
            x = conv2(bent(alpha2 * norm2(y, style))) + x
        return x

    def rows(self, x: Tensor, style: Tensor, out: Tensor, spare: Tensor) -> Tensor:
        """The same for one utterance on a CPU: ``x`` (n, C) to ``out`` (n, C), with the channels of a frame together.

        ``spare`` (n, C) is overwritten. ``out`` may be ``x``.
        """
        layers = zip(self.convs1, self.convs2, self.adain1, self.adain2, self.alpha1, self.alpha2, strict=True)
        for conv1, conv2, norm1, norm2, alpha1, alpha2 in layers:
            convolve(conv1, x, *_modulation(norm1, x, style, alpha1), spare)
            convolve(conv2, spare, *_modulation(norm2, spare, style, alpha2), out, residual=x)
            x = out
        return out


def bent(u: Tensor) -> Tensor:
    """u + sin²(u)."""
    return u + torch.sin(u) ** 2


def bend(u: Tensor, spare: Tensor) -> Tensor:
    """``u`` becomes u + sin²(u); ``spare`` of its shape is overwritten."""
    return u.addcmul_(torch.sin(u, out=spare), spare)


def convolve(
    layer: nn.Conv1d, x: Tensor, scale: Tensor, shift: Tensor, out: Tensor, residual: Tensor | None = None
) -> None:
    """``layer`` on the bent scale·x + shift, with ``residual`` added: from ``x`` (n, C) to ``out`` (n, C), on a CPU.

    Piece by piece, because memory is slower than arithmetic; a piece hears its neighbours through as many frames of
    theirs as the kernel reaches, and zeros beyond the ends. Each tap of the kernel is one matrix product.
    """
    taps, dilation, reach = layer.weight.permute(2, 1, 0), layer.dilation[0], layer.padding[0]
    length, channels = x.shape
    size = max(PIECE_VALUES // channels, 4 * reach)
    heard, spare = (x.new_empty(size + 2 * reach, channels) for _ in range(2))
    for start in range(0, length, size):
        end = min(start + size, length)
        first, last = max(start - reach, 0), min(end + reach, length)
        before, after = first - (start - reach), last - (start - reach)
        heard[:before].zero_()
        heard[after : end - start + 2 * reach].zero_()
        bend(torch.addcmul(shift, x[first:last], scale, out=heard[before:after]), spare[before:after])
        piece = out[start:end]
        if residual is None:
            torch.addmm(layer.bias, heard[: end - start], taps[0], out=piece)
        else:
            torch.add(residual[start:end], layer.bias, out=piece)
            piece.addmm_(heard[: end - start], taps[0])
        for number in range(1, len(taps)):
            piece.addmm_(heard[number * dilation : number * dilation + end - start], taps[number])


def _modulation(norm: AdaIN, x: Tensor, style: Tensor, alpha: Tensor) -> tuple[Tensor, Tensor]:
    """The norm of ``x`` (n, C) in one ``style`` (1, S), times alpha, as a scale and a shift, both (C,)."""
    # Of an image, because there torch reads channels that lie together fast. Its variance is the biased one.
    mean, variance = torch.batch_norm_update_stats(x.t()[None, :, None], None, None, 0.0)
    gamma, beta = norm.modulation(style)
    alpha = alpha.flatten()
    scale = alpha * (1 + gamma.squeeze(0)) * torch.rsqrt(variance + EPS)
    return scale, alpha * beta.squeeze(0) - mean * scale


def _convolution(channels: int, size: int, dilation: int) -> nn.Conv1d:
    layer = nn.Conv1d(channels, channels, size, padding=dilation * (size - 1) // 2, dilation=dilation)
    # In memory tap by tap, for `convolve`.
    layer.weight = nn.Parameter(layer.weight.detach().permute(2, 1, 0).contiguous().permute(2, 1, 0))
    return layer
