"""The tables are those of the reference."""

from engine.systems.minimind.phones import tables
from engine.systems.minimind.phones.tables import marked
from tests.minimind import stored

DATA = stored("frontend_data")


def test_they_are_the_published_ones():
    assert list(tables.SYMBOLS) == DATA["symbols"]
    assert set(DATA["punctuation"]) == tables.MARKS
    assert {syllable: " ".join(halves) for syllable, halves in tables.SYLLABLES.items()} == DATA["opencpop_map"]
    assert set(DATA["must_neutral_tone_words"]) == tables.NEUTRAL
    assert set(DATA["must_not_neutral_tone_words"]) == tables.FULL
    assert set(DATA["en_letter_spelled_words"]) == tables.SPELT
    assert DATA["en_hot_dict"] == tables.NEW_WORDS
    for written, mark in DATA["zh_rep_map"].items():
        assert marked(written) == mark


def test_every_syllable_has_symbols_in_every_tone():
    for consonant, vowel in tables.SYLLABLES.values():
        assert consonant in tables.SYMBOLS
        assert {f"{vowel}{tone}" for tone in range(1, 6)} <= set(tables.SYMBOLS)
