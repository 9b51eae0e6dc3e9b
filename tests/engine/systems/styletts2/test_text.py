"""Our front end: symbols, words, pieces."""

import time

import pytest

from engine.errors import TextError
from engine.systems.styletts2 import text
from engine.systems.styletts2.text import IDS, SYMBOLS, cut, encode, prepare
from tests.releases import styletts2_json


def test_the_table_of_symbols_is_the_published_one():
    published = styletts2_json("symbols")
    assert list(SYMBOLS) == published["symbols_in_order"]
    assert len(SYMBOLS) == 178
    assert IDS["'"] == 176


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("It cost $3.50.", "It cost three dollars and fifty cents."),
        ("Mr. Smith can't, it's 5 p.m.", "Mister Smith can't, it's five PM."),
        ("One - two -- three – four", "One, two, three, four"),
        ("well-known", "well-known"),
    ],
)
def test_what_marks_would_tear_apart_is_put_in_words(written, said):
    assert prepare(written) == said


def test_quotation_marks_are_read_by_models_of_many_and_left_out_for_models_of_one():
    assert text.read('He said "yes" at 1,000.', quotes=True) == 'hiː sˈɛd " jˈɛs " æt wˈʌn θˈaʊzənd .'
    assert text.read('He said "yes".', quotes=False) == "hiː sˈɛd jˈɛs ."


def test_a_word_of_another_language_carries_no_flag():
    assert "(" not in text.read("안녕하세요", quotes=True)


def test_unknown_symbols_are_named_once_and_marks_alone_do_not_speak():
    encoded = encode("§a§")
    assert (encoded.ids, encoded.left_out, encoded.speaks) == ((0, IDS["a"]), ("§",), True)
    assert not encode(". ,").speaks


def test_a_text_that_is_too_long_is_cut_behind_the_strongest_mark_then_at_blanks_then_anywhere():
    assert list(cut("short .", 20)) == ["short ."]
    assert list(cut("aaaa , bbbb . cccc dddd", 20)) == ["aaaa , bbbb .", "cccc dddd"]
    assert list(cut("aaaa bbbb , cccc dddd eeee", 20)) == ["aaaa bbbb ,", "cccc dddd eeee"]
    assert list(cut("aaaa bbbb cccc dddd eeee", 20)) == ["aaaa bbbb cccc dddd", "eeee"]
    assert list(cut("a" * 45, 20)) == ["a" * 20, "a" * 20, "a" * 5]


def test_a_long_sentence_is_spoken_in_pieces_that_the_model_can_read():
    front_end = text.FrontEnd(multispeaker=False, max_length=512)
    numbers = "one thousand two hundred thirty-four and " * 6
    segments = front_end.segment(f"{numbers}. {'x' * 600} " + "word " * 400, "en")
    pieces = [piece for segment in front_end.prepared(segments) for piece in segment.pieces]
    assert max(len(piece.ids) for piece in pieces) <= text.MAX_PHONEMES + 1
    assert sum(len(piece.ids) for piece in pieces) > 3000


@pytest.mark.parametrize("empty", ["", " \n", "--"])
def test_a_text_without_words_is_refused(empty):
    with pytest.raises(TextError, match="nothing to say"):
        text.FrontEnd(multispeaker=True, max_length=512).segment(empty, "en")


def test_a_style_text_is_cut_to_what_the_model_reads():
    front_end = text.FrontEnd(multispeaker=True, max_length=20)
    assert front_end.encode_style_text("") is None
    assert len(front_end.encode_style_text("What a very long sentence this is.").ids) == 20
    with pytest.raises(TextError, match="style_text"):
        front_end.encode_style_text("--")


@pytest.mark.parametrize(
    ("phonemes", "tokens"),
    [
        ('"a" "b"', "`` a '' `` b ''"),
        ('""a"', "`` `` a ''"),
        ('("a")', "( `` a '' )"),
        ("a.) b... c.)", "a. ) b ... c . )"),
    ],
)
def test_marks_become_tokens_as_nltk_sets_them(phonemes, tokens):
    assert text.tokenise(phonemes) == tokens


@pytest.mark.parametrize("run", ['"', ' "', "' ", " ", ". ", ".) ", "--"])
def test_reading_runs_of_marks_takes_time_that_grows_with_their_length_alone(run):
    """A hundred thousand of them: seconds where the time grew with the square."""
    began = time.process_time()
    text.tokenise(run * 100_000)
    text.phonemize(f"a{' ' * 100_000}")
    assert time.process_time() - began < 5


def test_the_first_sentence_is_as_whole_as_the_others():
    sentence = "When the light fell on the quiet harbour, nobody was there to see it, because the boats had left, " * 2
    written = f"{sentence[:190].rstrip(', ')}. {sentence[:180].rstrip(', ')}."
    found = text.FrontEnd(multispeaker=True, max_length=512).segment(written, "en")
    assert " ".join(segment.text for segment in found) == written
    assert len(found) == 2
