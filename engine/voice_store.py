"""A voice as one safetensors file: its tensors, and its system, name and facts as the file's string metadata."""

import json
from pathlib import Path

import numpy as np
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save as to_bytes

from engine import atomic
from engine.errors import SaveError, VoiceError
from engine.request import Voice

ENDING = ".safetensors"
MAX_BYTES = 64 * 1024 * 1024

_KIND = "polyphone voice 1"
_MAX_NAME = 200


def save(voice: Voice, path: Path) -> None:
    """Write ``voice`` to ``path``, replacing a file of that name in one step. Raises SaveError."""
    if path.suffix != ENDING:
        raise SaveError("{path}: a voice is saved as {ending}; let the name end in it", path=path.name, ending=ENDING)
    meta = {"kind": _KIND, "system": voice.system, "name": voice.name, "meta": json.dumps(dict(voice.meta))}
    atomic.check(path)
    # safetensors writes the memory as it lies, so a transposed view must be laid out first.
    tensors = {name: np.ascontiguousarray(tensor) for name, tensor in voice.tensors.items()}
    atomic.write(path, to_bytes(tensors, metadata=meta))


def load(path: Path) -> Voice:
    """The voice that `save` wrote to ``path``. Raises VoiceError for a file that is none, too large, or not finite."""
    if not path.is_file():
        raise VoiceError("there is no voice file {path}", path=path)
    size = path.stat().st_size
    if size > MAX_BYTES:
        raise VoiceError(
            "{path} has {size:.0f} MB; a voice has at most {max_bytes} MB",
            path=path.name,
            size=size / 2**20,
            max_bytes=MAX_BYTES // 2**20,
        )
    try:
        with safe_open(path, framework="numpy") as file:
            header = file.metadata() or {}
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    # A tensor of a kind that numpy lacks is a TypeError, a header that is no text a ValueError.
    except (SafetensorError, OSError, ValueError, TypeError) as error:
        raise VoiceError("{path} is no voice file, or damaged; fetch or save it again", path=path.name) from error
    if header.get("kind") != _KIND or not header.get("system"):
        raise VoiceError(
            "{path} is a safetensors file but not a voice; save one from the voices of a system", path=path.name
        )
    for name, tensor in tensors.items():
        if np.issubdtype(tensor.dtype, np.floating) and not np.isfinite(tensor).all():
            raise VoiceError("{path} is damaged: {name} holds values that are not finite", path=path.name, name=name)
    return Voice(
        system=header["system"],
        name=header.get("name", path.stem)[:_MAX_NAME],
        tensors=tensors,
        meta=_meta(header, path),
    )


def _meta(header: dict[str, str], path: Path) -> dict[str, str]:
    try:
        meta = json.loads(header.get("meta", "{}"))
    except ValueError:
        meta = None
    if not isinstance(meta, dict) or not all(isinstance(value, str) for value in meta.values()):
        raise VoiceError("{path} is damaged: its facts are not texts", path=path.name)
    return meta
