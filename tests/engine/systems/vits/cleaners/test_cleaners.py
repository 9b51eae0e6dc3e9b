"""Which cleaners there are, of which languages, and with which published symbols."""

import json

import pytest

from engine.systems.vits.cleaners import CLEANERS, PARTS, find, languages
from engine.systems.vits.config import symbol_tables
from tests.engine.systems.vits.conftest import GOLDENS

SYMBOLS = json.loads((GOLDENS / "symbols.json").read_text(encoding="utf-8"))
# They need dictionaries that nobody has published.
ABSENT = {"shanghainese_cleaners", "chinese_dialect_cleaners"}


def test_every_published_list_of_symbols_is_data() -> None:
    published = {name.split()[1]: tuple(each) for name, each in SYMBOLS.items() if name.startswith("cjangcjengh")}
    assert len(published) == 11
    assert {name: symbol_tables()[name] for name in published} == published
    assert published.keys() - CLEANERS.keys() == ABSENT


def test_the_languages_of_a_configuration_are_those_of_its_cleaners() -> None:
    assert languages(["japanese_cleaners2"]) == ("ja",)
    assert languages(["cjks_cleaners"]) == ("zh", "ja", "ko", "en", "sa")
    assert languages(["basic_cleaners"]) == languages(["shanghainese_cleaners"]) == languages([]) == ()
    assert CLEANERS["cjke_cleaners2"].mixed
    assert find("japanese_to_ipa3") is PARTS["japanese_to_ipa3"]
    assert find("shanghainese_cleaners") is None


@pytest.mark.parametrize("name", sorted((CLEANERS | PARTS).keys() - {"english_cleaners", "english_cleaners2"}))
def test_every_cleaner_takes_anything(name: str) -> None:
    cleaner = find(name)
    for text in (
        "",
        " ",
        "\n",
        "[ZH]",
        "[ZH]\n[ZH]",
        "x",
        "1",
        "😀",
        "ー々っ",
        "١٢",
        "“”",
        "가",
        "न",
        "ก",
        "\U00020000",
    ):
        assert isinstance(cleaner.clean(text), str)
