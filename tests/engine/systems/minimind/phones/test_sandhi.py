"""Tones in a sentence, rule by rule, where the vectors of the reference have no case of one."""

import pytest

from engine.systems.minimind.phones.sandhi import spoken


def tones(*words):
    return " ".join("".join(map(str, word.tones)) for word in spoken([tuple(word.split("/")) for word in words]))


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["看/v", "一/m", "看/v"], "454"),
        (["一/m", "天/n"], "41"),
        (["一/m", "百/m"], "43"),
        (["来/v", "不/d", "来/v"], "2 42"),
        (["看不懂/v"], "453"),
        (["不/d", "是/v"], "24"),
        (["我/r", "想/v", "买/v", "雨伞/n"], "23 323"),
        (["小姐/n", "好/a"], "223"),
        (["好好/a", "走/v"], "35 3"),
        (["走/v", "走/v"], "35"),
        (["事/n", "儿/n"], "42"),
        (["学子/n"], "23"),
        (["桌子/n"], "15"),
        (["上来/v"], "45"),
        (["三/m", "个/q"], "1 5"),
        (["家里/s"], "15"),
        (["胡萝卜/n"], "225"),
        (["老太太/n"], "355"),
        (["蒙古包/n"], "231"),
        (["两/m", "把/q", "雨伞/n"], "23 23"),
    ],
)
def test_tones_change_within_words_and_those_that_are_joined(words, said):
    assert tones(*words) == said


def test_marks_and_what_cannot_be_read_have_no_tone():
    assert tones(",/x") == "0"
