"""The dictionaries of English: where they come from, and how a word is found."""

from importlib.util import find_spec
from pathlib import Path

import pytest

from engine.systems.kokoro.phonemes.lexicon import SHIPPED, derive, lexicon, render


@pytest.mark.parametrize("language", ["a", "b"])
def test_the_shipped_table_follows_from_the_published_dictionaries(language: str) -> None:
    # Only found, not imported: its data are read, and nothing of it is run.
    package = find_spec("misaki")
    assert package is not None
    assert package.submodule_search_locations is not None
    table = derive(language, Path(package.submodule_search_locations[0]) / "data")
    assert len(table.gold) + len(table.silver) > 180_000
    assert lexicon(language) == table
    assert SHIPPED[language].stat().st_size < 1_200_000


def test_a_table_survives_being_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = lexicon("a")
    few = type(found)({word: found.gold[word] for word in ("US", "record", "water")}, {"zoo": "zˈu"})
    file = tmp_path / "few.xz"
    file.write_bytes(render(few))
    monkeypatch.setitem(SHIPPED, "few", file)
    assert lexicon("few") == few


def test_words_are_found_with_and_without_a_capital_and_gold_before_silver() -> None:
    found = lexicon("a")
    assert found.find("oxford") == found.find("Oxford") == "ˈɑksfəɹd"
    assert found.find("Water") == found.find("water")
    assert found.find("OXFORD") is None
    assert found.find("US") == {"DEFAULT": "ˌʌs", "NOUN": None}
