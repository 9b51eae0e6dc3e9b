"""The sentences by which voices are heard."""

import dataclasses
import json

import pytest

from engine import previews, registry
from engine.system import SystemSpec

SHIPPED = json.loads(previews.SHIPPED.read_text("utf-8"))


@pytest.mark.parametrize("spec", registry.systems(), ids=lambda spec: spec.id)
def test_every_system_has_something_to_say_in_each_of_its_languages(spec: SystemSpec) -> None:
    assert previews.of(spec, spec.languages).keys() == set(spec.languages)


def test_sentences_are_short_and_of_one_line() -> None:
    assert all(10 < len(sentence) < 90 and "\n" not in sentence for sentence in SHIPPED.values())
    assert len(set(SHIPPED.values())) == len(SHIPPED)


def test_a_language_without_a_sentence_takes_a_text_of_the_system_or_none(fake_spec: SystemSpec) -> None:
    assert previews.of(fake_spec, ("de", "tlh")) == {"de": SHIPPED["de"]}
    spec = dataclasses.replace(fake_spec, samples={"tlh": ("nuqneH",)})
    assert previews.of(spec, ("tlh",)) == {"tlh": "nuqneH"}
