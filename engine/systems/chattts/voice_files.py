"""Voices in the kinds of file that people share: torch, numpy, JSON, numbers with commas, a string in a text file.

Nothing in a file is run: torch files pass through `engine.weights`, numpy's without its pickles.
"""

import io
import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from engine.errors import VoiceError, WeightsMismatch

MAX_BYTES = 1 << 20
# No speaker of any model has fewer values.
LEAST_VALUES = 16
MAX_VALUES = 1 << 14

_NUMBER = re.compile(r"[-+]?(?:[0-9]{1,20}(?:\.[0-9]{0,20})?|\.[0-9]{1,20})(?:[eE][-+]?[0-9]{1,3})?")
_BETWEEN = re.compile(r"[\s,;|\[\](){}\"']+|tensor|array|dtype=[\w.]{1,20}|device=\S{1,20}|np\.float32|float32")
_QUOTES = "\"'`“”‘’「」『』"
_ENCODINGS = ("utf-8-sig", "utf-16")


def read(path: Path) -> np.ndarray | str:
    """What a voice file holds: a speaker's float values (H,), or a voice's string.

    A dict, a list or a JSON object may be around it if it holds just one of them. Raises VoiceError.
    """
    if not path.is_file():
        raise VoiceError("there is no voice file {path}", path=path)
    size = path.stat().st_size
    if size > MAX_BYTES:
        raise VoiceError(
            "{path} has {size:,} KiB; a voice has at most {max_bytes:,}",
            path=path.name,
            size=size >> 10,
            max_bytes=MAX_BYTES >> 10,
        )
    data = path.read_bytes()
    if data.startswith(b"\x93NUMPY"):
        return _one(_numpy(data, path.name), path.name)
    if (text := _text(data)) is not None:
        return _one(_written(text, path.name), path.name)
    from engine.weights import read_checkpoint

    try:
        held = read_checkpoint(path, max_bytes=MAX_BYTES)
    except WeightsMismatch as error:
        raise VoiceError(error.message) from None
    return _one(held, path.name)


def unquoted(text: str) -> str:
    """``text`` without white space and quotation marks around it."""
    return text.strip().strip(_QUOTES).strip()


def _text(data: bytes) -> str | None:
    """A text file's text; None for binary files, web pages and pointers, of which `engine.weights` tells."""
    if not data or data[:2] in (b"PK", b"\x80\x02") or data[:1] == b"\x80" or b"git-lfs" in data[:64]:
        return None
    for encoding in _ENCODINGS if data[:2] in (b"\xff\xfe", b"\xfe\xff") else _ENCODINGS[:1]:
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        # A safetensors file begins with the length of its header.
        if "\0" not in text and text.strip() and not text.lstrip().startswith("<"):
            return text
    return None


def _numpy(data: bytes, name: str) -> np.ndarray:
    try:
        return np.load(io.BytesIO(data), allow_pickle=False)
    except (ValueError, EOFError, OSError, SyntaxError, MemoryError, OverflowError, TypeError) as error:
        reason = next(iter(str(error).splitlines()), "")
        raise VoiceError(
            "{name} cannot be read as an array of numbers: {reason}", name=name, reason=reason[:120]
        ) from None


def _written(text: str, name: str) -> object:
    """Numbers, JSON, or a string."""
    if text.lstrip()[:1] in "[{":
        try:
            return json.loads(text)
        except (ValueError, RecursionError):
            pass
    rows = [row for row in text.splitlines() if row.strip()]
    for rest in (text, "\n".join(rows[1:])):
        # A table may have names of columns above its numbers.
        if (numbers := _numbers(rest)) is not None:
            return numbers
    string = unquoted(text)
    if len(rows) == 1 or all(ord(character) >= 0x3D00 for character in "".join(string.split())):
        return string
    raise VoiceError("{name} holds neither the values of a speaker nor a voice's string", name=name)


def _numbers(text: str) -> np.ndarray | None:
    words = _BETWEEN.sub(" ", text).split()
    if not words or not all(_NUMBER.fullmatch(word) for word in words):
        return None
    return np.array(words[:MAX_VALUES], np.float64)


def _one(held: object, name: str) -> np.ndarray | str:
    """The only speaker or string in ``held``."""
    if isinstance(held, str) and unquoted(held):
        return unquoted(held)
    found = list(_voices(held))
    if not found:
        raise VoiceError(
            "{name} holds no speaker; it must be one tensor of numbers, or a voice's string, and holds {held}",
            name=name,
            held=_kind(held),
        )
    if len(found) > 1:
        raise VoiceError("{name} holds {count} voices; put each into a file of its own", name=name, count=len(found))
    return found[0]


def _voices(held: object, depth: int = 0) -> list[np.ndarray | str]:
    if isinstance(held, str):
        return [unquoted(held)] if len(unquoted(held)) > LEAST_VALUES else []
    values = _vector(held)
    if values is not None:
        return [values]
    if depth > 1:
        return []
    parts = held.values() if isinstance(held, Mapping) else held if isinstance(held, list | tuple) else ()
    return [voice for part in list(parts)[:MAX_VALUES] for voice in _voices(part, depth + 1)]


def _vector(held: Any) -> np.ndarray | None:
    """Real numbers in one row: a tensor, an array, or a list."""
    if isinstance(held, list | tuple):
        if not LEAST_VALUES <= len(held) <= MAX_VALUES or not all(type(value) in (int, float) for value in held):
            return None
        try:
            held = np.array(held, np.float64)
        except OverflowError:
            return None
    if hasattr(held, "is_floating_point"):
        import torch

        dense = held.layout == torch.strided and held.device.type == "cpu" and not held.is_quantized
        if not dense or not held.is_floating_point() or not LEAST_VALUES <= held.numel() <= MAX_VALUES:
            return None
        held = held.detach().to(torch.float64).numpy()
    if not isinstance(held, np.ndarray) or not np.issubdtype(held.dtype, np.floating):
        return None
    is_row = held.size == max(held.shape, default=0) and LEAST_VALUES <= held.size <= MAX_VALUES
    return held.reshape(-1).astype(np.float64) if is_row else None


def _kind(held: object) -> str:
    shape = getattr(held, "shape", None)
    return f"{type(held).__name__}{f' of shape {list(shape)}' if shape is not None else ''}"
