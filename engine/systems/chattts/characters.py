"""Which characters the model can read, and scanning text character by character, compiled.

A text is an array (n,) of code points, uint32.
"""

import logging
import re
from collections.abc import Callable

import numba
import numpy as np

logger = logging.getLogger(__name__)

CJK = (0x4E00, 0x9FFF)
BMP = 0x10000
HAN = re.compile(f"[{chr(CJK[0])}-{chr(CJK[1])}]")
WORD = re.compile("[A-Za-z]+")
_WHOLE_WORD = re.compile(r"\b[A-Za-z]+\b")
_OPEN, _CLOSE = np.uint32(ord("[")), np.uint32(ord("]"))


def _allowed(characters: str) -> np.ndarray:
    allowed = np.zeros(BMP, np.bool_)
    allowed[list(map(ord, characters))] = True
    allowed[CJK[0] : CJK[1] + 1] = True
    return allowed


# By code point, whether the model can read it.
ALLOWED = _allowed("，。、,. " + "".join(map(chr, [*range(ord("A"), ord("Z") + 1), *range(ord("a"), ord("z") + 1)])))


def language_of(text: str) -> str:
    """'zh' when there are more Chinese characters than Latin words, else 'en'.

    Letters that touch Chinese characters make no word.
    """
    codes = code_points(text)
    characters = int(((codes >= CJK[0]) & (codes <= CJK[1])).sum())
    return "zh" if characters > len(_WHOLE_WORD.findall(text)) else "en"


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
    """The stretches of text (t, 2) and the bracketed tags (g, 2), as starts and ends.

    A ``[`` ends a text, even an empty one, and begins a tag; what an earlier unfinished tag held is lost, as is a tag
    that the text's end leaves unfinished. A ``]`` without a tag stays in the text and counts as an empty tag
    (docs/systems/chattts.md#the-references-front-end).
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
