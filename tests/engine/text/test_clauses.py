"""Clauses as espeak-ng sees them: their marks, their texts joined, and texts that it would not survive."""

import pytest

from engine.errors import EngineError, TextError
from engine.text.clauses import clauses


def marks(text, voice="en-us"):
    return [(clause.text, clause.mark) for clause in clauses(text, voice)]


def test_espeak_says_where_clauses_end_and_the_mark_is_read_off_the_text():
    assert marks('He said: "Go! Now." It was... late; Dr. No, e.g., left') == [
        ("He said: ", ":"),
        ('"Go! ', "!"),
        ('Now."', "."),
        (" It was... ", ""),
        ("late; ", ";"),
        ("Dr. ", "."),
        ("No, ", ","),
        ("e.g., left", ""),
    ]
    assert marks("What?! No way!? Wait — what") == [
        ("What?! ", "?"),
        ("No way!? ", "!"),
        ("Wait — ", ";"),
        ("what", ""),
    ]
    assert marks("A; b: c") == [("A; ", ";"), ("b: ", ":"), ("c", "")]
    assert marks("One\n\nTwo") == [("One\n\n", ""), ("Two", "")]


def test_marks_of_other_scripts_are_those_of_latin():
    assert [mark for _, mark in marks("你好，世界。你好吗？", "cmn")] == [",", ".", "?"]
    assert [mark for _, mark in marks("Il dit « Bonjour ! » puis partit.", "fr")] == ["!", "."]


def test_what_is_read_in_another_language_stands_between_flags():
    (clause,) = clauses("Der Computer und the weather.", "de")
    assert "(en)" in clause.phonemes
    assert "(de)" in clause.phonemes


@pytest.mark.parametrize("text", ["word " * 300, "A." * 400, "'S" * 300, "x" * 500, "a, " * 300, "日本" * 300])
def test_a_text_of_any_length_is_read_to_its_end(text):
    found = clauses(text, "en-us")
    assert "".join(clause.text for clause in found).replace(" ", "") == text.replace(" ", "")
    assert all(clause.phonemes for clause in found)


def test_a_clause_that_is_too_long_for_one_call_is_one_all_the_same():
    ((_, first), *rest) = marks("word " * 60 + "end, and more.")
    assert first == ","
    assert [mark for _, mark in rest] == ["."]


DEADLY = [
    ("---a", "da"),
    ("a ------日", "hi"),
    ("---é", "vi"),
    ("HELLO" * 40, "da"),
    ("9" * 199, "vi"),
    ("a\x00b", "en-us"),
    ("\x01\x02", "en-us"),
    ("", "en-us"),
]


@pytest.mark.parametrize(("text", "voice"), DEADLY)
def test_what_would_end_the_process_does_not(text, voice):
    clauses(text, voice)


def test_a_text_that_brings_espeak_down_is_told_and_the_next_is_read():
    with pytest.raises(TextError, match=r"breaks down over this text in 'ml'"):
        clauses(".-क", "ml")
    assert [clause.phonemes for clause in clauses("Hello.", "en-us")] == ["həlˈoʊ"]


def test_an_unknown_voice_is_named():
    with pytest.raises(EngineError, match=r"cannot read 'klingon-99'"):
        clauses("a", "klingon-99")
