"""What the reference does, which only the option compat does."""

import pytest

from engine.errors import TextError
from engine.systems.kokoro import compat
from engine.systems.kokoro.languages import CODES
from tests.kokoro import read

VOCABULARY = read("config_v1_0")["vocab"]


@pytest.fixture
def front_end():
    return compat.FrontEnd(vocabulary=VOCABULARY, languages=CODES)


def test_english_is_cut_at_lines_alone_and_other_languages_at_latin_marks(front_end):
    assert [s.text for s in front_end.segment("One. Two.\n\nThree.", "en-us")] == ["One. Two.", "Three."]
    spanish = "Una frase de treinta letras.. " * 30
    found = front_end.segment(spanish, "es")
    assert all(len(segment.text) <= 400 for segment in found)
    assert len(found) == 3
    assert len(front_end.segment("今日は良い天気です。" * 30, "ja")) == 1


def test_what_other_languages_have_beyond_the_limit_is_lost_and_told(front_end):
    (prepared,) = front_end.prepared(front_end.segment("आज का दिन बहुत अच्छा है और " * 14, "hi"))
    (piece,) = prepared.pieces
    assert piece.row == 509
    assert len(prepared.left_out) > 5


def test_english_phonemes_are_cut_behind_the_last_mark_that_leaves_little_enough(front_end):
    text = "The quick brown fox jumps over the lazy dog, and then it sleeps. " * 12
    (prepared,) = front_end.prepared(front_end.segment(text, "en-us"))
    assert len(prepared.pieces) > 1
    assert all(piece.row < 510 for piece in prepared.pieces)
    assert all(piece.symbols.endswith(".") for piece in prepared.pieces)


@pytest.mark.parametrize(
    ("phonemes", "count"), [(each, 3) for each in ("ab " * 400, "a" * 1200, "a, " * 400, "(a) " * 300)]
)
def test_phonemes_without_full_stops_are_cut_all_the_same(phonemes, count):
    spans = list(compat._spans(phonemes))
    assert len(spans) == count
    assert all(end - start <= 510 for start, end in spans)
    kept = "".join(phonemes[start:end] for start, end in spans)
    assert kept.replace(" ", "") == phonemes.replace(" ", "")


def test_raw_phonemes_beyond_the_limit_are_refused():
    cleaned = compat.FrontEnd(vocabulary=VOCABULARY, languages=CODES, cleaned=True)
    list(cleaned.prepared(cleaned.segment("a" * 510, "en-us")))
    with pytest.raises(TextError, match="511 phonemes"):
        list(cleaned.prepared(cleaned.segment("a" * 511, "en-us")))


def test_empty_and_huge_texts_are_refused(front_end):
    for text in (" ", "a" * 10_001):
        with pytest.raises(TextError):
            front_end.segment(text, "en-us")
