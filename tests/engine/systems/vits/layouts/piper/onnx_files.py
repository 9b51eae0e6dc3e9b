"""Writing .onnx files by hand: what no exporter would write, and what a few would."""

from collections.abc import Callable, Iterable, Sequence

import numpy as np


def varint(value: int) -> bytes:
    value &= 2**64 - 1
    written = bytearray()
    while value > 0x7F:
        written.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*written, value])


def number(field: int, value: int) -> bytes:
    return varint(field << 3) + varint(value)


def part(field: int, data: bytes | str, *, claims: int | None = None) -> bytes:
    """A field of bytes, which ``claims`` another length than it has."""
    data = data.encode() if isinstance(data, str) else data
    return varint(field << 3 | 2) + varint(len(data) if claims is None else claims) + data


def tensor(name: str, values: object, *, sizes: Sequence[int] | None = None, kind: int = 1, raw: bool = True) -> bytes:
    """A TensorProto of float32 ``values``; ``raw`` in one piece, otherwise as a list of floats."""
    array = np.asarray(values, np.float32)
    dims = b"".join(number(1, size) for size in (array.shape if sizes is None else sizes))
    data = part(9, array.tobytes()) if raw else part(4, array.tobytes())
    return dims + number(2, kind) + part(8, name) + data


def node(op: str, inputs: Iterable[str], outputs: Iterable[str], name: str = "", **attributes: object) -> bytes:
    """A NodeProto; an attribute is a list of whole numbers, or a tensor as bytes."""
    held = b"".join(part(1, each) for each in inputs) + b"".join(part(2, each) for each in outputs)
    for key, value in attributes.items():
        inner = part(5, value) if isinstance(value, bytes) else b"".join(number(8, each) for each in value)
        held += part(5, part(1, key) + inner)
    return held + part(3, name) + part(4, op)


def given(name: str, sizes: Sequence[int]) -> bytes:
    """A ValueInfoProto."""
    shape = b"".join(part(1, number(1, size) if size >= 0 else part(2, "length")) for size in sizes)
    return part(1, name) + part(2, part(1, number(1, 1) + part(2, shape)))


VOICE_INPUTS = (given("input", (-1, -1)), given("input_lengths", (-1,)), given("scales", (3,)))


def model(nodes: Iterable[bytes] = (), tensors: Iterable[bytes] = (), inputs: Iterable[bytes] = VOICE_INPUTS) -> bytes:
    graph = [*(part(1, each) for each in nodes), *(part(5, each) for each in tensors)]
    return number(1, 8) + part(7, b"".join([*graph, *(part(11, each) for each in inputs)]))


def fields(data: bytes) -> Iterable[tuple[int, int, bytes]]:
    """Number, kind and content of each field of a message that is whole."""
    at = 0
    while at < len(data):
        key, at = _number(data, at)
        if key & 7 == 0:
            start = at
            _, at = _number(data, at)
            yield key >> 3, 0, data[start:at]
        elif key & 7 == 2:
            length, at = _number(data, at)
            yield key >> 3, 2, data[at : at + length]
            at += length
        else:
            size = 4 if key & 7 == 5 else 8
            yield key >> 3, key & 7, data[at : at + size]
            at += size


def edited(data: bytes, change: Callable[[int, bytes], bytes | None]) -> bytes:
    """A whole file with every part of its graph as ``change`` (of field and content) gives it; None drops one."""
    top = b""
    for field, kind, content in fields(data):
        if field == 7:
            kept = [(inner, change(inner, each)) for inner, _, each in fields(content)]
            content = b"".join(part(inner, each) for inner, each in kept if each is not None)
        top += varint(field << 3 | kind) + (varint(len(content)) + content if kind == 2 else content)
    return top


def name_of(field: int, content: bytes) -> str:
    """The name of a node (field 1), a tensor (5) or an input (11) of a graph."""
    at = {1: 3, 5: 8, 11: 1}.get(field)
    return next((bytes(each).decode() for inner, _, each in fields(content) if inner == at), "")


def _number(data: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        value |= (data[at] & 0x7F) << shift
        shift, at = shift + 7, at + 1
        if data[at - 1] < 0x80:
            return value, at
