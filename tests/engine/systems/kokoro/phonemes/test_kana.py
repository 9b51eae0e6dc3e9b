"""Kana to IPA, by the table of the reference."""

import json

import pytest

from engine.systems.kokoro.phonemes.kana import TABLE, hiragana, ipa, plain_kana
from tests.engine.systems.kokoro.phonemes.vectors import GOLDENS


def test_the_table_is_that_of_the_reference() -> None:
    published = json.loads((GOLDENS / "kana.json").read_text(encoding="utf-8"))
    kana = {sign: said for sign, said in published["table"].items() if sign.isalpha()}
    assert len(kana) == 164
    assert kana == TABLE
    for small, plain in published["phonetic_extensions"].items():
        assert plain_kana(small) == plain


@pytest.mark.parametrize(
    ("kana", "said"),
    [
        ("キョー", "kʲoː"), ("ガッコー", "ɡaʔkoː"), ("サンポ", "sampo"), ("テンキ", "teŋkʲi"),
        ("コンニチワ", "koɲɲiʨiβa"),
        ("ヨンデ", "jonde"), ("ホン", "hoɴ"), ("センエン", "seɴeɴ"), ("ファン", "ɸaɴ"), ("ゔゃ", "vja"), ("アッ", "aʔ"),
        ("いすゞ", "isɨzɨ"), ("ヴ", "vɯ"), ("abc", ""), ("", ""),
    ],
)  # fmt: skip
def test_a_word_in_ipa(kana: str, said: str) -> None:
    assert ipa(kana) == said


def test_katakana_and_signs_of_repetition_in_hiragana() -> None:
    assert hiragana("カナヽ、ハヾ") == "かなな、はば"
    assert hiragana("ゝ") == "ゝ"
