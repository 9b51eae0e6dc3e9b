"""The published Thai cleaner on the published vectors."""

import json

from engine.systems.vits.cleaners import thai
from tests.engine.systems.vits.conftest import GOLDENS

ROWS = [row for row in json.loads((GOLDENS / "front_other.json").read_text(encoding="utf-8")) if "thai_cleaners" in row]
RULES = json.loads((GOLDENS / "cleaner_rules.json").read_text(encoding="utf-8"))["thai"]


def test_every_vector_is_what_is_published() -> None:
    assert len(ROWS) == 3
    for row in ROWS:
        assert thai.thai_cleaners(row["input"]) == row["thai_cleaners"]


def test_the_table_is_the_published_one() -> None:
    assert [list(pair) for pair in thai.LETTERS.items()] == RULES["latin_to_thai_ignorecase"]
