"""Chinese texts and how they are said: cases that users met, and our own of every kind."""

import json
import re
from pathlib import Path

import pytest

from engine.systems.chattts.text import in_words, pieces, prepare
from engine.text.sanitize import sanitize

_FOLDER = Path(__file__).parents[2] / "cases"


def _lines(name):
    return [json.loads(line) for line in (_FOLDER / name).read_text(encoding="utf-8").splitlines()]


CASES = {
    case["id"]: case for case in _lines("text.jsonl") if case["language"] == "zh" and case["systems"] == ["chattts"]
}
# What may be argued about, and was decided otherwise.
DECIDED_OTHERWISE = {
    "w006": "the text has English words and no Chinese, so its numbers are English",
}
# Their expectation is not a text; tests of the tokens hold them.
_NOT_TEXTS = {"t01", "t03"}
OWN = _lines("own_zh.jsonl")


def _bare(text):
    """Letters, characters and tokens: how it is said, not how it is marked."""
    return re.sub(r"[^\w\[\]]", "", text.lower())


def _said(text):
    return " ".join(
        prepare(piece.text, language=piece.language).text for piece in pieces(in_words(sanitize(text)[0], "zh"), "zh")
    )


@pytest.mark.parametrize("name", sorted(CASES.keys() - DECIDED_OTHERWISE.keys() - _NOT_TEXTS))
def test_a_case_is_said_as_it_should_be(name):
    case = CASES[name]
    assert _bare(_said(case["input"])) in map(_bare, case["expected"])


@pytest.mark.parametrize("case", OWN, ids=[f"{case['kind']}-{case['input']}" for case in OWN])
def test_a_case_of_our_own_is_said_as_it_should_be(case):
    assert _bare(_said(case["input"])) in map(_bare, case["expected"])


def test_only_what_may_be_argued_about_is_decided_otherwise():
    for name in DECIDED_OTHERWISE:
        assert CASES[name]["debatable"]
        assert _bare(_said(CASES[name]["input"])) not in map(_bare, CASES[name]["expected"])
