"""Initialisers are read in every form in which ONNX writes them."""

import numpy as np
import pytest

from recipes.kokoro_weights.onnx import initialisers


def test_numbers_are_read_raw_and_typed() -> None:
    raw = _message([(1, 2), (1, 3), (2, 3), (8, b"raw"), (9, np.arange(-3, 3, dtype=np.int8).tobytes())])
    floats = _message([(1, 2), (2, 1), (4, np.array([0.5, -2], "<f4").tobytes()), (8, b"floats")])
    wholes = _message([(1, b"\x03"), (2, 7), (7, b"\x05" + _varint(-1) + b"\x80\x01"), (8, b"wholes")])
    model = _message([(1, 8), (7, _message([(5, raw), (5, floats), (1, b"node"), (5, wholes)])), (14, b"opset")])
    found = initialisers(model)
    np.testing.assert_array_equal(found["raw"], np.arange(-3, 3, dtype=np.int8).reshape(2, 3))
    np.testing.assert_array_equal(found["floats"], np.array([0.5, -2], np.float32))
    np.testing.assert_array_equal(found["wholes"], np.array([5, -1, 128]))
    assert [found[name].dtype for name in ("raw", "floats", "wholes")] == [np.int8, np.float32, np.int64]


def test_another_type_of_numbers_is_refused() -> None:
    tensor = _message([(1, 1), (2, 10), (8, b"half"), (9, b"\0\0")])
    with pytest.raises(ValueError, match="type 10"):
        initialisers(_message([(7, _message([(5, tensor)]))]))


def _varint(number: int) -> bytes:
    number &= (1 << 64) - 1
    groups = []
    while number > 0x7F:
        groups.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes([*groups, number])


def _message(fields: list[tuple[int, int | bytes]]) -> bytes:
    parts = [
        _varint(number << 3) + _varint(value)
        if isinstance(value, int)
        else _varint(number << 3 | 2) + _varint(len(value)) + value
        for number, value in fields
    ]
    return b"".join(parts)
