"""The compiled decoding step: scratch memory, threads, and the call."""

from collections.abc import Generator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from functools import partial
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from engine.events import Progress
from engine.nn.decoding.cache import KeyValueCache, Places
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


class Columns(NamedTuple):
    """What a run wants a step of: new columns ``x`` (B, H) at ``positions`` (B,), kept at ``places`` of its ``caches``.

    They look at the columns from ``first`` (B,) on.
    """

    x: np.ndarray
    positions: np.ndarray
    first: np.ndarray
    places: Places
    caches: tuple[KeyValueCache, ...]


class CompiledStep:
    """Steps of one run of up to ``rows`` texts and ``columns`` columns, with memory that is taken once.

    Runs with the same weights that want a step at the same time make it together, since weights are what takes time to
    read: what each gets is the same as alone. As many threads take part as torch has; they belong to this object.
    """

    def __init__(self, weights: Weights, rows: int, columns: int) -> None:
        threads = torch.get_num_threads()
        self._weights, self._threads = weights, threads
        self._scratch = _scratch(weights, threads, rows, columns)
        self._board = np.empty((weights.matrices.out.shape[0] * PHASES_PER_LAYER + 1, COUNTERS), np.int64)
        self._helpers = ThreadPoolExecutor(threads - 1, "decoding") if threads > 1 else None
        self._member = weights.company.join()

    def __call__(self, x: Tensor, positions: Tensor, cache: KeyValueCache, first: Tensor) -> Stepped:
        """The hidden states of the new columns ``x`` (B, H), float32, which are overwritten, and what their head says.

        ``positions`` and ``first`` (B,) int64: row b attends to the columns of ``cache`` from ``first[b]`` on.
        """
        wish = Columns(x.numpy(), positions.numpy(), first.numpy(), cache.append(), (cache,))
        scores = self._weights.company.ask(self._member, wish, self._make)
        return Stepped(x, torch.from_numpy(scores) if len(self._weights.matrices.head) else None)

    def _make(self, runs: Sequence[Columns]) -> list[np.ndarray]:
        """A step of several runs; the scores of each (B, V), the hidden states in the place of its columns."""
        if len(runs) == 1:
            return [self._advance(runs[0])]
        x, positions, first = (np.concatenate([run[field] for run in runs]) for field in range(3))
        places = Places(*map(np.concatenate, zip(*(run.places for run in runs), strict=True)))
        scores = self._advance(
            Columns(x, positions, first, places, tuple(cache for run in runs for cache in run.caches))
        )
        made, start = [], 0
        for run in runs:
            stop = start + len(run.x)
            run.x[:] = x[start:stop]
            # This object may make another step before they are read.
            made.append(scores[start:stop].copy())
            start = stop
        return made

    def _advance(self, run: Columns) -> np.ndarray:
        rows, longest, weights = len(run.x), int(run.places.column.max()) + 1, self._weights
        if rows > len(self._scratch.qkv) or longest > self._scratch.scores.shape[1]:
            most = max(rows, len(self._scratch.qkv))
            self._scratch = _scratch(weights, self._threads, most, max(2 * longest, self._scratch.scores.shape[1]))
        scratch = self._scratch
        self._board[:] = 0
        step = (
            self._board, run.x, np.stack((weights.cosine[run.positions], weights.sine[run.positions])),
            weights.matrices, weights.scales, weights.biases, weights.norms, weights.shifts, weights.eps, run.places,
            run.first,
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
        return scratch.scored[:rows]

    def close(self) -> None:
        """Let the threads go; nobody waits for this run any more."""
        self._weights.company.leave(self._member)
        if self._helpers:
            self._helpers.shutdown()


def _scratch(weights: Weights, threads: int, rows: int, columns: int) -> Scratch:
    """Memory for steps of so many rows that see so many columns."""
    matrices = weights.matrices
    width, intermediate, longest = matrices.out.shape[1], matrices.down.shape[2], max(m.shape[2] for m in matrices)
    return Scratch(
        qkv=np.empty((rows, matrices.qkv.shape[1]), np.float32),
        attended=np.empty((rows, width), np.float32),
        gated=np.empty((rows, intermediate), np.float32),
        scored=np.empty((rows, matrices.head.shape[1]), np.float32),
        scores=np.empty((threads, columns), np.float32),
        normed=np.empty((threads, width), np.float32),
        inputs=np.zeros((threads, padded(rows), longest), np.int16 if matrices.qkv.dtype == np.int8 else np.float32),
        factors=np.empty((threads, padded(rows)), np.float32),
        sums=np.empty((threads, 2, padded(rows), ROWS_PER_SHARE), np.float32),
    )


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
