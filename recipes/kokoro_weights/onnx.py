"""The initialisers of an ONNX file as arrays: as much of its protocol buffers as that takes.

Wire format: https://protobuf.dev/programming-guides/encoding/; messages: onnx.proto of the ONNX project.
"""

from collections.abc import Iterator

import numpy as np

VARINT, FIXED64, BYTES, FIXED32 = 0, 1, 2, 5
# Fields: ModelProto.graph, GraphProto.initializer, and those of TensorProto.
GRAPH, INITIALIZER = 7, 5
DIMS, DATA_TYPE, NAME, RAW_DATA = 1, 2, 8, 9
DTYPES = {1: np.float32, 2: np.uint8, 3: np.int8, 6: np.int32, 7: np.int64}
# Where the numbers are when they are not raw, by type: float_data, int32_data, int64_data.
TYPED = {1: 4, 2: 5, 3: 5, 6: 5, 7: 7}

Value = int | memoryview


def initialisers(model: bytes) -> dict[str, np.ndarray]:
    """Every initialiser of a model's graph by its name. Raises ValueError for types that none of Kokoro's has."""
    found = {}
    for number, graph in _fields(memoryview(model)):
        if number == GRAPH:
            for field, tensor in _fields(graph):
                if field == INITIALIZER:
                    name, array = _tensor(tensor)
                    found[name] = array
    return found


def _tensor(message: Value) -> tuple[str, np.ndarray]:
    dims: list[int] = []
    held: dict[int, list[Value]] = {}
    for number, value in _fields(message):
        if number == DIMS:
            dims += [value] if isinstance(value, int) else _varints(value)
        else:
            held.setdefault(number, []).append(value)
    kind = held[DATA_TYPE][0]
    if kind not in DTYPES:
        raise ValueError(f"an initialiser has the ONNX type {kind}, which is not read")
    dtype = np.dtype(DTYPES[kind])
    if RAW_DATA in held:
        array = np.frombuffer(held[RAW_DATA][0], dtype.newbyteorder("<"))
    elif kind == 1:
        array = np.concatenate([np.frombuffer(part, "<f4") for part in held.get(TYPED[kind], [])] or [np.zeros(0)])
    else:
        parts = held.get(TYPED[kind], [])
        array = np.array([n for part in parts for n in ([part] if isinstance(part, int) else _varints(part))])
    return bytes(held[NAME][0]).decode(), array.astype(dtype).reshape(dims)


def _fields(message: Value) -> Iterator[tuple[int, Value]]:
    """The fields of a message in order: number, and a whole number or bytes."""
    at = 0
    while at < len(message):
        tag, at = _varint(message, at)
        number, wire = tag >> 3, tag & 7
        if wire == VARINT:
            value, at = _varint(message, at)
            yield number, value
            continue
        if wire == BYTES:
            size, at = _varint(message, at)
        elif wire in (FIXED32, FIXED64):
            size = 4 if wire == FIXED32 else 8
        else:
            raise ValueError(f"the file holds a field of the kind {wire}, which ONNX has not")
        yield number, message[at : at + size]
        at += size


def _varints(packed: memoryview) -> list[int]:
    numbers, at = [], 0
    while at < len(packed):
        number, at = _varint(packed, at)
        numbers.append(number - (1 << 64) if number >> 63 else number)
    return numbers


def _varint(message: memoryview, at: int) -> tuple[int, int]:
    """A number in groups of seven bits, the lowest first, and where it ends."""
    value = shift = 0
    while True:
        byte = message[at]
        value |= (byte & 0x7F) << shift
        at, shift = at + 1, shift + 7
        if byte < 0x80:
            return value, at
