"""Mandarin: the strings of both releases."""

import pytest

from engine.systems.kokoro.phonemes import mandarin
from engine.systems.kokoro.phonemes.pieces import Piece, joined
from tests.engine.systems.kokoro.phonemes.vectors import vectors


def read(text: str, *, has_bopomofo: bool = False) -> str:
    pieces = mandarin.read(text, has_bopomofo=has_bopomofo, read_other=lambda words: [Piece(words, words.upper())])
    return joined(pieces)[0]


@pytest.mark.parametrize("release", ["v1_0", "v1_1_zh"])
def test_the_string_is_that_of_the_reference(release: str) -> None:
    rows = vectors("zh")[release]
    assert len(rows) == 20
    assert [read(row["text"], has_bopomofo=release == "v1_1_zh") for row in rows] == [row["phonemes"] for row in rows]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("《你好》，（你好）", "“ni↓xau↓” , (ni↓xau↓)"),
        ("你好…abc你好", "ni↓xau↓… ABC ni↓xau↓"),
        ("你好“abc”", "ni↓xau↓ “ABC”"),
        ("abc", "ABC"),
    ],
)
def test_marks_and_other_words_stand_where_they_were(text: str, said: str) -> None:
    assert read(text) == said
