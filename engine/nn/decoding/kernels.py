"""One column through the transformer on the CPU, compiled: all layers in one call, by as many threads as take part.

- A step is a row of phases, five in each layer and one for the head, and a phase is a row of shares. Whoever takes
  part takes the next share until none is left, and goes on when all that were taken are done. So nobody waits for one
  who has not come yet, or who has been held up elsewhere: any number of threads make the same step, also one.
- Weights are read once for all rows of the batch, each matrix from front to back, as memory likes it best.
- Full weights are float32. Eight-bit ones are multiplied with inputs of 16 bits in 32-bit integers, for which
  processors have an instruction; each row of a matrix has its scale, and each row of inputs.

The layers are those of `engine.nn.llama`, or those of `engine.codec_lm.transformer` with norms before; there they are
written plainly. What one of them lacks (the shifts of its norms, its biases) is an array of no width. Letters: L
layers, B rows, H hidden, I intermediate, V scores, D width of a head, G heads of keys, R query heads in the group of
each, C capacity of the cache; the heads of queries, keys and values together are Q = (R + 2) G D wide.
"""

# What numba compiles in the place of a function has the function's arguments, of which it may know the types alone.
# ruff: noqa: ARG001

from collections import namedtuple

import numba
import numpy as np
from numba import types
from numba.extending import overload

from engine.nn.decoding.cache import Places
from engine.nn.decoding.intrinsics import (
    ROWS_AT_ONCE,
    SUMS,
    compiled,
    exponential,
    fetch_add,
    four_dots,
    give_way,
    look,
    memory,
    one_dot,
    rounded,
)

# Rows of a matrix in a share: enough to make taking one cheap, few enough that nobody waits long for the last.
ROWS_PER_SHARE = 32
PHASES_PER_LAYER = 5
# Counters of a phase: shares taken and shares done, each in a cache line of its own.
TAKEN, DONE, COUNTERS = 0, 8, 16
# Looks at a counter before the processor is offered to others.
PATIENCE = 4000
STORE, ADD, GATE, RELU = 0, 1, 2, 3

# The matrices of all layers: qkv (L, Q, H), out (L, H, H), gate_up (L, 2I, H), down (L, H, I), float32 or int8. Where
# gate_up is (L, I, H) there is no gate, and a ReLU instead. head (1, V, H) scores what comes next; (0, 0, 0) for none.
Matrices = namedtuple("Matrices", ("qkv", "out", "gate_up", "down", "head"))
# Between phases: qkv (B, Q), attended (B, H), gated (B, I), float32; in the end scored (B, V). Of each participant:
# scores (C,), a normed row (H,), inputs (B', max(H, I)) in the precision that the weights are multiplied with, their
# factors (B',) and sums (2, B', rows of a share), where B' is B, or B rounded up to what is computed at once where that
# is quicker.
Scratch = namedtuple("Scratch", ("qkv", "attended", "gated", "scored", "scores", "normed", "inputs", "factors", "sums"))


@compiled
def _meet(board: np.ndarray, shares: int) -> None:
    """Wait until all ``shares`` of the phase that ``board`` (COUNTERS,) counts are done."""
    looks = 0
    while look(board, DONE) < shares:
        looks += 1
        if looks > PATIENCE:
            give_way()


@compiled
def _dots(matrix: np.ndarray, start: int, stop: int, inputs: np.ndarray, sums: np.ndarray) -> None:
    """Write to ``sums`` (B', ·) the sums of products of the rows start..stop of a matrix with ``inputs`` (B', n)."""
    for at in range(start, stop):
        place = at - start
        together = len(inputs) - len(inputs) % ROWS_AT_ONCE
        for row in range(together, len(inputs)):
            sums[row, place] = one_dot(matrix, at, inputs, row)[0]
        for row in range(0, together, ROWS_AT_ONCE):
            a, b, c, d = four_dots(matrix, at, inputs, row)
            sums[row, place], sums[row + 1, place], sums[row + 2, place], sums[row + 3, place] = a, b, c, d


def _fit(values, inputs, row):
    """Write ``values`` (n,) float32 to inputs[row] in its precision; gives the factor that takes them back."""


