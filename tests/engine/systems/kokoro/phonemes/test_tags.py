"""Parts of speech where they are heard."""

import pytest

from engine.systems.kokoro.phonemes.tags import tags


@pytest.mark.parametrize(
    ("text", "word", "tag"),
    [
        ("they want to object", "object", "VB"),
        ("due to use of it", "use", "NN"),
        ("you must present it", "present", "VB"),
        ("a present for you", "present", "NN"),
        ("he was absent", "absent", "JJ"),
        ("the separate rooms", "separate", "JJ"),
        ("we record it", "record", "VBP"),
        ("she records it", "records", "VBZ"),
        ("the records are old", "records", "NNS"),
        ("farmers produce the food", "produce", "VBP"),
        ("people live in cities", "live", "VBP"),
        ("the man lives in Rome", "lives", "VBZ"),
        ("they never close the door", "close", "VBP"),
        ("stand close to me", "close", "RB"),
        ("how close are you", "close", "JJ"),
        ("I have read it", "read", "VBN"),
        ("please read it", "read", "VB"),
        ("do you read", "read", "VB"),
        ("read it. they came last year", "read", "VB"),
        ("they read it last year", "read", "VBD"),
        ("then record what it says", "record", "VB"),
        ("apps use memory", "use", "VBP"),
        ("he wound up here", "wound", "VBD"),
        ("a deep wound", "wound", "NN"),
        ("I think that you know", "that", "IN"),
        ("what is that", "that", "DT"),
        ("in Oxford", "Oxford", "NNP"),
        ("the US and us", "US", "NNP"),
        ("the US and us", "us", "PRP"),
        ("5 of $ 6", "$", "$"),
    ],
)
def test_a_word_has_its_tag(text: str, word: str, tag: str) -> None:
    words = text.split()
    assert tags(words)[words.index(word)] == tag
