"""Convolutions over rows (n, C) of what a snake made of them, straightforward or two frames at once.

Two at once take three convolutions with half the taps over half the frames, which are three quarters of the products
(fast FIR algorithms: Mou and Duhamel, IEEE Trans. Signal Processing 39, 1991). Frames by turns are e and o, taps by
turns E and O. Where E meets e, the convolution is E·e + O·o = (E + O)·(e + o) - E·o - O·e; elsewhere it is E·o + O·e,
one frame of e further on. With dilation d, turns are of d frames.

Both kinds are filled with a piece of rows and then write its convolution. Letters: n frames, C channels, k taps.
"""

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from engine.style_tts.kernels import snake, snake_apart, together

# Of fewer taps the sums take as long as the products that they save.
LEAST_TAPS = 7


def as_image(rows: Tensor) -> Tensor:
    """``rows`` (n, C) as (1, C, 1, n), the same memory: torch has layouts for images alone."""
    return rows.t()[None, :, None]


def as_rows(image: Tensor) -> Tensor:
    """The opposite: (1, C, 1, n) as (n, C)."""
    return image[0, :, 0].t()


def build(layer: nn.Conv1d, size: int) -> "Direct | Paired":
    """What convolves pieces of up to ``size`` frames as ``layer`` does, whose taps are odd."""
    return Paired(layer, size) if layer.kernel_size[0] >= LEAST_TAPS else Direct(layer, size)


class Direct:
    """A piece with as many frames around it as the kernel reaches."""

    def __init__(self, layer: nn.Conv1d, size: int) -> None:
        self._weight, self._dilation = layer.weight.unsqueeze(2), layer.dilation[0]
        self._around = 2 * layer.padding[0]
        self._window = layer.weight.new_empty(size + self._around, layer.in_channels)

    def fill(self, x: Tensor, begins: int, count: int, scale: np.ndarray, shift: np.ndarray) -> None:
        """A piece of ``count`` frames: ``x`` (n, C) is what there is of it and its surroundings, after ``begins``."""
        self._seen = self._window[: count + self._around]
        self._seen[:begins].zero_()
        self._seen[begins + len(x) :].zero_()
        snake(x.numpy(), scale, shift, self._seen[begins : begins + len(x)].numpy())

    def write(self, out: Tensor, bias: Tensor | None, beside: Tensor | None) -> None:
        """The convolution to ``out`` (n, C), ``bias`` (C,) and the frames ``beside``, which ``out`` may be, added."""
        made = as_rows(F.conv2d(as_image(self._seen), self._weight, bias, dilation=(1, self._dilation)))
        if beside is None:
            out.copy_(made)
        else:
            torch.add(beside, made, out=out)


class Paired:
    """The same for two frames at once."""

    def __init__(self, layer: nn.Conv1d, size: int) -> None:
        self._dilation, self._taps = layer.dilation[0], layer.kernel_size[0]
        # As memory has them, `rows.frame_by_frame`: taps, then channels.
        taps = layer.weight.permute(0, 2, 1)
        even, odd = taps[:, ::2].contiguous(), taps[:, 1::2].contiguous()
        both = even.clone()
        both[:, : odd.shape[1]] += odd
        self._even, self._odd, self._both = (each.permute(0, 2, 1).unsqueeze(2) for each in (even, odd, both))
        self._nothing = layer.weight.new_zeros(layer.out_channels)
        half = self._half(size) + (self._taps // 2) * self._dilation
        self._halves = layer.weight.new_empty(2, half, layer.in_channels)
        self._sum = layer.weight.new_empty(half, layer.in_channels)

    def _half(self, count: int) -> int:
        """How many frames half of ``count`` are, in whole turns."""
        return -(-count // (2 * self._dilation)) * self._dilation

    def fill(self, x: Tensor, begins: int, count: int, scale: np.ndarray, shift: np.ndarray) -> None:
        """As `Direct.fill`."""
        self._needed = self._half(count) + (self._taps // 2) * self._dilation
        even, odd = self._halves[:, : self._needed]
        if begins or begins + len(x) < 2 * self._needed:
            self._halves.zero_()
        # Rows that are only there to make the last turn whole are left out.
        x = x[: 2 * self._needed - begins]
        snake_apart(x.numpy(), scale, shift, self._dilation, begins, even.numpy(), odd.numpy())
        torch.add(even, odd, out=self._sum[: self._needed])

    def write(self, out: Tensor, bias: Tensor | None, beside: Tensor | None) -> None:
        """As `Direct.write`."""
        even, odd = self._halves[:, : self._needed]
        products = ((odd, self._even), (even, self._odd), (self._sum[: self._needed], self._both))
        made = [as_rows(F.conv2d(as_image(x), taps, dilation=(1, self._dilation))) for x, taps in products]
        bias = self._nothing if bias is None else bias
        beside = out[:0] if beside is None else beside
        together(
            *(each.contiguous().numpy() for each in made), self._dilation, bias.numpy(), beside.numpy(), out.numpy()
        )
