"""The wire format of protocol buffers, as far as .onnx files use it: a message as its fields, nothing copied.

The format is documented at protobuf.dev (Encoding). Messages of messages are followed by the callers, level by level,
so that nothing in a file decides how deep; a Budget bounds how many fields are looked at in all.
"""

from collections.abc import Iterator
from typing import NamedTuple

from engine.message import Message

VARINT, FIXED64, BYTES, FIXED32 = 0, 1, 2, 5
_FIXED = {FIXED64: 8, FIXED32: 4}
_LONGEST_VARINT = 10


class Damaged(Exception):
    """The bytes are no message; ``message`` says why."""

    def __init__(self, message: Message) -> None:
        self.message = message
        super().__init__(message)


def cut_off() -> Damaged:
    """What is said of nearly everything that can be wrong."""
    return Damaged(Message("it is cut off or damaged; fetch it again"))


class Field(NamedTuple):
    """One field of a message: its number, how it is written, and its value, a number or its bytes."""

    number: int
    kind: int
    value: int
    data: memoryview


class Budget:
    """How many fields may yet be looked at."""

    def __init__(self, most: int) -> None:
        self._left = most

    def spend(self) -> None:
        """Take one. Raises Damaged when there is none left."""
        self._left -= 1
        if self._left < 0:
            raise Damaged(Message("it has far more parts than any voice"))


def fields(message: memoryview, budget: Budget) -> Iterator[Field]:
    """The fields of a message in their order. Raises Damaged."""
    at, end = 0, len(message)
    nothing = message[:0]
    while at < end:
        budget.spend()
        key, at = _varint(message, at)
        number, kind = key >> 3, key & 7
        if kind == VARINT:
            value, at = _varint(message, at)
            yield Field(number, kind, value, nothing)
            continue
        if kind == BYTES:
            length, at = _varint(message, at)
        elif kind in _FIXED:
            length = _FIXED[kind]
        else:
            raise cut_off()
        if length > end - at:
            raise cut_off()
        yield Field(number, kind, 0, message[at : at + length])
        at += length


def whole_numbers(field: Field, budget: Budget) -> Iterator[int]:
    """The signed numbers in a repeated field, which stand alone or packed. Raises Damaged."""
    if field.kind == VARINT:
        yield _signed(field.value)
        return
    if field.kind != BYTES:
        raise cut_off()
    at = 0
    while at < len(field.data):
        budget.spend()
        value, at = _varint(field.data, at)
        yield _signed(value)


def _varint(data: memoryview, at: int) -> tuple[int, int]:
    """The number that begins at ``at``, and where the next thing does."""
    value = 0
    for index, byte in enumerate(data[at : at + _LONGEST_VARINT]):
        value |= (byte & 0x7F) << 7 * index
        if byte < 0x80:
            return value & (2**64 - 1), at + index + 1
    raise cut_off()


def _signed(value: int) -> int:
    return value - 2**64 if value >= 2**63 else value
