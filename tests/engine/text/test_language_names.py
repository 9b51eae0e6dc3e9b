"""What languages are called: where the names come from, and how they are found."""

import pytest

from engine.text.language_names import SHIPPED, derive, languages, render, search, tag_of


@pytest.mark.filterwarnings("ignore")
def test_the_shipped_table_follows_from_the_packages() -> None:
    table = derive()
    assert len(table) > 7_900
    assert list(languages().values()) == table
    assert SHIPPED.read_bytes() == render(table)


@pytest.mark.parametrize(
    ("code", "tag"),
    [("eng", "en"), ("cmn", "zh"), ("swh", "sw"), ("kab", "kab"), ("azj-script_latin", "az"), ("en", "en"), ("q", "q")],
)
def test_a_language_goes_by_its_short_code_where_there_is_one(code: str, tag: str) -> None:
    assert tag_of(code) == tag


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        ("yor", "yor"), ("Yoruba", "yor"), ("èdè yorùbá", "yor"), ("ede yoruba", "yor"), ("Deutsch", "deu"),
        ("日本語", "jpn"), ("de", "deu"), ("हिन्दी", "hin"), ("Kiswahili", "swa"),
    ],
)  # fmt: skip
def test_it_is_found_by_code_by_name_and_by_its_own_name(typed: str, first: str) -> None:
    assert next(search(typed)).code == first


def test_what_is_not_there_is_not_found_and_long_texts_cost_nothing() -> None:
    assert list(search("   ")) == []
    assert list(search("x" * 1_000_000)) == []
    assert {each.code for each in search("quechua", [languages()["quz"], languages()["eng"]])} == {"quz"}
