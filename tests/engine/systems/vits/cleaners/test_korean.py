"""The published Korean cleaners on the published vectors."""

import json

import pytest

from engine.systems.vits.cleaners import korean
from engine.text.ko.letters import NAMES, spell_letters
from engine.text.ko.published_numbers import in_korean
from tests.engine.systems.vits.conftest import GOLDENS

ROWS = json.loads((GOLDENS / "front_korean.json").read_text(encoding="utf-8"))
RULES = json.loads((GOLDENS / "cleaner_rules.json").read_text(encoding="utf-8"))["korean"]
CLEANERS = {
    "korean_cleaners": korean.korean_cleaners,
    "latin_to_hangul": spell_letters,
    "number_to_hangul": in_korean,
    "divide_hangul": korean.divide_hangul,
    "lazy_ipa": korean.korean_to_lazy_ipa,
    "ipa": korean.korean_to_ipa,
}


@pytest.mark.parametrize("name", CLEANERS)
def test_every_vector_is_what_is_published(name: str) -> None:
    assert {row["input"]: CLEANERS[name](row["input"]) for row in ROWS} == {row["input"]: row[name] for row in ROWS}


def test_the_tables_are_the_published_ones() -> None:
    assert [list(pair) for pair in korean._LAZY] == RULES["ipa_to_lazy_ipa_ignorecase"]
    assert [list(pair) for pair in korean._DIVIDED.items()] == RULES["hangul_divided"]
    assert [list(pair) for pair in NAMES.items()] == RULES["latin_to_hangul_ignorecase"]
