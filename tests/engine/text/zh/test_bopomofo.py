"""Bopomofo to IPA: the published tables, in their order."""

import pytest

from engine.text.zh import bopomofo as module
from engine.text.zh.bopomofo import LETTERS, bopomofo, ipa, spell_letters, with_first_tone
from tests.engine.systems.vallex.vectors import rows


def test_the_tables_are_the_published_ones() -> None:
    published = rows("vallex_g2p_tables.json")["mandarin"]
    assert [list(row) for row in module._IPA] == published["bopomofo_to_ipa"]
    assert [[rule.pattern, replacement] for rule, replacement in module._RULES] == published["post_regex_in_order"]
    assert [list(row) for row in LETTERS.items()] == published["latin_to_bopomofo"]


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("ㄋㄧˇㄏㄠˇ", "ni↓↑xɑʊ↓↑"),
        ("ㄕˋ", "s`ɹ`↓"),
        ("ㄙˋ", "sɹ↓"),
        ("ㄦˊㄗ˙ ", "əɹ`↑ts⁼ɹ "),
        ("ㄩㄢˊ", "ɥæn↑"),
        ("ㄍㄨㄛˇ", "k⁼wo↓↑"),
        ("，。！？—", ",.!?-"),
    ],
)
def test_syllables(written: str, said: str) -> None:
    assert ipa(written) == said


def test_words_are_set_apart_and_other_things_are_not() -> None:
    assert bopomofo(["A", "好", "，", "人"], lambda word: {"好": "ㄏㄠˇ", "人": "ㄖㄣˊ"}[word]) == "A ㄏㄠˇ， ㄖㄣˊ"


def test_the_first_tone_and_letters_have_names() -> None:
    assert with_first_tone("ㄊㄚ") == "ㄊㄚˉ"
    assert with_first_tone("ㄊㄚˋ") == "ㄊㄚˋ"
    assert spell_letters("aB") == "ㄟˉㄅㄧˋ"
