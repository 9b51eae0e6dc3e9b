"""One column through the transformer on the CPU, compiled: all layers in one call, by as many threads as take part.

- A step is a row of phases, five in each layer, and a phase is a row of shares. Whoever takes part takes the next
  share until none is left, and goes on when all that were taken are done. So nobody waits for one who has not come
  yet, or who has been held up elsewhere: any number of threads make the same step, also one.
- Weights are read once for all rows of the batch, each matrix from front to back, as memory likes it best.
- Full weights are float32. Eight-bit ones are multiplied with inputs of 16 bits in 32-bit integers, for which
  processors have an instruction; each row of a matrix has its scale, and each row of inputs.

The layers are those of `engine.nn.llama`, where they are written plainly. Letters: L layers, B rows, H hidden, I
intermediate, D width of a head, C capacity of the cache.
"""

# What numba compiles in the place of a function has the function's arguments, of which it may know the types alone.
# ruff: noqa: ARG001

import functools
import logging
import sys
from collections import namedtuple
from collections.abc import Callable

import numba
import numpy as np
from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic, overload

logger = logging.getLogger(__name__)

# Rows of a matrix in a share: enough to make taking one cheap, few enough that nobody waits long for the last.
ROWS_PER_SHARE = 32
PHASES_PER_LAYER = 5
# Counters of a phase: shares taken and shares done, each in a cache line of its own.
TAKEN, DONE, COUNTERS = 0, 8, 16
# Rows of inputs that a row of weights is multiplied with at once, if there is more than one.
ROWS_AT_ONCE = 4
# Looks at a counter before the processor is offered to others.
PATIENCE = 4000
STORE, ADD, GATE = 0, 1, 2
# Sums may be reordered, products and sums fused; infinities and NaN stay what they are.
SUMS = {"reassoc", "contract", "nsz"}

# The matrices of all layers: qkv (L, 3H, H), out (L, H, H), gate_up (L, 2I, H), down (L, H, I), float32 or int8.
Matrices = namedtuple("Matrices", ("qkv", "out", "gate_up", "down"))
# Between phases: qkv (B, 3H), attended (B, H), gated (B, I), float32. Of each participant: scores (C,), a normed row
# (H,), inputs (B', max(H, I)) in the precision that the weights are multiplied with, their factors (B',) and sums
# (2, B', rows of a share), where B' is 1 or B rounded up to what is computed at once.
Scratch = namedtuple("Scratch", ("qkv", "attended", "gated", "scores", "normed", "inputs", "factors", "sums"))


def _compile(function: Callable) -> Callable:
    """Compile with a cache on disk, or without one where nothing can be written (a read-only installation)."""
    options = {"nogil": True, "fastmath": SUMS, "error_model": "numpy"}
    try:
        return numba.njit(cache=True, **options)(function)
    except RuntimeError as error:
        logger.debug("the decoding step is compiled anew in every process: %s", error)
        return numba.njit(**options)(function)


@intrinsic
def _fetch_add(_context, array, index):
    """Add one to array[index], seen by all threads in one order; gives what was there."""

    def generate(context, builder, signature, arguments):
        pointer = _element(context, builder, signature, arguments)
        return builder.atomic_rmw("add", pointer, ir.Constant(ir.IntType(64), 1), "acq_rel")

    return types.int64(array, types.intp), generate


@intrinsic
def _look(_context, array, index):
    """array[index] as other threads have left it, and with it all that they had written before."""

    def generate(context, builder, signature, arguments):
        return builder.load_atomic(_element(context, builder, signature, arguments), "acquire", 8)

    return types.int64(array, types.intp), generate


def _element(context, builder, signature, arguments):
    array_type, (array, index) = signature.args[0], arguments
    view = context.make_array(array_type)(context, builder, array)
    return cgutils.get_item_pointer(context, builder, array_type, view, [index], wraparound=False)


if sys.platform == "win32":

    @_compile
    def _give_way() -> None:
        """Nothing: the system's own call has another name there, and spinning is right as well."""

else:
    _sched_yield = types.ExternalFunction("sched_yield", types.int32())

    @_compile
    def _give_way() -> None:
        """Let another thread have the processor."""
        _sched_yield()


@_compile
def _meet(board: np.ndarray, shares: int) -> None:
    """Wait until all ``shares`` of the phase that ``board`` (COUNTERS,) counts are done."""
    looks = 0
    while _look(board, DONE) < shares:
        looks += 1
        if looks > PATIENCE:
            _give_way()


