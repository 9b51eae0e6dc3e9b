"""Every English case: as it is normalised, as each system prepares it, and for VITS as the phonemes of what is said."""

import re

import pytest

from engine.systems.chattts import text as chattts
from engine.systems.styletts2 import text as styletts2
from engine.systems.vits import text as vits
from engine.text.english import english_cleaners2
from engine.text.initials import spell_initials
from engine.text.normalize import normalize
from engine.text.sanitize import sanitize
from tests.engine.text.spoken import DECIDED, english_cases, own_cases, same_words

CASES = english_cases()
OWN = own_cases()
# What the English of one system leaves out or adds to the words: marks, and apostrophes.
_NO_SOUND = re.compile(r"[^a-zɐ-ʯæðŋθ]")


def said(case: dict, **how: bool) -> str:
    return normalize(sanitize(case["input"])[0], "en", **how)


def phonemes(text: str) -> str:
    """Sounds alone: without stress, marks, blanks and "and"."""
    return _NO_SOUND.sub("", re.sub(r"\b[ˈˌ]?ænd\b", "", english_cleaners2(text)))


def in_capitals(form: str, text: str) -> str:
    """``form``, with the initials that ``text`` has in capitals in capitals: "gpus" are GPUs."""
    for initials in re.findall(r"\b[A-Z]{2,5}s?\b", text):
        form = re.sub(rf"\b{initials.lower()}\b", initials, form)
    return form


def names(cases: list[dict]) -> list[str]:
    return [case.get("id") or case["input"] for case in cases]


def without(system: str) -> list[dict]:
    return [case for case in CASES if system in case["systems"] and case["id"] not in DECIDED]


@pytest.mark.parametrize("case", without("chattts"), ids=names(without("chattts")))
def test_chattts_reads_the_words_that_are_said(case):
    assert same_words(said(case), case["expected"]), said(case)
    prepared = chattts.prepare(chattts.in_words(sanitize(case["input"])[0], "en"), language="en").text
    # It has neither apostrophes nor accents.
    plain = [re.sub("'", "", form) for form in case["expected"]]
    assert same_words(prepared, plain) or not prepared.isascii() or "北" in case["input"], prepared


@pytest.mark.parametrize("case", without("styletts2"), ids=names(without("styletts2")))
def test_styletts2_reads_the_words_that_are_said(case):
    prepared = styletts2.prepare(sanitize(case["input"])[0])
    assert same_words(prepared, case["expected"]), prepared


@pytest.mark.parametrize("case", without("vits"), ids=names(without("vits")))
def test_vits_reads_the_phonemes_of_what_is_said(case):
    text = vits.in_words(sanitize(case["input"])[0], "en")
    accepted = [*case["expected"], *(spell_initials(in_capitals(form, case["input"])) for form in case["expected"])]
    heard = phonemes(text)
    assert heard in {phonemes(form) for form in accepted} or same_words(text, case["expected"]), (text, heard)


@pytest.mark.parametrize(("name", "plural"), [("en136v", "C-P-U's"), ("w051v", "G-P-U's")])
def test_the_plural_of_initials_is_voiced_behind_a_vowel_wherever_it_stands(name, plural):
    (case,) = (case for case in CASES if case["id"] == name)
    text = vits.in_words(case["input"], "en")
    assert plural in text
    assert "juːz" in english_cleaners2(text).replace("ˈ", "")


@pytest.mark.parametrize("case", OWN, ids=names(OWN))
def test_more_of_the_same_kinds_is_said_right(case):
    assert same_words(said(case), case["expected"]), said(case)


@pytest.mark.parametrize("case", [*CASES, *OWN], ids=names([*CASES, *OWN]))
def test_what_is_in_words_stays_as_it_is(case):
    for contractions in (True, False):
        once = said(case, contractions=contractions)
        assert normalize(once, "en", contractions=contractions) == once


def test_none_but_debatable_cases_are_decided_otherwise():
    debatable = {case["id"] for case in CASES if case.get("debatable")}
    assert set(DECIDED) <= debatable
    assert len(CASES) == 410
    assert len(OWN) >= 150
