"""The published Japanese cleaners on the published vectors, by Open JTalk with its own dictionary."""

import json
from types import SimpleNamespace

import pytest

from engine.systems.vits.cleaners import japanese
from engine.text.ja import open_jtalk
from engine.text.ja.open_jtalk import parse
from engine.text.ja.romaji import accented
from tests.engine.systems.vits.conftest import GOLDENS

ROWS = json.loads((GOLDENS / "front_japanese.json").read_text(encoding="utf-8"))
LABELS = json.loads((GOLDENS / "front_japanese_labels.json").read_text(encoding="utf-8"))
RULES = json.loads((GOLDENS / "cleaner_rules.json").read_text(encoding="utf-8"))["japanese"]
CLEANERS = {
    "japanese_cleaners": japanese.japanese_cleaners,
    "japanese_cleaners2": japanese.japanese_cleaners2,
    "japanese_triphone_cleaners": japanese.japanese_triphone_cleaners,
    "romaji_with_accent": japanese.japanese_to_romaji_with_accent,
    "ipa": japanese.japanese_to_ipa,
    "ipa2": japanese.japanese_to_ipa2,
    "ipa3": japanese.japanese_to_ipa3,
}


@pytest.mark.parametrize("name", CLEANERS)
def test_every_vector_is_what_is_published(name: str) -> None:
    assert {row["input"]: CLEANERS[name](row["input"]) for row in ROWS} == {row["input"]: row[name] for row in ROWS}


@pytest.mark.parametrize("row", LABELS, ids=lambda row: row["text"])
def test_accents_follow_from_labels_without_a_dictionary(row: dict) -> None:
    assert accented(parse(row["labels"])) == row["romaji_with_accent"]


def test_the_table_is_the_published_one() -> None:
    assert [list(pair) for pair in japanese._IPA] == RULES["romaji_to_ipa"]
    assert [list(japanese._PERCENT)] == RULES["symbols_to_japanese"]


def test_a_piece_that_has_no_sound_is_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(open_jtalk, "_library", lambda: SimpleNamespace(extract_fullcontext=lambda _: []))
    assert japanese.japanese_triphone_cleaners("々") == ""
    assert japanese.japanese_cleaners("々") == ""
