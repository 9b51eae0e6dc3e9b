"""Scanning text character by character, compiled: where the control tokens are, and what the model cannot read.

A text is an array (n,) of code points, uint32.
"""

import logging
from collections.abc import Callable

import numba
import numpy as np

logger = logging.getLogger(__name__)

_OPEN, _CLOSE = np.uint32(ord("[")), np.uint32(ord("]"))


def code_points(text: str) -> np.ndarray:
    """``text`` as its code points; lone surrogates are code points like any other."""
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32)


def to_text(codes: np.ndarray) -> str:
    """The text of code points."""
    return codes.astype("<u4", copy=False).tobytes().decode("utf-32-le", "surrogatepass")


def _compile(function: Callable) -> Callable:
    """Compile with a cache on disk, or without one where nothing can be written (a read-only installation)."""
    try:
        return numba.njit(nogil=True, cache=True)(function)
    except RuntimeError as error:
        logger.debug("scanning is compiled anew in every process: %s", error)
        return numba.njit(nogil=True)(function)


@_compile
def spans(codes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The stretches of text (t, 2) and the bracketed tags (g, 2), as starts and ends; specification, section 4.3.

    A ``[`` ends a text, even an empty one, and begins a tag; what an earlier unfinished tag held is lost, as is a tag
    that the text's end leaves unfinished. A ``]`` without a tag stays in the text and counts as an empty tag.
    """
    texts, tags = np.empty((len(codes) + 1, 2), np.int64), np.empty((len(codes), 2), np.int64)
    n_texts = n_tags = start = 0
    tag = -1  # where the open tag begins
    for at in range(len(codes)):
        if codes[at] == _OPEN:
            texts[n_texts, 0], texts[n_texts, 1] = start, at if tag < 0 else start
            n_texts += 1
            tag = start = at
        if codes[at] == _CLOSE:
            tags[n_tags, 0], tags[n_tags, 1] = tag if tag >= 0 else at, at + 1 if tag >= 0 else at
            n_tags += 1
            start = at + 1 if tag >= 0 else start
            tag = -1
    if tag < 0 and start < len(codes):
        texts[n_texts, 0], texts[n_texts, 1] = start, len(codes)
        n_texts += 1
    return texts[:n_texts], tags[:n_tags]


@_compile
def outside(codes: np.ndarray, allowed: np.ndarray) -> np.ndarray:
    """For each code point (n,) whether it is outside of ``allowed``, a bool for each code point up to some limit."""
    found = np.empty(len(codes), np.bool_)
    for at in range(len(codes)):
        found[at] = codes[at] >= len(allowed) or not allowed[codes[at]]
    return found


@_compile
def replaced(codes: np.ndarray, table: np.ndarray) -> np.ndarray:
    """``codes`` (n,), each looked up in ``table``, which holds what stands for every code point up to some limit."""
    result = codes.copy()
    for at in range(len(codes)):
        if codes[at] < len(table):
            result[at] = table[codes[at]]
    return result
