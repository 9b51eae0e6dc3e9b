"""How tones change in a sentence."""

import pytest

from engine.systems.kokoro.phonemes.sandhi import spoken
from engine.text.zh.words import tagged


def tones(text: str) -> str:
    said = (word.syllables for word in spoken(tagged(text)))
    return " ".join("".join(str(each.tone) + "r" * each.rhotic for each in word if each) for word in said)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("你好", "23"), ("很友好", "323"), ("展览馆", "223"), ("老保守", "323"), ("我想", "23"),
        ("不是", "24"), ("不好", "43"), ("不", "4"), ("好不好", "353"), ("不知道", "414"),
        ("一个", "25"), ("一天", "41"), ("第一", "41"), ("一次", "24"),
        ("试一试", "454"), ("走一走", "353"), ("一九九八年", "12312"),
        ("妈妈", "15"), ("看看", "45"),
        ("桌子", "15"), ("我们", "35"), ("好吗", "3 5"), ("他的", "1 5"), ("喜欢", "35"),
        ("男子", "23"), ("女子", "23"), ("两个", "35"),
        ("花儿", "1r"), ("一点儿", "43r"), ("女儿", "32"), ("玩儿", "2r"), ("小孩儿", "32r"),
    ],
)  # fmt: skip
def test_tones_in_a_sentence(text: str, said: str) -> None:
    assert tones(text) == said