@intrinsic
def _rounded(_context, value):
    """The whole number nearest to a float32, as such, in a form that is computed in vectors."""

    def generate(_target, builder, _signature, arguments):
        kind = arguments[0].type
        rint = cgutils.get_or_insert_function(builder.module, ir.FunctionType(kind, [kind]), "llvm.rint.f32")
        return builder.call(rint, arguments)

    return types.float32(types.float32), generate


@intrinsic
def _power_of_two(_context, exponent):
    """2 to a whole exponent in -126..127, float32: the exponent's place in the number is filled in."""

    def generate(_target, builder, _signature, arguments):
        word = ir.IntType(32)
        shifted = builder.shl(builder.add(arguments[0], ir.Constant(word, 127)), ir.Constant(word, 23))
        return builder.bitcast(shifted, ir.FloatType())

    return types.float32(types.int32), generate


@_compile
def _exp(x: float) -> float:
    """e^x of a float32 to a few units in the last place; as if x were at least -87 and at most 88."""
    bounded: np.float32 = min(np.float32(88), max(np.float32(-87), np.float32(x)))
    whole = _rounded(bounded * np.float32(1.44269504))
    # ln 2 in two parts, of which the first times a small whole number is exact.
    rest = bounded - whole * np.float32(0.693359375) - whole * np.float32(-2.12194440e-4)
    series = np.float32(1 / 720)
    for term in (1 / 120, 1 / 24, 1 / 6, 1 / 2, 1.0, 1.0):
        series = series * rest + np.float32(term)
    return series * _power_of_two(np.int32(whole))


