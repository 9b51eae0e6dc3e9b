"""Names and shapes of a checkpoint's tensors from the head of its file: no tensor is read, and no torch is imported.

Nothing in a file is ever run: of a pickle only the structure is followed, and all that it names is inert.
"""

import io
import json
import pickle
import struct
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, BinaryIO

from engine.errors import WeightsMismatch, WeightsMissing

Shape = tuple[int, ...]

# The structure of a checkpoint takes some hundred bytes for each tensor.
MAX_BYTES = 32 << 20
# Before the structure, torch's older format has a magic number, a version and what the machine was.
_LEGACY_PREFACE = 3
_DAMAGE = (
    pickle.UnpicklingError, EOFError, ValueError, LookupError, TypeError, AttributeError, ArithmeticError, MemoryError,
    AssertionError, ImportError, OSError, RecursionError, zipfile.BadZipFile, struct.error, NotImplementedError,
)  # fmt: skip


def shapes(path: Path) -> dict[str, Shape]:
    """The shape of every tensor in a torch file (zip or legacy) or a safetensors file, by its keys joined with dots.

    Raises WeightsMissing when there is no file, and WeightsMismatch for one whose head cannot be read.
    """
    if not path.is_file():
        raise WeightsMissing("there is no file {path}", path=path)
    try:
        with path.open("rb") as file:
            return dict(_tensors(_structure(path, file)))
    except _DAMAGE as error:
        reason = " ".join(str(error).split()) or type(error).__name__
        raise WeightsMismatch(
            "{path} cannot be read as a checkpoint: {reason}", path=path.name, reason=reason[:200]
        ) from None


class _Shape(tuple):
    """The shape of a tensor, as no other tuple of a file is taken for one."""

    __slots__ = ()


class _Inert:
    """Stands in for whatever a file names: takes any arguments, state and items, keeps none, does nothing."""

    def __new__(cls, *_args: object, **_named: object) -> "_Inert":
        return super().__new__(cls)

    def __init__(self, *_args: object, **_named: object) -> None:
        pass

    def __call__(self, *_args: object, **_named: object) -> "_Inert":
        return self

    def __setstate__(self, state: object) -> None:
        pass

    def __setitem__(self, key: object, value: object) -> None:
        pass

    def append(self, item: object) -> None:
        """Take an item of what was a list."""

    def extend(self, items: object) -> None:
        """Take items of what was a list."""


class _Dict(dict):
    """An ordered or default dict; what it was made of, and its attributes, do not count."""

    def __init__(self, *_args: object) -> None:
        super().__init__()

    def __setstate__(self, state: object) -> None:
        pass


def _rebuilt(_storage: object, _offset: object, size: Any, *_rest: object) -> _Shape:
    return _Shape(int(length) for length in size)


def _parameter(held: object, *_rest: object) -> object:
    return held


_KNOWN: dict[tuple[str, str], Any] = {
    ("torch._utils", "_rebuild_tensor"): _rebuilt,
    ("torch._utils", "_rebuild_tensor_v2"): _rebuilt,
    ("torch._utils", "_rebuild_parameter"): _parameter,
    ("torch._utils", "_rebuild_parameter_with_state"): _parameter,
    ("collections", "OrderedDict"): _Dict,
    ("collections", "defaultdict"): _Dict,
}


# In Python, because the one in C takes whatever memory a file asks for.
class _Unpickler(pickle._Unpickler):
    """Follows the structure of a torch file."""

    dispatch = {  # noqa: RUF012 - as the class above has it
        opcode: load for opcode, load in pickle._Unpickler.dispatch.items() if opcode != pickle.BYTEARRAY8[0]
    }

    def find_class(self, module: str, name: str) -> Any:
        """What stands in for a global."""
        return _KNOWN.get((module, name), _Inert)

    def persistent_load(self, pid: object) -> None:
        """Nothing: the storage of a tensor is not wanted."""


class _Head(io.RawIOBase):
    """The first MAX_BYTES of a file, and then its end."""

    def __init__(self, file: BinaryIO) -> None:
        self._file, self._room = file, MAX_BYTES

    def readable(self) -> bool:
        """It is."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Fill a buffer as far as there is anything."""
        data = self._file.read(min(len(buffer), self._room))
        self._room -= len(data)
        buffer[: len(data)] = data
        return len(data)


def _structure(path: Path, file: BinaryIO) -> object:
    head = file.read(16)
    file.seek(0)
    if head.startswith(b"PK"):
        return _in_zip(path)
    if head[8:9] == b"{":
        return _in_safetensors(file)
    if not head.startswith(b"\x80"):
        raise ValueError("it is neither a torch file nor a safetensors file")
    stream = io.BufferedReader(_Head(file))
    for _ in range(_LEGACY_PREFACE):
        _Unpickler(stream).load()
    return _Unpickler(stream, encoding="utf-8").load()


def _in_zip(path: Path) -> object:
    with zipfile.ZipFile(path) as archive:
        member = next((each for each in archive.infolist() if each.filename.split("/")[1:] == ["data.pkl"]), None)
        if member is None:
            raise ValueError("it is a zip archive, but not one of torch")
        if member.compress_type != zipfile.ZIP_STORED or member.file_size > MAX_BYTES:
            raise ValueError("its structure is compressed or too large, which that of no torch file is")
        return _Unpickler(io.BytesIO(archive.read(member)), encoding="utf-8").load()


def _in_safetensors(file: BinaryIO) -> object:
    (length,) = struct.unpack("<Q", file.read(8))
    if length > MAX_BYTES:
        raise ValueError("its head is too large")
    held = json.loads(file.read(length))
    return {key: _Shape(int(size) for size in entry["shape"]) for key, entry in held.items() if key != "__metadata__"}


def _tensors(held: object) -> Iterator[tuple[str, Shape]]:
    """Every tensor within dicts, by the path of its keys."""
    todo: list[tuple[str, object]] = [("", held)]
    seen: set[int] = set()
    while todo:
        name, value = todo.pop()
        if isinstance(value, _Shape):
            yield name, tuple(value)
        elif isinstance(value, Mapping) and id(value) not in seen:
            seen.add(id(value))
            todo += [(f"{name}.{key!s:.200}" if name else f"{key!s:.200}", each) for key, each in value.items()]
