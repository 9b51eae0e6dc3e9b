"""What goes over rows in one pass: snakes, and the sums of two frames that are convolved at once (`fir.py`).

Torch's own snake takes nine times as long, most of it for sines of any size. Letters: n frames, C channels, d dilation.
All arrays are float32 and contiguous.
"""

import numpy as np

from engine.nn.decoding.intrinsics import compiled_in_order

# π in three parts, of which the first two have so few digits that their products with a whole number are exact.
_PI = tuple(map(np.float32, (3.140625, 9.67025756835937500e-4, 6.27832995820790529e-7)))
_PER_PI = np.float32(1 / np.pi)
# sin(r)/r - 1 over r², by powers of r², for r from -π/2 to π/2: its Chebyshev interpolation.
_SINE = tuple(map(np.float32, (-1.66666597e-1, 8.33307858e-3, -1.98106907e-4, 2.60831598e-6)))


@compiled_in_order
def snake(x: np.ndarray, scale: np.ndarray, shift: np.ndarray, out: np.ndarray) -> None:
    """u + sin²(u) for u = scale·x + shift: of ``x`` (n, C) into ``out`` (n, C), ``scale`` and ``shift`` (C,)."""
    for row in range(len(x)):
        _snake(x[row], scale, shift, out[row])


@compiled_in_order
def snake_apart(
    x: np.ndarray, scale: np.ndarray, shift: np.ndarray, dilation: int, begins: int, even: np.ndarray, odd: np.ndarray
) -> None:
    """The same, d frames by turns into ``even`` and into ``odd``; ``begins`` frames came before ``x``."""
    for row in range(len(x)):
        block, within = divmod(begins + row, dilation)
        out = odd if block & 1 else even
        _snake(x[row], scale, shift, out[(block >> 1) * dilation + within])


@compiled_in_order
def together(
    direct: np.ndarray, crossed: np.ndarray, summed: np.ndarray, dilation: int, bias: np.ndarray, beside: np.ndarray,
    out: np.ndarray,
) -> None:  # fmt: skip
    """Every other d frames of ``out`` (n, C) are summed - direct - crossed, the rest direct + crossed, d frames on.

    To both is added ``bias`` (C,) and, where it has frames at all, ``beside`` (n, C), which may be ``out``.
    """
    added = len(beside) > 0
    for row in range(len(out)):
        block, within = divmod(row, dilation)
        at = (block >> 1) * dilation + within
        for channel in range(out.shape[1]):
            if block & 1:
                value = direct[at, channel] + crossed[at + dilation, channel]
            else:
                value = summed[at, channel] - direct[at, channel] - crossed[at, channel]
            value += bias[channel]
            out[row, channel] = beside[row, channel] + value if added else value


@compiled_in_order
def _snake(x: np.ndarray, scale: np.ndarray, shift: np.ndarray, out: np.ndarray) -> None:
    """A frame (C,). sin² has the period π, so that no sign is lost with the turns."""
    first, second, third = _PI
    for channel in range(len(x)):
        u = x[channel] * scale[channel] + shift[channel]
        turns = np.rint(u * _PER_PI)
        r = u - turns * first
        r = r - turns * second
        r = r - turns * third
        square = r * r
        tail = _SINE[3] * square + _SINE[2]
        tail = tail * square + _SINE[1]
        tail = tail * square + _SINE[0]
        sine = r + r * square * tail
        out[channel] = u + sine * sine
