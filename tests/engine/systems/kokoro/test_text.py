"""Text to pieces that the networks read: cut, encoded, with the words in them."""

import pytest

from engine.errors import TextError
from engine.systems.kokoro import text
from engine.systems.kokoro.languages import CODES
from engine.systems.kokoro.phonemes import Phonemes, Word
from engine.systems.kokoro.text import encode, part
from tests.kokoro import read

VOCABULARY = read("config_v1_0")["vocab"]


@pytest.fixture
def front_end():
    return text.FrontEnd(vocabulary=VOCABULARY, languages=CODES)


def test_both_ends_are_zero_and_unknown_symbols_count_in_the_row_alone():
    piece = encode(Phonemes("a ☃b☃!", (Word("one", 0, 1), Word("two", 2, 5))), {"a": 3, "b": 7, " ": 1, "!": 9})
    assert piece.ids == (0, 3, 1, 7, 9, 0)
    assert piece.symbols == "a b!"
    assert piece.row == len("a ☃b☃!") - 1
    assert [(word.text, word.first, word.last) for word in piece.words] == [("one", 1, 1), ("two", 3, 3)]


def test_what_is_written_in_phonemes_leaves_out_what_has_no_symbol():
    assert text.as_written("a☃b☃", {"a": 1, "b": 2}) == Phonemes("a☃b☃", (), ("☃",))


def test_marks_alone_say_nothing_and_words_without_an_id_are_none():
    assert not encode(Phonemes("?! —", ()), VOCABULARY).speaks
    assert encode(Phonemes("a", ()), VOCABULARY).speaks
    assert encode(Phonemes("☃a", (Word("snow", 0, 1),)), VOCABULARY).words == ()


def test_a_part_keeps_its_words():
    phonemes = Phonemes("abc def ghi", (Word("A", 0, 3), Word("B", 4, 7), Word("C", 8, 11)))
    assert part(phonemes, 4, 11) == Phonemes("def ghi", (Word("B", 0, 3), Word("C", 4, 7)))


def test_sentences_are_merged_to_about_two_hundred_characters_and_the_first_is_short(front_end):
    sentence = "The boat came in with the tide. "
    found = front_end.segment(sentence * 30, "en-us")
    assert len(found[0].text) <= 80
    assert all(130 < len(segment.text) <= 200 for segment in found[1:-1])
    assert " ".join(segment.text for segment in found) == (sentence * 30).strip()
    assert found[-1].pause_s == 0 < found[0].pause_s


@pytest.mark.parametrize(
    ("written", "tag"),
    [
        ("今日はとても良い天気ですね。" * 60, "ja"),
        ("今天的天气真好，我们去公园散步吧。" * 60, "zh"),
        ("यह एक वाक्य है। " * 80, "hi"),
    ],
)
def test_every_language_is_split_so_that_nothing_is_lost(front_end, written, tag):
    segments = front_end.segment(written, tag)
    assert len(segments) > 5
    prepared = list(front_end.prepared(segments))
    assert max(len(piece.ids) for segment in prepared for piece in segment.pieces) <= 402
    assert "".join("".join(segment.text.split()) for segment in segments) == "".join(written.split())


def test_what_has_too_many_phonemes_is_cut_again():
    cleaned = text.FrontEnd(vocabulary=VOCABULARY, languages=CODES, cleaned=True)
    (prepared,) = cleaned.prepared(cleaned.segment("kwˈɪk bɹˈWn, fˈɑks. " * 60, "en-us"))
    assert [len(piece.ids) <= 402 for piece in prepared.pieces] == [True] * 3
    assert sum(len(piece.symbols) for piece in prepared.pieces) > 1150


def test_paragraphs_have_a_longer_pause_and_each_its_language(front_end):
    found = front_end.segment("Good morning.\nこんにちは。\nGood night.", "en-gb")
    assert [segment.language for segment in found] == ["en-gb", "ja", "en-gb"]
    assert [segment.pause_s for segment in found] == [0.6, 0.6, 0.0]


def test_numbers_are_put_in_words_before_they_are_cut(front_end):
    assert front_end.segment("It costs $3.50.", "en-us")[0].text == "It costs three dollars and fifty cents."
    assert front_end.segment("It’s mine.", "en-us")[0].text == "It's mine."


@pytest.mark.parametrize("empty", ["", " \n", "--", "..."])
def test_a_text_without_words_is_refused(front_end, empty):
    with pytest.raises(TextError, match="nothing to say"):
        front_end.segment(empty, "en-us")
