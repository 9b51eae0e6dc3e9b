"""The compiled decoding step: scratch memory, threads, and the call."""

from collections.abc import Generator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from functools import partial
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from engine.events import Progress
from engine.nn.decoding.cache import KeyValueCache
from engine.nn.decoding.intrinsics import ROWS_AT_ONCE
from engine.nn.decoding.kernels import (
    COUNTERS,
    PHASES_PER_LAYER,
    ROWS_PER_SHARE,
    Matrices,
    Scratch,
    advance,
    is_compiled,
)
from engine.nn.decoding.weights import LazyWeights, Weights
from engine.steps import in_background, with_progress


class Stepped(NamedTuple):
    """What a step made of its columns: final-norm ``hidden`` states (B, H), and with a head their ``scores`` (B, V).

    The next step overwrites the scores.
    """

    hidden: Tensor
    scores: Tensor | None


class CompiledStep:
    """Steps of up to ``rows`` texts and ``columns`` columns, with memory that is taken once.

    As many threads take part as torch has. They belong to this object, so that requests do not wait for each other's.
    """

    def __init__(self, weights: Weights, rows: int, columns: int) -> None:
        layers, width = weights.matrices.out.shape[:2]
        intermediate, longest = weights.matrices.down.shape[2], max(m.shape[2] for m in weights.matrices)
        threads = torch.get_num_threads()
        integers = weights.matrices.qkv.dtype == np.int8
        self._weights = weights
        self._scratch = Scratch(
            qkv=np.empty((rows, weights.matrices.qkv.shape[1]), np.float32),
            attended=np.empty((rows, width), np.float32),
            gated=np.empty((rows, intermediate), np.float32),
            scored=np.empty((rows, weights.matrices.head.shape[1]), np.float32),
            scores=np.empty((threads, columns), np.float32),
            normed=np.empty((threads, width), np.float32),
            inputs=np.zeros((threads, padded(rows), longest), np.int16 if integers else np.float32),
            factors=np.empty((threads, padded(rows)), np.float32),
            sums=np.empty((threads, 2, padded(rows), ROWS_PER_SHARE), np.float32),
        )
        self._board = np.empty((layers * PHASES_PER_LAYER + 1, COUNTERS), np.int64)
        self._helpers = ThreadPoolExecutor(threads - 1, "decoding") if threads > 1 else None
        self._threads = threads

    def __call__(self, x: Tensor, positions: Tensor, cache: KeyValueCache, first: Tensor) -> Stepped:
        """The hidden states of the new columns ``x`` (B, H), float32, which are overwritten, and what their head says.

        ``positions`` and ``first`` (B,) int64: row b attends to the columns of ``cache`` from ``first[b]`` on.
        """
        rows, weights, scratch = len(x), self._weights, self._scratch
        at, store = positions.numpy(), cache.append()
        self._board[:] = 0
        step = (
            self._board, x.numpy(), np.stack((weights.cosine[at], weights.sine[at])), weights.matrices, weights.scales,
            weights.biases, weights.norms, weights.shifts, weights.eps, store, cache.length - 1, first.numpy(),
            scratch._replace(
                qkv=scratch.qkv[:rows], attended=scratch.attended[:rows], gated=scratch.gated[:rows],
                scored=scratch.scored[:rows], inputs=scratch.inputs[:, : padded(rows)],
            ),
        )  # fmt: skip
        helpers = self._helpers
        running = [helpers.submit(advance, number, *step) for number in range(1, self._threads)] if helpers else []
        advance(0, *step)
        for helper in running:
            # One that has not begun is not needed any more; the others are about to return.
            if not helper.cancel():
                helper.result()
        return Stepped(x, torch.from_numpy(scratch.scored[:rows]) if len(weights.matrices.head) else None)

    def close(self) -> None:
        """Let the threads go."""
        if self._helpers:
            self._helpers.shutdown()


def preparing(lazy: LazyWeights, which: str) -> Generator[Progress, None, None]:
    """Make the weights ``which`` that steps need, and compile the step, where there are such.

    Both serve later requests as well, so they go on when nobody waits for this one any more. Raises OptionError as
    `LazyWeights.get`.
    """
    if not lazy.has(which):
        making = Progress(done=0, total=None, label="preparing the weights")
        yield making
        yield from with_progress(in_background(partial(lazy.get, which)), making)
    weights = lazy.get(which)
    if weights and not is_compiled(weights.matrices):
        compiling = Progress(done=0, total=None, label="compiling the decoding step")
        yield compiling
        yield from with_progress(in_background(partial(warm_up, weights)), compiling)


@torch.inference_mode()
def warm_up(weights: Weights) -> None:
    """Compile the step for weights of this kind, or fetch it from the disk, with a network of two numbers."""
    sizes = Matrices(qkv=(1, 6, 2), out=(1, 2, 2), gate_up=(1, 4, 2), down=(1, 2, 2), head=(1, 2, 2))
    tiny = Weights(
        matrices=Matrices(*(np.zeros(size, stack.dtype) for size, stack in zip(sizes, weights.matrices, strict=True))),
        scales=Matrices(*(np.ones(size[:2], np.float32) for size in sizes)),
        biases=Matrices(*(np.zeros((1, 0), np.float32) for _ in sizes)),
        norms=np.ones((3, 2), np.float32),
        shifts=np.zeros((3, 0), np.float32),
        eps=weights.eps,
        cosine=np.ones((1, 1), np.float32),
        sine=np.zeros((1, 1), np.float32),
    )
    cache = KeyValueCache(1, 1, 1, 1, 2, dtype=torch.float32, device="cpu")
    zero = torch.zeros(1, dtype=torch.int64)
    with closing(CompiledStep(tiny, 1, 1)) as step:
        step(torch.zeros(1, 2), zero, cache, zero)


def padded(rows: int) -> int:
    """How many rows of inputs are computed for so many: one or two that are left over are quicker by themselves."""
    return rows if rows % ROWS_AT_ONCE <= 2 else -(-rows // ROWS_AT_ONCE) * ROWS_AT_ONCE
