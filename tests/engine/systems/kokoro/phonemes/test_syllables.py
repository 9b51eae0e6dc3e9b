"""Syllables of Mandarin in the symbols of both releases."""

import json

import pytest

from engine.systems.kokoro.phonemes.syllables import Syllable, bopomofo, ipa, parsed, syllables
from tests.engine.systems.kokoro.phonemes.vectors import GOLDENS, vocabulary

EXAMPLES = json.loads((GOLDENS / "pinyin_ipa.json").read_text(encoding="utf-8"))["examples"]


@pytest.mark.parametrize("pinyin", EXAMPLES)
def test_ipa_is_that_of_the_reference(pinyin: str) -> None:
    # The mark of glides goes.
    assert ipa(parsed(pinyin)) == EXAMPLES[pinyin].replace("\u032f", "")


@pytest.mark.parametrize(
    ("pinyin", "said"),
    [("zi4", "ㄗㄭ4"), ("shi2", "ㄕ十2"), ("yue4", "月4"), ("xia4", "ㄒ压4"), ("er2", "ㄦ2"), ("nv3", "ㄋㄩ3"),
     ("wo3", "我3"),
     ("liu2", "ㄌ又2"), ("jun1", "ㄐ云1"), ("quan2", "ㄑ元2"), ("zhong1", "ㄓ中1"), ("ng2", "ㄥ2")],
)  # fmt: skip
def test_bopomofo(pinyin: str, said: str) -> None:
    assert bopomofo(parsed(pinyin)) == said


def test_every_syllable_is_made_of_symbols_of_its_release() -> None:
    from pypinyin.pinyin_dict import pinyin_dict

    found = {syllable for code in list(pinyin_dict)[::7] for syllable in syllables(chr(code))}
    read = {syllable for syllable in found if syllable is not None and syllable.final != "m̀"}
    assert len(read) > 900
    for spell, release in ((ipa, "v1_0"), (bopomofo, "v1_1_zh")):
        assert {sign for each in read for sign in spell(each)} <= vocabulary(release)


def test_an_r_stands_before_the_tone_and_what_is_no_syllable_has_none() -> None:
    assert bopomofo(Syllable("h", "ua", 1, rhotic=True)) == "ㄏ穵R1"
    assert syllables("好x") == [Syllable("h", "ao", 3), None]
