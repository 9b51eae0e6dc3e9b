"""The texts of the bundled voice: distinct, plain, fixed by their seed, and apart from the held-out ones."""

import re

import pytest

from recipes.bundled_voice import texts


@pytest.fixture(scope="module")
def training() -> list[str]:
    return texts.training_sentences(9000, seed=3)


def test_training_sentences_are_as_many_as_asked_and_distinct(training):
    assert len(training) == 9000
    assert len(set(training)) == 9000


def test_every_sentence_is_plain_words_and_allowed_punctuation(training):
    plain = re.compile(r"[A-Z][a-z']*(?:[,?!.]? [A-Za-z][A-Za-z']*)*[.?!]")
    lines = training + texts.test_sentences() + texts.dev_sentences()
    assert [line for line in lines if not plain.fullmatch(line)] == []


@pytest.mark.parametrize(("read", "count"), [(texts.test_sentences, 40), (texts.dev_sentences, 80)])
def test_held_out_sentences_are_apart_from_training(training, read, count):
    held_out = read()
    assert len(set(held_out)) == count
    assert {line.lower() for line in held_out}.isdisjoint(line.lower() for line in training)
    assert {len(line.split()) for line in held_out} <= set(range(5, 15))


def test_the_sentences_to_tune_on_are_not_those_of_the_test():
    assert set(texts.test_sentences()).isdisjoint(texts.dev_sentences())


def test_same_seed_gives_same_sentences_and_another_seed_others(training):
    assert texts.training_sentences(9000, seed=3) == training
    assert texts.training_sentences(9000, seed=4) != training


def test_fewer_sentences_are_a_prefix_of_more(training):
    assert texts.training_sentences(8000, seed=3) == training[:8000]


def test_enough_sentences_hold_every_listed_word():
    spoken = " ".join(texts.training_sentences(14_000, seed=3)).lower()
    spoken_words = set(re.findall(r"[a-z']+", spoken))
    lines = (texts._FOLDER / "words.txt").read_text(encoding="ascii").splitlines()
    listed = {word for line in lines for word in line.partition(":")[2].lower().replace("_", " ").split()}
    assert len(listed) > 1500
    assert listed - spoken_words == set()


def test_vocabulary_is_wide(training):
    assert len(set(re.findall(r"[a-z']+", " ".join(training).lower()))) > 7000


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (0, "zero"),
        (19, "nineteen"),
        (40, "forty"),
        (105, "one hundred and five"),
        (1995, "one thousand nine hundred and ninety five"),
        (6000, "six thousand"),
        (12_012, "twelve thousand and twelve"),
    ],
)
def test_numbers_are_said_in_words(value, words):
    assert texts.number_words(value) == words


def test_articles_follow_the_sound(training):
    text = " ".join(training).lower()
    assert re.findall(r"\ba (?:apple|egg|hour|honest|umbrella|uncle|unusual)\b", text) == []
    assert re.findall(r"\ban (?:uniform|unique|useless|universe|unit)\b", text) == []