def _dots_of(columns: int, unroll: int) -> Callable:
    """The kernel that reads the weights: row ``at`` of a matrix times ``columns`` rows of inputs from ``row`` on.

    Weights and inputs are both float32, or int8 and int16. What it gives are sums, float32 or int32. It is written for
    LLVM, because arrays that were cut into rows would be counted (and all threads would count at one place), and since
    the compiler does not find the instruction for pairs of integers (vpmaddwd on x86) by itself: pairs of products must
    be added before they are summed. Other processors get what they have.
    """
    word, long = ir.IntType(32), ir.IntType(64)

    @intrinsic
    def dots(_context, matrix, at, inputs, row):
        integers = isinstance(matrix.dtype, types.Integer)
        number = word if integers else ir.FloatType()

        def generate(context, builder, signature, arguments):
            def start_of(which):
                array = context.make_array(signature.args[which])(context, builder, arguments[which])
                pitch = builder.extract_value(array.strides, 0)
                base = builder.bitcast(array.data, ir.IntType(8).as_pointer())
                begin = builder.gep(base, [builder.mul(pitch, arguments[which + 1])])
                return array, pitch, begin

            def load(begin, which, offset, lanes):
                kind = context.get_data_type(signature.args[which].dtype)
                pointer = builder.gep(builder.bitcast(begin, kind.as_pointer()), [offset])
                if lanes > 1:
                    pointer = builder.bitcast(pointer, ir.VectorType(kind, lanes).as_pointer())
                value = builder.load(pointer, align=kind.width // 8 if integers else 4)
                return builder.sext(value, ir.VectorType(word, lanes) if lanes > 1 else word) if integers else value

            def add_product(total, factor, value, lanes):
                if not integers:
                    product = builder.fmul(factor, value, flags=("contract",))
                    return builder.store(builder.fadd(builder.load(total), product, flags=("contract",)), total)
                product = builder.mul(factor, value, flags=("nsw",))
                if lanes > 1:
                    half = ir.VectorType(word, lanes // 2)
                    places = (ir.Constant(half, list(range(first, lanes, 2))) for first in (0, 1))
                    product = builder.add(*(builder.shuffle_vector(product, product, place) for place in places))
                return builder.store(builder.add(builder.load(total), product), total)

            lanes, parts = (16, 8) if integers else (8, 8)
            weights, _, matrix_row = start_of(0)
            _, pitch, first = start_of(2)
            rows = [builder.gep(first, [builder.mul(pitch, ir.Constant(long, column))]) for column in range(columns)]
            vector = ir.VectorType(number, parts)
            vectors = [
                [cgutils.alloca_once_value(builder, ir.Constant(vector, [0] * parts)) for _ in range(unroll)]
                for _ in range(columns)
            ]
            rests = [cgutils.alloca_once_value(builder, ir.Constant(number, 0)) for _ in range(columns)]
            width = builder.extract_value(weights.shape, 1)
            stride = ir.Constant(long, lanes * unroll)
            with cgutils.for_range(builder, builder.udiv(width, stride)) as loop:
                for part in range(unroll):
                    offset = builder.add(builder.mul(loop.index, stride), ir.Constant(long, lanes * part))
                    factor = load(matrix_row, 0, offset, lanes)
                    for column in range(columns):
                        add_product(vectors[column][part], factor, load(rows[column], 2, offset, lanes), lanes)
            with cgutils.for_range(builder, builder.urem(width, stride)) as loop:
                offset = builder.sub(builder.sub(width, ir.Constant(long, 1)), loop.index)
                factor = load(matrix_row, 0, offset, 1)
                for column in range(columns):
                    add_product(rests[column], factor, load(rows[column], 2, offset, 1), 1)
            results = []
            for column in range(columns):
                loaded = [builder.load(part) for part in vectors[column]]
                total = functools.reduce(builder.add if integers else builder.fadd, loaded)
                if integers:
                    kind, name = ir.FunctionType(number, [vector]), f"llvm.vector.reduce.add.v{parts}i32"
                    reduce = cgutils.get_or_insert_function(builder.module, kind, name)
                    results.append(builder.add(builder.call(reduce, [total]), builder.load(rests[column])))
                else:
                    kind, name = ir.FunctionType(number, [number, vector]), f"llvm.vector.reduce.fadd.v{parts}f32"
                    reduce = cgutils.get_or_insert_function(builder.module, kind, name)
                    call = builder.call(reduce, [builder.load(rests[column]), total], fastmath=("reassoc",))
                    results.append(call)
            return context.make_tuple(builder, signature.return_type, results)

        kind = types.int32 if integers else types.float32
        return types.UniTuple(kind, columns)(matrix, types.intp, inputs, types.intp), generate

    return dots


_one_dot, _four_dots = _dots_of(1, 4), _dots_of(ROWS_AT_ONCE, 2)


@_compile
def _dots(matrix: np.ndarray, start: int, stop: int, inputs: np.ndarray, sums: np.ndarray) -> None:
    """Write to ``sums`` (B', ·) the sums of products of the rows start..stop of a matrix with ``inputs`` (B', n)."""
    for at in range(start, stop):
        place = at - start
        if len(inputs) == 1:
            sums[0, place] = _one_dot(matrix, at, inputs, 0)[0]
            continue
        for row in range(0, len(inputs), ROWS_AT_ONCE):
            a, b, c, d = _four_dots(matrix, at, inputs, row)
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
                inputs[row, at] = np.int16(_rounded(values[at] * factor))
            return peak / largest
    else:

        def fit(values, inputs, row):
            for at in range(len(values)):
                inputs[row, at] = values[at]
            return np.float32(1)

    return fit


@_compile
def _normed(x: np.ndarray, weight: np.ndarray, eps: float, result: np.ndarray) -> None:
    """x · rsqrt(mean(x²) + eps) · weight of one row (H,)."""
    total = np.float32(0)
    for at in range(len(x)):
        total += x[at] * x[at]
    scale = np.float32(1) / np.sqrt(total / np.float32(len(x)) + np.float32(eps))
    for at in range(len(x)):
        result[at] = x[at] * scale * weight[at]


@_compile
def _multiply(
    board: np.ndarray,
    kind: int,
    matrix: np.ndarray,
    scales: np.ndarray,
    source: np.ndarray,
    inputs: np.ndarray,
    factors: np.ndarray,
    sums: np.ndarray,
    result: np.ndarray,
    norm: np.ndarray,
    normed: np.ndarray,
    eps: float,
) -> None:
    """A phase: ``source`` (B, n), normed if there is a ``norm`` (n,), times ``matrix`` with its ``scales`` by row.

    What comes out is stored in ``result`` (B, m), added to it, or stored after silu(first half) · second half.
    """
    rows, size = len(source), result.shape[1]
    shares = (size + ROWS_PER_SHARE - 1) // ROWS_PER_SHARE
    share = _fetch_add(board, TAKEN)
    if share < shares:
        for row in range(rows):
            if len(norm):
                _normed(source[row], norm, eps, normed)
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
                if kind == STORE:
                    result[row, at] = value
                elif kind == ADD:
                    result[row, at] += value
                else:
                    up = sums[1, row, at - start] * (scales[size + at] * factor)
                    result[row, at] = value / (np.float32(1) + _exp(-value)) * up
        _fetch_add(board, DONE)
        share = _fetch_add(board, TAKEN)
    _meet(board, shares)


@_compile
def _attend_head(
    qkv: np.ndarray,
    cosine: np.ndarray,
    sine: np.ndarray,
    keys: np.ndarray,
    values: np.ndarray,
    first: int,
    scores: np.ndarray,
    query: np.ndarray,
    result: np.ndarray,
) -> None:
    """One head of one row: ``qkv`` (3, D) of the new column, which becomes the last of ``keys``, ``values`` (S, D).

    ``query`` (1, D) is scratch.
    """
    half, width = len(cosine), 2 * len(cosine)
    last = len(keys) - 1
    scale = np.float32(1) / np.sqrt(np.float32(width))
    for at in range(half):
        low, high = qkv[0, at], qkv[0, half + at]
        query[0, at] = (low * cosine[at] - high * sine[at]) * scale
        query[0, half + at] = (high * cosine[at] + low * sine[at]) * scale
        low, high = qkv[1, at], qkv[1, half + at]
        keys[last, at], keys[last, half + at] = low * cosine[at] - high * sine[at], high * cosine[at] + low * sine[at]
        values[last, at], values[last, half + at] = qkv[2, at], qkv[2, half + at]
    peak = np.float32(-np.inf)
    for column in range(first, last + 1):
        scores[column] = _one_dot(keys, column, query, 0)[0]
        peak = max(peak, scores[column])
    total = np.float32(0)
    for column in range(first, last + 1):
        scores[column] = _exp(scores[column] - peak)
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


@_compile
def _attend(
    board: np.ndarray,
    qkv: np.ndarray,
    cosine: np.ndarray,
    sine: np.ndarray,
    cache: np.ndarray,
    column: int,
    first: np.ndarray,
    scores: np.ndarray,
    normed: np.ndarray,
    result: np.ndarray,
) -> None:
    """A phase: each head of each row looks at its columns of ``cache`` (B, 2, heads, C, D), the new one included."""
    rows, heads, width = len(qkv), cache.shape[2], cache.shape[4]
    shares = rows * heads
    parts = qkv.reshape(rows, 3, heads, width)
    outcome = result.reshape(rows, heads, width)
    query = normed[:width].reshape(1, width)
    share = _fetch_add(board, TAKEN)
    while share < shares:
        row, head = share // heads, share % heads
        _attend_head(
            parts[row, :, head], cosine[row], sine[row],
            cache[row, 0, head, : column + 1], cache[row, 1, head, : column + 1],
            first[row], scores, query, outcome[row, head],
        )  # fmt: skip
        _fetch_add(board, DONE)
        share = _fetch_add(board, TAKEN)
    _meet(board, shares)


@_compile
def advance(
    participant: int,
    board: np.ndarray,
    x: np.ndarray,
    turns: np.ndarray,
    matrices: Matrices,
    scales: Matrices,
    norms: np.ndarray,
    eps: float,
    cache: np.ndarray,
    column: int,
    first: np.ndarray,
    scratch: Scratch,
) -> None:
    """Take part in one step of the columns ``x`` (B, H), in whose place their final-norm hidden states are left.

    ``board`` (5 L, COUNTERS) int64 is zero before anybody begins. ``turns`` (2, B, D/2) are cosines and sines of the
    positions. ``norms`` (2 L + 1, H). ``cache`` (L, rows, 2, heads, C, D) takes the new keys and values at ``column``;
    row b looks at its columns from ``first[b]`` on. The step is made when participant 0 is back.
    """
    inputs, factors, sums = scratch.inputs[participant], scratch.factors[participant], scratch.sums[participant]
    scores, normed = scratch.scores[participant], scratch.normed[participant]
    none = norms[0, :0]
    phase = 0
    for layer in range(len(cache)):
        _multiply(
            board[phase], STORE, matrices.qkv[layer], scales.qkv[layer],
            x, inputs, factors, sums, scratch.qkv, norms[2 * layer], normed, eps,
        )  # fmt: skip
        _attend(
            board[phase + 1], scratch.qkv, turns[0], turns[1], cache[layer], column, first, scores, normed,
            scratch.attended,
        )  # fmt: skip
        _multiply(
            board[phase + 2], ADD, matrices.out[layer], scales.out[layer],
            scratch.attended, inputs, factors, sums, x, none, normed, eps,
        )  # fmt: skip
        _multiply(
            board[phase + 3], GATE, matrices.gate_up[layer], scales.gate_up[layer],
            x, inputs, factors, sums, scratch.gated, norms[2 * layer + 1], normed, eps,
        )  # fmt: skip
        _multiply(
            board[phase + 4], ADD, matrices.down[layer], scales.down[layer],
            scratch.gated, inputs, factors, sums, x, none, normed, eps,
        )  # fmt: skip
        phase += PHASES_PER_LAYER
    if participant == 0:
        for row in range(len(x)):
            _normed(x[row], norms[len(norms) - 1], eps, x[row])


def is_compiled(matrices: Matrices) -> bool:
    """Whether this process has the step for matrices of this precision already."""
    kind = numba.from_dtype(matrices.qkv.dtype)
    return any(signature[4].types[0].dtype == kind for signature in getattr(advance, "signatures", ()))
