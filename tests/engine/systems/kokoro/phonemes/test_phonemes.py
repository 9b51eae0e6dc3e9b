"""Nine languages to phonemes: the words in the string, and what is left out of it."""

from types import SimpleNamespace

import pytest

from engine.systems.kokoro.phonemes import phonemize
from engine.text.ja import open_jtalk
from tests.engine.systems.kokoro.phonemes.vectors import vocabulary


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("a", "Hello, “the apple” is $12.50 (a lot)!"),
        ("b", "The bath water was rather warm."),
        ("e", "¿Dónde está la biblioteca?"),
        ("f", "« Venez ici », dit-il."),
        ("h", "मुझे पानी चाहिए।"),
        ("i", "La pizza è buonissima."),
        ("p", "Olá, como vai você?"),
        ("z", "你好，世界！我们明天去北京。"),
    ],
)
def test_words_are_found_in_the_string_in_order(language: str, text: str) -> None:
    said = phonemize(text, language, vocabulary())
    assert said.left_out == ()
    assert len(said.words) >= 2
    at = 0
    for word in said.words:
        assert word.start >= at
        assert word.end > word.start
        assert not said.string[word.start : word.end].startswith((" ", ",", "“"))
        at = word.end
    assert at <= len(said.string)
    assert said.words[0].text in text


def test_a_sum_is_one_word() -> None:
    said = phonemize("It costs $12.50 at most.", "a", vocabulary())
    spans = {word.text: said.string[word.start : word.end] for word in said.words}
    assert spans["$12.50"] == "twˈɛlv dˈɑləɹz ænd fˈɪfti sˈɛnts"
    assert list(spans) == ["It", "costs", "$12.50", "at", "most"]


def test_words_that_espeak_joins_count_as_one_where_it_does() -> None:
    said = phonemize("Bom dia, como um pato e um gato, sim.", "p", vocabulary())
    assert said.words[0].text == "Bom"
    assert said.words[-1].text == "sim"


def test_what_is_not_said_is_told_and_what_says_nothing_is_not() -> None:
    assert phonemize("A snowman ☃ “here” 😀, isn't it?", "a", vocabulary()).left_out == ("☃", "😀")
    assert phonemize("你好☃。", "z", vocabulary()).left_out == ("☃",)
    # espeak knows a ghost, and not this face.
    assert phonemize("Hola 👻🫠", "e", vocabulary()).left_out == ("🫠",)
    spanish = phonemize("¿Qué?", "e", vocabulary())
    # It counts in the string all the same, whose length picks the row of a voice.
    assert spanish.string.startswith("¿")
    assert spanish.left_out == ()


def test_what_the_vocabulary_lacks_is_told_and_kept() -> None:
    said = phonemize("你好", "z", vocabulary() - {"↓"})
    assert said.left_out == ("↓",)
    assert "↓" in said.string


def test_the_vocabulary_says_how_chinese_is_spelled() -> None:
    assert phonemize("你好", "z", vocabulary("v1_0")).string == "ni↓xau↓"
    assert phonemize("你好", "z", vocabulary("v1_1_zh")).string == "ㄋㄧ2ㄏㄠ3"


def test_english_in_chinese_is_read_by_dictionary() -> None:
    assert (
        phonemize("我喜欢 Python，你呢？", "z", vocabulary("v1_1_zh")).string == "我2ㄒㄧ3ㄏ万5 pˈIθˌɑn, ㄋㄧ3/ㄋㄜ5?"
    )
    said = phonemize("用iPhone打电话。", "z", vocabulary())
    assert said.string == "jʊ↘ŋ ˈIfˈOn ta↓tjɛ↘nxwa↘."
    # v1.0 of the reference leaves it as it stands.
    assert " iPhone " in phonemize("用iPhone打电话。", "z", vocabulary(), published=True).string


def test_chinese_in_english_is_said_as_chinese_is() -> None:
    said = phonemize("Say 你好 to her.", "b", vocabulary())
    assert said.string == "sˈA ni↓xau↓ tə hˌɜː."
    assert [word.text for word in said.words] == ["Say", "你好", "to", "her"]


@pytest.mark.parametrize("text", ["", "   ", "\n", "...", "“”"])
@pytest.mark.parametrize("language", "abefhipz")
def test_text_without_words_has_none(text: str, language: str) -> None:
    assert phonemize(text, language, vocabulary()).words == ()


def test_japanese_asks_open_jtalk(monkeypatch: pytest.MonkeyPatch) -> None:
    row = {"string": "猫", "pron": "ネコ", "pos": "名詞"}
    monkeypatch.setattr(open_jtalk, "_library", lambda: SimpleNamespace(run_frontend=lambda _: [row]))
    said = phonemize("猫。", "j", vocabulary())
    assert (said.string, [word.text for word in said.words]) == ("neko.", ["猫"])
