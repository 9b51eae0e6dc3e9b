"""How Chinese is read: in two spellings, by the dictionaries of today and by those of training."""

import json

import pytest
from pypinyin import Style, lazy_pinyin

from engine.text.zh.pinyin import BOPOMOFO, DIGITS, SHIPPED, differences, initial_and_final, readings


def spelled(text: str, style: str, **how: bool) -> list[str]:
    return [syllable or written for written, syllable in readings(text, style, **how)]


def test_characters_are_read_by_the_phrase_they_are_in_and_the_rest_stays_together() -> None:
    assert readings("银行，ABC 了", DIGITS) == [
        ("银", "yin2"), ("行", "hang2"), ("，ABC ", None), ("了", "le5"),
    ]  # fmt: skip
    assert spelled("绿女儿", DIGITS) == ["lv4", "nv3", "er2"]
    assert spelled("绿了", BOPOMOFO) == ["ㄌㄩˋ", "ㄌㄜ˙"]
    assert readings("", DIGITS) == []


@pytest.mark.parametrize("text", ["中国科学院计算技术研究所", "行长在银行行走", "一发子弹", "他一见了然", "嗯，好"])
def test_the_readings_of_today_are_those_of_the_package(text: str) -> None:
    assert spelled(text, DIGITS) == lazy_pinyin(text, style=Style.TONE3, neutral_tone_with_five=True)
    assert spelled(text, BOPOMOFO) == lazy_pinyin(text, style=Style.BOPOMOFO)


def test_a_character_without_a_reading_is_told() -> None:
    assert readings("好\U0002f800", DIGITS)[0] == ("好", "hao3")
    assert readings("\U0003fffd", DIGITS) == [("\U0003fffd", None)]


def test_published_readings_are_those_of_training() -> None:
    # 银行行长 was cut at the longest beginning of a phrase, and 上去 and 一发 had other tones.
    assert spelled("银行行长", DIGITS, published=True) == ["yin2", "xing2", "xing2", "zhang3"]
    assert spelled("上去", DIGITS, published=True) == ["shang3", "qu4"]
    assert spelled("上去", DIGITS) == ["shang4", "qu4"]
    assert spelled("字库", DIGITS, published=True) == ["zi4", "ku4"]
    # A beginning at the end of a text that is no phrase falls into its characters.
    assert spelled("行行出", DIGITS, published=True)[-1] == "chu1"


def test_the_differences_are_between_two_dictionaries() -> None:
    stored = json.loads(SHIPPED.read_text(encoding="utf-8"))
    assert (len(stored["characters"]), len(stored["phrases"])) == (445, 2424)
    old = differences({ord("好"): "hǎo,hào"}, {"好的": [["hào"], ["de"]]})
    assert "好" not in old["characters"]
    assert old["characters"]["你"] is None
    assert old["phrases"]["好的"] == "hào de"


def test_y_and_w_are_initials() -> None:
    assert initial_and_final("ni") == ("n", "i")
    assert initial_and_final("yi") == ("y", "i")
    assert initial_and_final("an") == ("", "an")
    assert initial_and_final("n") == ("n", "n")
