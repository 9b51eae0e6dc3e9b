"""espeak's strings in the symbols of the model: the vectors of five languages, and of single English words."""

import pytest

from engine.systems.kokoro.phonemes.espeak import VOICES, read, read_word, rewritten, words
from tests.engine.systems.kokoro.phonemes.vectors import vectors


@pytest.mark.parametrize("language", VOICES)
def test_texts_are_read_as_the_reference_reads_them(language: str) -> None:
    rows = vectors("espeak")[language]
    assert len(rows) == 20
    assert [read(row["text"], language) for row in rows] == [row["phonemes"] for row in rows]


@pytest.mark.parametrize("language", ["a", "b"])
def test_single_words_are_read_as_the_reference_reads_them(language: str) -> None:
    rows = vectors("en")["fallback"][language]
    assert len(rows) == 20
    assert [rewritten(raw, language) for _, raw, _ in rows] == [said for _, _, said in rows]
    assert [read_word(word, language) for word, _, _ in rows] == [said for _, _, said in rows]


def test_words_stand_where_their_phonemes_are() -> None:
    text = "Bonjour, comment allez-vous ?"
    said = read(text, "f")
    found = [(word.text, said[word.start : word.end]) for word in words(text, said)]
    assert found == [("Bonjour", "bɔ̃ʒˈuʁ"), ("comment", "kɔmˌɑ̃"), ("allez-vous", "alˈevˈu")]


def test_a_clause_of_joined_words_is_one_word() -> None:
    found = words("uno dos tres, quatro.", "unodos tres, quatro.")
    assert [(word.text, word.start, word.end) for word in found] == [("uno dos tres", 0, 11), ("quatro", 13, 19)]
    assert [word.text for word in words("a b, c", "x")] == ["a b c"]
