"""The catalogue has what the engine and the server say, and every translation is of something in it."""

import ast

import pytest

from engine import registry
from engine.options import declared
from ui.words import LANGUAGES, read
from ui.words.catalogue import catalogue, templates


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
