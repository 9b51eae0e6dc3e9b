"""The published Chinese cleaners on the published vectors."""

import json

import pytest
from pypinyin import Style, lazy_pinyin

from engine.systems.vits.cleaners import chinese
from engine.text.zh.bopomofo import with_first_tone
from tests.engine.systems.vits.conftest import GOLDENS

ROWS = json.loads((GOLDENS / "front_chinese.json").read_text(encoding="utf-8"))
RULES = json.loads((GOLDENS / "cleaner_rules.json").read_text(encoding="utf-8"))["chinese"]
CLEANERS = {
    "chinese_cleaners": chinese.chinese_cleaners,
    "number_to_chinese": chinese.number_to_chinese,
    "bopomofo": chinese.chinese_to_bopomofo,
    "romaji": chinese.chinese_to_romaji,
    "lazy_ipa": chinese.chinese_to_lazy_ipa,
    "ipa": chinese.chinese_to_ipa,
    "ipa2": chinese.chinese_to_ipa2,
}


@pytest.mark.parametrize("name", CLEANERS)
def test_every_vector_is_what_is_published(name: str) -> None:
    assert {row["input"]: CLEANERS[name](row["input"]) for row in ROWS} == {row["input"]: row[name] for row in ROWS}


def test_the_tables_are_the_published_ones() -> None:
    assert [list(pair) for pair in chinese._ROMAJI] == RULES["bopomofo_to_romaji"]
    assert [list(pair) for pair in chinese._IPA2] == RULES["bopomofo_to_ipa2"]
    assert [[rule.pattern, symbols] for rule, symbols in chinese._LAZY] == RULES["romaji_to_ipa_ignorecase"]


@pytest.mark.parametrize(
    "word", ["银行家", "重新开始", "一会儿", "不一样", "长大成人", "行不行", "为什么", "\U00020000好"]
)
def test_a_word_is_read_as_its_package_reads_it(word: str) -> None:
    assert chinese._word(word) == "".join(map(with_first_tone, lazy_pinyin(word, Style.BOPOMOFO)))
