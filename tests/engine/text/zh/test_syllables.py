"""Characters that are read as pinyin says, by the reading that systems are given."""

import pytest

from engine.errors import OptionError
from engine.text.zh.pinyin import DIGITS, readings
from engine.text.zh.syllables import characters


@pytest.mark.parametrize(
    "pinyin",
    ["zhang3 de5", "chang2", "hang2 zhang3", "lü4", "lu:3 xing2", "lv3", "da4", "men5", "shi4 qing2 le5", "HAO3"],
)
def test_they_are_read_so(pinyin: str) -> None:
    read = [reading for _, reading in readings(characters(pinyin), DIGITS)]
    assert read == pinyin.lower().replace("u:", "v").replace("ü", "v").split()


@pytest.mark.parametrize(
    ("pinyin", "words"),
    [
        ("", "1 to 20 syllables"),
        ("ma1 " * 21, "1 to 20 syllables"),
        ("chang", "'chang' is no syllable"),
        ("chang6", "no syllable"),
        ("长", "no syllable"),
        ("zz4", "always read zz4"),
        ("hng5", "always read hng5"),
    ],
)
def test_what_has_none(pinyin: str, words: str) -> None:
    with pytest.raises(OptionError, match=words):
        characters(pinyin)
