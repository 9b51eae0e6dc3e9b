"""The front end: the published vectors, and what is better than they are."""

import pytest

from engine.systems.styletts2.text import IDS, SYMBOLS, cut, encode, phonemize, prepare, read, read_as_published
from tests.releases import styletts2_json as read_json

VECTORS = read_json("frontend_vectors")
PATHS = {
    "lj": {"multispeaker": False},
    "libri": {"multispeaker": True},
    "libri_longform": {"multispeaker": True, "long_form": True},
}
# espeak-ng 1.52 no longer tells these two apart; the vectors are of 1.51.
OLD, NEW = "oːɹ", "ɔːɹ"


def same(phonemes):
    return phonemes.replace(OLD, NEW)


def test_the_table_of_symbols_is_the_published_one():
    published = read_json("symbols")
    assert list(SYMBOLS) == published["symbols_in_order"]
    assert len(SYMBOLS) == 178
    assert IDS["'"] == 176


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("vector", VECTORS, ids=range(len(VECTORS)))
def test_the_phonemes_and_ids_are_the_published_ones(vector, path):
    published = vector[path]
    text = vector["input"] if path != "lj" else vector["input"].replace('"', "")
    phonemes = read_as_published(vector["input"], **PATHS[path])
    if "error" in published:
        # Nothing is left to be read, over which the reference stumbles.
        assert phonemes == ""
        return
    assert same(phonemize(text, flags=True)) == same(published["phonemizer_out"][0]).strip()
    assert same(phonemes) == same(published["phonemes"])
    mended = encode(same(published["phonemes"])).ids
    assert encode(same(phonemes)).ids == mended
    if OLD not in published["phonemes"]:
        assert list(encode(phonemes).ids) == published["tokens"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("It cost $3.50.", "It cost three dollars and fifty cents."),
        ("Mr. Smith can't, it's 5 p.m.", "Mister Smith can't, it's five PM."),
        ("One - two -- three – four", "One, two, three, four"),
        ("well-known", "well-known"),
    ],
)
def test_what_marks_would_tear_apart_is_put_in_words(text, said):
    assert prepare(text) == said


def test_quotation_marks_are_heard_by_models_of_many_and_left_out_for_models_of_one():
    assert read('He said "yes" at 1,000.', quotes=True) == 'hiː sˈɛd " jˈɛs " æt wˈʌn θˈaʊzənd .'
    assert read('He said "yes".', quotes=False) == "hiː sˈɛd jˈɛs ."


def test_a_word_of_another_language_carries_no_flag_unless_the_reference_is_asked_for():
    assert "( ko )" in read_as_published("안녕하세요", multispeaker=True)
    assert "(" not in read("안녕하세요", quotes=True)


def test_unknown_symbols_are_named_once_and_marks_alone_do_not_speak():
    encoded = encode("§a§")
    assert (encoded.ids, encoded.unknown, encoded.speaks) == ((0, IDS["a"]), ("§",), True)
    assert not encode(". ,").speaks


def test_a_text_that_is_too_long_is_cut_behind_the_strongest_mark_then_at_blanks_then_anywhere():
    assert list(cut("short .", 20)) == ["short ."]
    assert list(cut("aaaa , bbbb . cccc dddd", 20)) == ["aaaa , bbbb .", "cccc dddd"]
    assert list(cut("aaaa bbbb , cccc dddd eeee", 20)) == ["aaaa bbbb ,", "cccc dddd eeee"]
    assert list(cut("aaaa bbbb cccc dddd eeee", 20)) == ["aaaa bbbb cccc dddd", "eeee"]
    assert list(cut("a" * 45, 20)) == ["a" * 20, "a" * 20, "a" * 5]
