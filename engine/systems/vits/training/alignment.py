"""Monotonic alignment search: which token each frame belongs to (arXiv 2005.11129, algorithm 1).

Its ties and edges are the published ones: docs/systems/vits.md#alignment.
"""

import logging
from collections.abc import Callable

import numba
import numpy as np
import torch

from engine.errors import TextError

logger = logging.getLogger(__name__)

IMPOSSIBLE = np.float32(-1e9)


def monotonic_path(scores: torch.Tensor, frames: torch.Tensor, tokens: torch.Tensor) -> torch.Tensor:
    """The monotonic path of the greatest total score through each item of a batch.

    ``scores`` (B, F, T) is the log-likelihood of every frame under every token, ``frames`` and ``tokens`` (B,) are the
    true lengths. Returns a 0/1 tensor like ``scores``: one token per frame, every token at least once, in order.
    Raises TextError when an item has more tokens than frames: no such path exists.
    """
    frame_counts, token_counts = frames.tolist(), tokens.tolist()
    for item, (n_frames, n_tokens) in enumerate(zip(frame_counts, token_counts, strict=True)):
        if n_tokens > n_frames:
            raise TextError(
                "item {item} has {n_tokens} tokens for {n_frames} frames of sound: shorten its text",
                item=item,
                n_tokens=n_tokens,
                n_frames=n_frames,
            )
    values = scores.detach().to("cpu", torch.float32).contiguous().numpy()
    path = np.zeros(values.shape, np.int8)
    numba.set_num_threads(max(1, min(torch.get_num_threads(), numba.config.NUMBA_NUM_THREADS)))
    _search(values, np.array(frame_counts), np.array(token_counts), path)
    return torch.from_numpy(path).to(scores.device, scores.dtype)


def log_likelihoods(z_p: torch.Tensor, mean: torch.Tensor, log_deviation: torch.Tensor) -> torch.Tensor:
    """log N(z_p; mean, e^log_deviation) of every frame of ``z_p`` (B, C, F) under every token (B, C, T): (B, F, T)."""
    precision = torch.exp(-2 * log_deviation)
    constant = (-0.5 * np.log(2 * np.pi) - log_deviation - 0.5 * mean**2 * precision).sum(1, keepdim=True)  # (B, 1, T)
    squared = torch.matmul((-0.5 * z_p**2).transpose(1, 2), precision)
    crossed = torch.matmul(z_p.transpose(1, 2), mean * precision)
    return constant + squared + crossed


def _compile(function: Callable[..., None]) -> Callable[..., None]:
    """Compile with a cache on disk, or without one where nothing can be written (a read-only installation)."""
    try:
        return numba.njit(parallel=True, nogil=True, cache=True)(function)
    except RuntimeError as error:
        logger.debug("alignment is compiled anew in every process: %s", error)
        return numba.njit(parallel=True, nogil=True)(function)


@_compile
def _search(values: np.ndarray, frames: np.ndarray, tokens: np.ndarray, path: np.ndarray) -> None:
    """Fill ``path`` (B, F, T), zeros at first, from the scores ``values`` (B, F, T)."""
    for item in numba.prange(values.shape[0]):
        n_frames, n_tokens = frames[item], tokens[item]
        # best[x + 1] is the greatest total of a path that ends with token x at the frame before; best[0] is no token.
        best = np.full(n_tokens + 1, IMPOSSIBLE, np.float32)
        total = best.copy()
        advanced = np.empty((n_frames, n_tokens), np.bool_)
        best[0] = 0
        for y in range(n_frames):
            for x in range(max(0, n_tokens + y - n_frames), min(n_tokens, y + 1)):
                stay, advance = best[x + 1], best[x]
                advanced[y, x] = stay < advance  # a tie stays: the published weights were trained so
                total[x + 1] = values[item, y, x] + (advance if stay < advance else stay)
            best[0] = IMPOSSIBLE
            best, total = total, best
        x = n_tokens - 1
        for y in range(n_frames - 1, -1, -1):
            path[item, y, x] = 1
            if x != 0 and (x == y or advanced[y, x]):
                x -= 1
