"""Convolutions on a CPU over rows (n, C), with the channels of a frame together in memory.

oneDNN makes them, which compiles for the processor that it finds: on some the products of `torch.mm` are half as fast.

Piece by piece, because memory is slower than arithmetic: what a piece needs stays in the cache from the norm before a
convolution to the statistics after it. Letters: n frames, C channels.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from engine.steps import Steps
from engine.style_tts import fir
from engine.style_tts.fir import as_image, as_rows

# What a piece of a convolution's input may hold for each thread.
PIECE_VALUES = 1 << 19
# Multiplications after which work can be stopped, about 0.1 s of one core.
STEP_WORK = 4e9


class Moments:
    """Mean and biased variance of each channel, gathered from pieces (n, C), which is also more exact than at once."""

    def __init__(self) -> None:
        self._pieces: list[tuple[int, Tensor, Tensor]] = []

    def add(self, piece: Tensor) -> None:
        # As an image, because of those torch reads fast when their channels lie together.
        mean, variance = torch.batch_norm_update_stats(as_image(piece), None, None, 0.0)
        self._pieces.append((len(piece), mean, variance))

    def result(self) -> tuple[Tensor, Tensor]:
        """Mean and variance, both (C,)."""
        sizes, means, variances = zip(*self._pieces, strict=True)
        shares = torch.tensor(sizes, dtype=means[0].dtype) / sum(sizes)
        means, variances = torch.stack(means), torch.stack(variances)
        mean = shares @ means
        return mean, shares @ (variances + (means - mean).square())


@dataclass(frozen=True, slots=True)
class Stretches:
    """Rows of stretches of one utterance, (n, C) each, and which rows of each count for the statistics."""

    rows: tuple[Tensor, ...]
    cores: tuple[slice, ...]

    def like(self) -> "Stretches":
        """Others of the same sizes, not filled."""
        return Stretches(tuple(map(torch.empty_like, self.rows)), self.cores)

    def cut(self, kept: Sequence[slice], cores: tuple[slice, ...]) -> "Stretches":
        """The rows ``kept`` of each, the same memory, of which ``cores`` count."""
        return Stretches(tuple(rows[rows_kept] for rows, rows_kept in zip(self.rows, kept, strict=True)), cores)

    def moments(self) -> Moments:
        """Those of all rows that count."""
        gathered = Moments()
        for rows, core in zip(self.rows, self.cores, strict=True):
            for piece in rows[core].split(piece_length(rows.shape[1])):
                gathered.add(piece)
        return gathered


def piece_length(channels: int) -> int:
    """How many rows are one piece."""
    return max(PIECE_VALUES * torch.get_num_threads() // channels, 1)


def convolve(
    layer: nn.Conv1d, x: Stretches, scale: Tensor, shift: Tensor, out: Stretches, residual: Stretches | None = None
) -> Steps[Moments]:
    """``layer`` on u + sin²(u), u = scale·x + shift: from ``x`` to ``out``, whose moments are returned.

    With ``residual`` it is the sum of that and the convolution; without it the bias is left out, because a norm that
    takes the mean away follows. ``out`` may be ``residual``. A step is STEP_WORK, or what is left.
    """
    gathered = Moments()
    residuals: Sequence[Tensor | None] = [None] * len(x.rows) if residual is None else residual.rows
    for rows, into, beside, core in zip(x.rows, out.rows, residuals, x.cores, strict=True):
        yield from _convolve(layer, rows, scale, shift, into, beside, core, gathered)
    return gathered


def _convolve(
    layer: nn.Conv1d,
    x: Tensor,
    scale: Tensor,
    shift: Tensor,
    out: Tensor,
    residual: Tensor | None,
    core: slice,
    gathered: Moments,
) -> Steps[None]:
    """One stretch, ``x`` (n, C) to ``out`` (n, C); the moments of its ``core`` are added to ``gathered``.

    A piece sees as many of its neighbours' frames as the kernel reaches, and zeros beyond the ends. To oneDNN it is an
    image of one row whose channels lie together, which it convolves at the rate of its matrix products.
    """
    reach = layer.padding[0]
    length, channels = x.shape
    size = min(max(piece_length(channels), 4 * reach), length)
    at_once = max(int(STEP_WORK / layer.weight.numel()), 1)
    stop = at_once
    pieces = fir.build(layer, size)
    factors, terms = scale.contiguous().numpy(), shift.contiguous().numpy()
    for start in range(0, length, size):
        end = min(start + size, length)
        if start >= stop:
            yield
            stop = start + at_once
        first, last = max(start - reach, 0), min(end + reach, length)
        pieces.fill(x[first:last].contiguous(), first - (start - reach), end - start, factors, terms)
        piece = out[start:end]
        if residual is None:
            pieces.write(piece, None, None)
        else:
            pieces.write(piece, layer.bias, residual[start:end])
        counted = piece[max(core.start - start, 0) : max(core.stop - start, 0)]
        if len(counted):
            gathered.add(counted)


def upsample(layer: nn.ConvTranspose1d, x: Tensor) -> Tensor:
    """``layer``, whose kernel is twice its stride u, on ``x`` (n, C): (n·u, its channels).

    A frame reaches two windows of u rows, its own and the next: one matrix product, and two sums.
    """
    rate, padding, width = layer.stride[0], layer.padding[0], layer.out_channels
    windows = layer.weight.permute(2, 1, 0).reshape(-1, len(layer.weight), 1, 1)
    here, there = as_rows(F.conv2d(as_image(x.contiguous()), windows)).split(rate * width, dim=1)
    whole = layer.bias.repeat(len(x) + 1, rate)
    whole[:-1] += here
    whole[1:] += there
    return whole.view(-1, width)[padding : padding + len(x) * rate]


def frame_by_frame(layer: nn.Conv1d | nn.ConvTranspose1d) -> None:
    """Lays the weight of ``layer`` out in memory as `convolve` and `upsample` read it; its shape stays.

    For both the channels that are summed over lie together.
    """
    order = (0, 2, 1) if isinstance(layer, nn.Conv1d) else (2, 1, 0)
    weight = layer.weight.detach().permute(order).contiguous()
    # Both orders are their own inverses.
    layer.weight = nn.Parameter(weight.permute(order))
