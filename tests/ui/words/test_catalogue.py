"""The catalogue has what the engine and the server say, and every translation is of something in it."""

import ast
import re
from collections import Counter

import pytest

from engine import registry
from engine.options import declared
from ui.words import LANGUAGES, read
from ui.words.catalogue import catalogue, missing, templates

TRANSLATED = LANGUAGES[1:]
FIELD = re.compile(r"\{\w+\}")
COMMAND = re.compile(r"(?:python -m engine )?models \w+|pip install \w+")
LATIN = re.compile(r"[A-Za-z]{2,}")
# Names that are the same in every language.
NAMES = {"Apache-2.0", "MIT", "CC BY-NC 4.0", "LJSpeech, iSTFT", "encodec", "vocos", "中文", "日本語"}


@pytest.fixture(scope="module")
def texts() -> frozenset[str]:
    return catalogue()


def test_what_systems_declare_is_in_it(texts: frozenset[str]) -> None:
    for spec in registry.systems():
        assert {spec.summary, spec.licences.code, spec.licences.weights, *spec.tokens.values()} <= texts
        for option in declared(spec.options):
            assert {option.label, option.control.help} <= texts
        assert {release.terms.summary for release in spec.releases} <= texts
    assert "" not in texts


@pytest.mark.parametrize(
    "text",
    [
        "there is no system {system}; the systems are {known}",
        "the request is longer than {most} MiB; shorten the text",
        "left out, because the model cannot say it: {characters}",
        "{key}={value} is below {least}",
        "The voice that ships",
        "speaking",
    ],
)
def test_errors_notices_and_progress_are_in_it(texts: frozenset[str], text: str) -> None:
    assert text in texts


def test_a_translation_is_of_something_that_is_said(texts: frozenset[str]) -> None:
    for language in LANGUAGES:
        assert read(language).texts.keys() - texts == set(), f"{language}.json translates what nobody says"


@pytest.mark.parametrize("language", TRANSLATED)
def test_every_text_is_translated(texts: frozenset[str], language: str) -> None:
    lacking = sorted(missing(language))
    assert lacking == [], f"add these to the texts in ui/words/{language}.json ({len(lacking)} of {len(texts)})"


@pytest.mark.parametrize("language", TRANSLATED)
def test_a_translation_keeps_the_fields_and_is_not_the_english(texts: frozenset[str], language: str) -> None:
    for english, translated in read(language).texts.items():
        assert Counter(FIELD.findall(translated)) == Counter(FIELD.findall(english)), translated
        same = translated == english and re.search("[A-Za-z]", FIELD.sub("", english))
        assert not same or english in NAMES, english
    assert texts >= NAMES


@pytest.mark.parametrize("language", TRANSLATED)
def test_no_translation_is_half_english(language: str) -> None:
    for english, translated in read(language).texts.items():
        shown = COMMAND.sub("", FIELD.sub("", translated)).replace("Whisper large v3 turbo", "")
        assert not re.search(r"[A-Za-z]+ [a-z]+ [a-z]+", shown), translated
        said = FIELD.sub("", english).casefold()
        assert {word.casefold() for word in LATIN.findall(shown)} <= set(LATIN.findall(said)), translated


def test_english_has_no_translations() -> None:
    assert read("en").texts == {}


def test_keys_are_those_that_messages_have_at_run_time() -> None:
    code = """
raise OptionError("{option}={value!r} is {{odd}}, {low:g}", option=o, value=v, low=l)
raise RequestError("{too} much", 413, too=t)
Notice(message="as it stands: {}")
check(fits, "{made} does not fit", made=made)
Progress(done=1, total=2, label="loading")
Terms(name="MIT", summary="Everything is allowed.")
"""
    assert set(templates(ast.parse(code))) == {
        "{option}={value} is {{odd}}, {low}",
        "{too} much",
        "as it stands: {}",
        "{made} does not fit",
        "loading",
        "MIT",
        "Everything is allowed.",
    }
