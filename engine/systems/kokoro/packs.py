"""Voice packs as they are distributed: torch files, raw numbers, archives of numpy. docs/systems/kokoro.md#voices"""

import io
import lzma
import zipfile
import zlib
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from engine.errors import VoiceError, WeightsMismatch
from engine.request import Voice
from engine.systems.kokoro import voices
from engine.systems.kokoro.files import Place, members, zipped

# Raw numbers say nothing of their shape: they have as many rows as the published ones.
PUBLISHED_ROWS = 510
MAX_BYTES = 16 << 20
MAX_ARCHIVE_BYTES = 512 << 20

# RuntimeError: a password is needed. NotImplementedError: a compression that zipfile does not know.
_DAMAGE = (
    zipfile.BadZipFile, zlib.error, lzma.LZMAError, OSError, RuntimeError, EOFError, ValueError, KeyError, MemoryError,
)  # fmt: skip


class Packs:
    """The voices beside a checkpoint by their names, in order; each is read when it is asked for."""

    def __init__(self, places: Mapping[str, Place]) -> None:
        self._places = places

    @property
    def names(self) -> tuple[str, ...]:
        """The voices' names, the default first."""
        return tuple(self._places)

    def voice(self, name: str) -> Voice:
        """A voice by its name, or a mix of several; "" is the first. Raises VoiceError."""
        voices.check_name(name, self._places)
        parts = voices.parse(name or next(iter(self._places)))
        if len(parts) == 1:
            return self._read(parts[0].name)
        return voices.blend([(self._read(part.name), part.weight) for part in parts])

    def _read(self, name: str) -> Voice:
        voice = voices.voice_of(read(self._places[name]), name)
        voices.check(voice)
        return voice


def read_file(path: Path) -> Voice:
    """The voice in a file by itself: ``.pt``, ``.bin``, or an archive that holds just one. Raises VoiceError."""
    if not path.is_file():
        raise VoiceError("there is no voice file {path}", path=path)
    place = Place(path)
    name = path.stem
    if zipped(path):
        names = members(path)
        if len(names) != 1:
            raise VoiceError(
                "{path} holds {count} voices; put it beside the model, and name one of them",
                path=path.name,
                count=len(names),
            )
        (name,) = names
        place = Place(path, f"{name}.npy")
    voice = voices.voice_of(read(place), name[:200])
    # Its numbers are its own, whatever a model has under this name.
    meta = {key: value for key, value in voice.meta.items() if key != voices.MIX}
    voice = Voice(system=voice.system, name=voice.name, tensors=voice.tensors, meta=meta)
    voices.check(voice)
    return voice


def read(place: Place) -> np.ndarray:
    """The pack (rows, 2S) in a file, float32. Raises VoiceError for what is too large, damaged, or none."""
    path, member = place
    size = path.stat().st_size
    if size > (MAX_ARCHIVE_BYTES if member else MAX_BYTES):
        raise VoiceError("{path} has {size} MB; no voice has so many", path=path.name, size=size >> 20)
    try:
        pack = _torch(path) if path.suffix == ".pt" else _archived(path, member) if member else _raw(path)
    except (*_DAMAGE, WeightsMismatch) as error:
        raise VoiceError(
            "{path} is no voice of Kokoro, or damaged: {error}",
            path=path.name,
            error=error.message if isinstance(error, WeightsMismatch) else " ".join(str(error).split())[:200],
        ) from None
    pack = pack.reshape(len(pack), -1) if pack.ndim == 3 and pack.shape[1] == 1 else pack
    if pack.ndim != 2 or not np.issubdtype(pack.dtype, np.floating):
        raise VoiceError(
            "{path} holds {dtype} of shape {shape}, and no table of styles",
            path=path.name,
            dtype=pack.dtype,
            shape=list(pack.shape),
        )
    return np.ascontiguousarray(pack, np.float32)


def _torch(path: Path) -> np.ndarray:
    import torch

    from engine.weights import read_checkpoint

    held = read_checkpoint(path, max_bytes=MAX_BYTES)
    if not isinstance(held, torch.Tensor):
        raise ValueError("it holds more than one tensor")
    return held.float().numpy()


def _raw(path: Path) -> np.ndarray:
    numbers = np.fromfile(path, "<f4")
    return numbers.reshape(PUBLISHED_ROWS, -1)


def _archived(path: Path, member: str) -> np.ndarray:
    with zipfile.ZipFile(path) as archive, archive.open(member) as file:
        data = file.read(MAX_BYTES + 1)
    if len(data) > MAX_BYTES:
        raise ValueError("it is larger than any voice")
    return np.lib.format.read_array(io.BytesIO(data), allow_pickle=False)
