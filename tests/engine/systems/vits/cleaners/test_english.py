"""English in the cleaners of several languages on the published vectors."""

import json

import pytest

from engine.systems.vits.cleaners import english
from engine.text.en.published_numbers import in_english
from tests.engine.systems.vits.conftest import GOLDENS

ROWS = json.loads((GOLDENS / "front_english_cj.json").read_text(encoding="utf-8"))
RULES = json.loads((GOLDENS / "cleaner_rules.json").read_text(encoding="utf-8"))["english"]
CLEANERS = {
    "normalize_numbers": in_english,
    "english_to_ipa2": english.english_to_ipa2,
    "english_to_lazy_ipa": english.english_to_lazy_ipa,
}


@pytest.mark.parametrize("name", CLEANERS)
def test_every_vector_is_what_is_published(name: str) -> None:
    assert {row["input"]: CLEANERS[name](row["input"]) for row in ROWS} == {row["input"]: row[name] for row in ROWS}


def test_the_table_is_the_published_one() -> None:
    assert [list(pair) for pair in english._LAZY] == RULES["lazy_ipa"]
