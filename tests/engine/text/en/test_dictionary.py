"""The dictionary's way with words, marks and the dark l; the expected values are eng_to_ipa's."""

import random
import re

import pytest

from engine.text.en.dictionary import ipa, looked_up


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("hello world", "hɛˈloʊ wərld"),
        ('"hello," (world)!', '"hɛˈloʊ," (wərld)!'),
        ("zxqv twenty-one thirty-four", "zxqv* tˈwɛntiˌwɔn thirty-four*"),
        ("a -- b", "ə  bi"),
        ("55 %", "55 "),
        ("c++ 3d", "si++ 3d*"),
        ("", ""),
    ],
)
def test_words_are_looked_up_between_their_marks(text: str, said: str) -> None:
    assert looked_up(text) == said


def test_the_last_l_of_a_word_is_dark() -> None:
    rule = re.compile("l([^aeiouæɑɔəɛɪʊ ]*(?: |$))")
    rng = random.Random(0)
    for _ in range(2000):
        text = "".join(rng.choice("llab sə,") for _ in range(rng.randrange(12)))
        assert ipa(text) == rule.sub(r"ɫ\1", re.sub(r"\s+", " ", text)), text


def test_it_is_written_in_the_symbols_of_the_model() -> None:
    assert ipa("ʤərl  ʧər...") == "dʒəɹɫ tʃəɹ…"
