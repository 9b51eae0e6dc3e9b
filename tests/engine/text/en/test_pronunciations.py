"""The dictionary of English: where it comes from, and what the reference chose of several pronunciations."""

import json
from pathlib import Path

import pytest

from engine.text.en.pronunciations import SHIPPED, derive, pronunciations, render

GOLDENS = Path(__file__).parents[3] / "goldens" / "valle"


# The package leaves a file open, and newer Pythons warn of its escapes.
@pytest.mark.filterwarnings("ignore")
def test_the_shipped_table_follows_from_the_published_dictionary() -> None:
    table = derive()
    assert len(table) == 125_000
    assert dict(pronunciations()) == table
    assert SHIPPED.read_bytes() == render(table)


def test_of_several_pronunciations_it_has_the_last_one() -> None:
    rows = json.loads((GOLDENS / "frontend_vallex_eng_to_ipa_words.json").read_text(encoding="utf-8"))
    assert len(rows) == 25
    for row in rows:
        assert pronunciations()[row["word"]] == row["first"] == sorted(row["all"][0])[-1]