@overload(_fit, jit_options={"fastmath": SUMS})
def _fit_by_type(values, inputs, row):
    if isinstance(inputs.dtype, types.Integer):

        def fit(values, inputs, row):
            peak = np.float32(1e-30)
            for at in range(len(values)):
                peak = max(peak, abs(values[at]))
            # The largest inputs of which no sum of products with -127..127 leaves 32 bits.
            largest = np.float32(min(32_767, (2**31 - 1) // (127 * len(values)) - 1))
            factor = largest / peak
            for at in range(len(values)):
                inputs[row, at] = np.int16(rounded(values[at] * factor))
            return peak / largest
    else:

        def fit(values, inputs, row):
            for at in range(len(values)):
                inputs[row, at] = values[at]
            return np.float32(1)

    return fit


@compiled
def _normed(x: np.ndarray, weight: np.ndarray, shift: np.ndarray, eps: float, result: np.ndarray) -> None:
    """x · rsqrt(mean(x²) + eps) · weight of one row (H,); with a ``shift`` (H,) of x without its mean, and shifted."""
    total = np.float32(0)
    if len(shift):
        for at in range(len(x)):
            total += x[at]
        mean = total / np.float32(len(x))
        total = np.float32(0)
        for at in range(len(x)):
            result[at] = x[at] - mean
            total += result[at] * result[at]
        scale = np.float32(1) / np.sqrt(total / np.float32(len(x)) + np.float32(eps))
        for at in range(len(x)):
            result[at] = result[at] * scale * weight[at] + shift[at]
        return
    for at in range(len(x)):
        total += x[at] * x[at]
    scale = np.float32(1) / np.sqrt(total / np.float32(len(x)) + np.float32(eps))
    for at in range(len(x)):
        result[at] = x[at] * scale * weight[at]


@compiled
def _multiply(
    board: np.ndarray,
    kind: int,
    matrix: np.ndarray,
    scales: np.ndarray,
    bias: np.ndarray,
    source: np.ndarray,
    inputs: np.ndarray,
    factors: np.ndarray,
    sums: np.ndarray,
    result: np.ndarray,
    norm: np.ndarray,
    shift: np.ndarray,
    normed: np.ndarray,
    eps: float,
) -> None:
    """A phase: ``source`` (B, n), normed if there is a ``norm`` (n,), times ``matrix`` with its ``scales`` by row.

    What comes out, with its ``bias`` if there is one, is stored in ``result`` (B, m), added to it, or stored after a
    ReLU or as silu(first half) · second half.
    """
    rows, size = len(source), result.shape[1]
    shares = (size + ROWS_PER_SHARE - 1) // ROWS_PER_SHARE
    share = fetch_add(board, TAKEN)
    if share < shares:
        for row in range(rows):
            if len(norm):
                _normed(source[row], norm, shift, eps, normed)
                factors[row] = _fit(normed, inputs, row)
            else:
                factors[row] = _fit(source[row], inputs, row)
    while share < shares:
        start, stop = share * ROWS_PER_SHARE, min(size, (share + 1) * ROWS_PER_SHARE)
        _dots(matrix, start, stop, inputs, sums[0])
        if kind == GATE:
            _dots(matrix, size + start, size + stop, inputs, sums[1])
        for row in range(rows):
            factor = factors[row]
            for at in range(start, stop):
                value = sums[0, row, at - start] * (scales[at] * factor)
                if len(bias):
                    value += bias[at]
                if kind == STORE:
                    result[row, at] = value
                elif kind == ADD:
                    result[row, at] += value
                elif kind == RELU:
                    result[row, at] = max(value, np.float32(0))
                else:
                    up = sums[1, row, at - start] * (scales[size + at] * factor)
                    if len(bias):
                        up += bias[size + at]
                    result[row, at] = value / (np.float32(1) + exponential(-value)) * up
        fetch_add(board, DONE)
        share = fetch_add(board, TAKEN)
    _meet(board, shares)


@compiled
def _remember(
    key: np.ndarray, value: np.ndarray, cosine: np.ndarray, sine: np.ndarray, keys: np.ndarray, values: np.ndarray
) -> None:
    """``key``, turned, and ``value`` (D,) of the new column become the last of ``keys`` and ``values`` (S, D)."""
    half, last = len(cosine), len(keys) - 1
    for at in range(half):
        low, high = key[at], key[half + at]
        keys[last, at], keys[last, half + at] = low * cosine[at] - high * sine[at], high * cosine[at] + low * sine[at]
        values[last, at], values[last, half + at] = value[at], value[half + at]


@compiled
def _attend_head(
    asked: np.ndarray,
    cosine: np.ndarray,
    sine: np.ndarray,
    keys: np.ndarray,
    values: np.ndarray,
    first: int,
    scores: np.ndarray,
    query: np.ndarray,
    result: np.ndarray,
) -> None:
    """One query head of one row: ``asked`` (D,), turned, looks at ``keys`` and ``values`` (S, D).

    ``query`` (1, D) is scratch.
    """
    half, width = len(cosine), 2 * len(cosine)
    last = len(keys) - 1
    scale = np.float32(1) / np.sqrt(np.float32(width))
    for at in range(half):
        low, high = asked[at], asked[half + at]
        query[0, at] = (low * cosine[at] - high * sine[at]) * scale
        query[0, half + at] = (high * cosine[at] + low * sine[at]) * scale
    peak = np.float32(-np.inf)
    for column in range(first, last + 1):
        scores[column] = one_dot(keys, column, query, 0)[0]
        peak = max(peak, scores[column])
    total = np.float32(0)
    for column in range(first, last + 1):
        scores[column] = exponential(scores[column] - peak)
        total += scores[column]
    for at in range(width):
        result[at] = 0
    # Four columns at a time, so that what has been summed is fetched and put back less often.
    column = first
    while column + 3 <= last:
        a, b, c, d = scores[column], scores[column + 1], scores[column + 2], scores[column + 3]
        for at in range(width):
            result[at] += (a * values[column, at] + b * values[column + 1, at]) + (
                c * values[column + 2, at] + d * values[column + 3, at]
            )
        column += 4
    while column <= last:
        for at in range(width):
            result[at] += scores[column] * values[column, at]
        column += 1
    for at in range(width):
        result[at] /= total


@compiled
def _attend(
    board: np.ndarray,
    qkv: np.ndarray,
    cosine: np.ndarray,
    sine: np.ndarray,
    layer: int,
    places: Places,
    first: np.ndarray,
    scores: np.ndarray,
    normed: np.ndarray,
    result: np.ndarray,
) -> None:
    """A phase: each head of each row looks at its columns at ``places``, the new one included.

    ``qkv`` (B, Q) has the first query head of every group, then the second of every, and ``result`` (B, H) the heads
    group by group. Who takes a group keeps its new key and value for all of it.
    """
    rows, width = len(qkv), 2 * cosine.shape[1]
    heads = result.shape[1] // width
    groups = (qkv.shape[1] // width - heads) // 2
    group_size = heads // groups
    shares = rows * groups
    parts = qkv.reshape(rows, group_size + 2, groups, width)
    outcome = result.reshape(rows, groups, group_size, width)
    query = normed[:width].reshape(1, width)
    share = fetch_add(board, TAKEN)
    while share < shares:
        row, group = share // groups, share % groups
        seen = (places.column[row] + 1, width)
        start = places.start[row] + layer * places.layer[row] + group * places.head[row]
        keys = numba.carray(memory(start), seen, np.float32)
        values = numba.carray(memory(start + places.values[row]), seen, np.float32)
        key, value = parts[row, group_size, group], parts[row, group_size + 1, group]
        _remember(key, value, cosine[row], sine[row], keys, values)
        for head in range(group_size):
            _attend_head(
                parts[row, head, group], cosine[row], sine[row], keys, values, first[row], scores, query,
                outcome[row, group, head],
            )  # fmt: skip
        fetch_add(board, DONE)
        share = fetch_add(board, TAKEN)
    _meet(board, shares)


@compiled
def advance(
    participant: int,
    board: np.ndarray,
    x: np.ndarray,
    turns: np.ndarray,
    matrices: Matrices,
    scales: Matrices,
    biases: Matrices,
    norms: np.ndarray,
    shifts: np.ndarray,
    eps: float,
    places: Places,
    first: np.ndarray,
    scratch: Scratch,
) -> None:
    """Take part in one step of the columns ``x`` (B, H), in whose place their final-norm hidden states are left.

    With a head their scores are left in ``scratch``. ``board`` (5 L + 1, COUNTERS) int64 is zero before anybody begins.
    ``turns`` (2, B, D/2) are cosines and sines of the positions. ``norms`` and ``shifts`` (2 L + 1, H). Row b keeps its
    new keys and values at ``places``, and looks at its columns from ``first[b]`` on. The step is made when participant
    0 is back.
    """
    inputs, factors, sums = scratch.inputs[participant], scratch.factors[participant], scratch.sums[participant]
    scores, normed = scratch.scores[participant], scratch.normed[participant]
    none = norms[0, :0]
    feed = GATE if matrices.gate_up.shape[1] > matrices.down.shape[2] else RELU
    phase = 0
    for layer in range(len(matrices.out)):
        _multiply(
            board[phase], STORE, matrices.qkv[layer], scales.qkv[layer], biases.qkv[layer],
            x, inputs, factors, sums, scratch.qkv, norms[2 * layer], shifts[2 * layer], normed, eps,
        )  # fmt: skip
        _attend(
            board[phase + 1], scratch.qkv, turns[0], turns[1], layer, places, first, scores, normed, scratch.attended,
        )  # fmt: skip
        _multiply(
            board[phase + 2], ADD, matrices.out[layer], scales.out[layer], biases.out[layer],
            scratch.attended, inputs, factors, sums, x, none, none, normed, eps,
        )  # fmt: skip
        _multiply(
            board[phase + 3], feed, matrices.gate_up[layer], scales.gate_up[layer], biases.gate_up[layer],
            x, inputs, factors, sums, scratch.gated, norms[2 * layer + 1], shifts[2 * layer + 1], normed, eps,
        )  # fmt: skip
        _multiply(
            board[phase + 4], ADD, matrices.down[layer], scales.down[layer], biases.down[layer],
            scratch.gated, inputs, factors, sums, x, none, none, normed, eps,
        )  # fmt: skip
        phase += PHASES_PER_LAYER
    norm, shift = norms[len(norms) - 1], shifts[len(norms) - 1]
    if len(matrices.head):
        _multiply(
            board[phase], STORE, matrices.head[0], scales.head[0], biases.head[0],
            x, inputs, factors, sums, scratch.scored, norm, shift, normed, eps,
        )  # fmt: skip
    if participant == 0:
        for row in range(len(x)):
            _normed(x[row], norm, shift, eps, x[row])


def is_compiled(matrices: Matrices) -> bool:
    """Whether this process has the step for matrices of this precision already."""
    kind = numba.from_dtype(matrices.qkv.dtype)
    return any(signature[4].types[0].dtype == kind for signature in getattr(advance, "signatures", ()))
