"""The published Sanskrit cleaner on the published vectors."""

import json

from engine.systems.vits.cleaners import sanskrit
from tests.engine.systems.vits.conftest import GOLDENS

ROWS = [row for row in json.loads((GOLDENS / "front_other.json").read_text(encoding="utf-8")) if "sanskrit_ipa" in row]
RULES = json.loads((GOLDENS / "cleaner_rules.json").read_text(encoding="utf-8"))["sanskrit"]


def test_every_vector_is_what_is_published() -> None:
    assert len(ROWS) == 5
    for row in ROWS:
        assert sanskrit.devanagari_to_ipa(row["input"]) == row["sanskrit_ipa"]
        assert sanskrit.sanskrit_cleaners(row["input"]) == row["sanskrit_cleaners"]


def test_the_table_is_the_published_one() -> None:
    assert [list(pair) for pair in sanskrit._IPA] == RULES["iast_to_ipa"]
