"""What compiled code needs of the processor below Python: counters that threads share, vectors, the exponential.

`compiled` makes a function machine code. Everything here may be called in one.
"""

# What numba compiles in the place of a function has the function's arguments, of which it may know the types alone.
# ruff: noqa: ARG001

import functools
import logging
import sys
from collections.abc import Callable

import numba
import numpy as np
from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

logger = logging.getLogger(__name__)

# Rows of inputs that a row of weights is multiplied with at once, if there is more than one.
ROWS_AT_ONCE = 4
# Vectors that a row's products are summed in. They are as many for one row as for several, so that a row's sums have
# the same order in any company; twice as many for one alone were no faster.
UNROLL = 2
# Sums may be reordered, products and sums fused; infinities and NaN stay what they are.
SUMS = {"reassoc", "contract", "nsz"}


def compiled(function: Callable) -> Callable:
    """Compile with a cache on disk, or without one where nothing can be written (a read-only installation)."""
    return _compiled(function, SUMS)


def compiled_in_order(function: Callable) -> Callable:
    """The same, with every sum and product in the order in which it is written."""
    return _compiled(function, SUMS - {"reassoc"})


def _compiled(function: Callable, fastmath: set[str]) -> Callable:
    options = {"nogil": True, "fastmath": fastmath, "error_model": "numpy"}
    try:
        return numba.njit(cache=True, **options)(function)
    except RuntimeError as error:
        logger.debug("%s is compiled anew in every process: %s", function.__name__, error)
        return numba.njit(**options)(function)


@intrinsic
def fetch_add(_context, array, index):
    """Add one to array[index], seen by all threads in one order; gives what was there."""

    def generate(context, builder, signature, arguments):
        pointer = _element(context, builder, signature, arguments)
        return builder.atomic_rmw("add", pointer, ir.Constant(ir.IntType(64), 1), "acq_rel")

    return types.int64(array, types.intp), generate


@intrinsic
def look(_context, array, index):
    """array[index] as other threads have left it, and with it all that they had written before."""

    def generate(context, builder, signature, arguments):
        return builder.load_atomic(_element(context, builder, signature, arguments), "acquire", 8)

    return types.int64(array, types.intp), generate


def _element(context, builder, signature, arguments):
    array_type, (array, index) = signature.args[0], arguments
    view = context.make_array(array_type)(context, builder, array)
    return cgutils.get_item_pointer(context, builder, array_type, view, [index], wraparound=False)


@intrinsic
def memory(_context, address):
    """What lies at an address (int64), for `numba.carray`."""

    def generate(_target, builder, _signature, arguments):
        return builder.inttoptr(arguments[0], ir.IntType(8).as_pointer())

    return types.voidptr(types.int64), generate


if sys.platform == "win32":

    @compiled
    def give_way() -> None:
        """Nothing: the system's own call has another name there, and spinning is right as well."""

else:
    _sched_yield = types.ExternalFunction("sched_yield", types.int32())

    @compiled
    def give_way() -> None:
        """Let another thread have the processor."""
        _sched_yield()


@intrinsic
def rounded(_context, value):
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


@compiled
def exponential(x: float) -> float:
    """e^x of a float32 to a few units in the last place; as if x were at least -87 and at most 88."""
    bounded: np.float32 = min(np.float32(88), max(np.float32(-87), np.float32(x)))
    whole = rounded(bounded * np.float32(1.44269504))
    # ln 2 in two parts, of which the first times a small whole number is exact.
    rest = bounded - whole * np.float32(0.693359375) - whole * np.float32(-2.12194440e-4)
    series = np.float32(1 / 720)
    for term in (1 / 120, 1 / 24, 1 / 6, 1 / 2, 1.0, 1.0):
        series = series * rest + np.float32(term)
    return series * _power_of_two(np.int32(whole))


def _dots_of(columns: int) -> Callable:
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
                [cgutils.alloca_once_value(builder, ir.Constant(vector, [0] * parts)) for _ in range(UNROLL)]
                for _ in range(columns)
            ]
            rests = [cgutils.alloca_once_value(builder, ir.Constant(number, 0)) for _ in range(columns)]
            width = builder.extract_value(weights.shape, 1)
            stride = ir.Constant(long, lanes * UNROLL)
            with cgutils.for_range(builder, builder.udiv(width, stride)) as loop:
                for part in range(UNROLL):
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


one_dot, four_dots = _dots_of(1), _dots_of(ROWS_AT_ONCE)
