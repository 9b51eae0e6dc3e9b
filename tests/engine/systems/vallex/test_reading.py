"""Runs of text in one language to IPA, and what of them is told to be left out."""

import pytest

from engine.systems.vallex.reading import read_chinese, read_english, read_japanese
from tests.engine.text.open_jtalk import install


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Hello, world!", "hɛˈloʊ, wəɹɫd!"),
        ("thirty-four", "ˈθəɹˌdi fɔɹ"),
        ("Smith's years' war's Pikachu's", "smɪθs jɪɹz wɔɹz pɪˈkætʃuz"),
        ("it’s don't", "ɪts doʊnt"),
        ("U-S and A-level", "ju ɛs ənd eɪ ˈlɛvəɫ"),
        ("RGB a", "ɑɹ dʒi bi ə"),
        ("café naïve Zürich", "kəˈfeɪ naɪiv ˈzʊɹɪk"),
        ("“quoted” (really) — so...", "kˈwoʊtɪd, ˈɹɪli, soʊ…"),
        ("what?! no!!!", "wət? noʊ!"),
        ("...so", "soʊ"),
    ],
)
def test_english(text: str, said: str) -> None:
    read = read_english(text)
    assert read.ipa == said
    assert read.left_out == ()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("你好，世界。", "ni↓↑xɑʊ↓↑, s`ɹ`↓tʃ⁼iɛ↓."),
        ("一、二；三：四！", "i→, əɹ`↓, san→, sɹ↓!"),
        ("（括号）《书名》“引号”", "kʰwo↓xɑʊ↓, s`u→miŋ↑, in↓↑xɑʊ↓"),
        ("上去", "s`ɑŋ↓tʃʰɥ↓"),
    ],
)
def test_chinese(text: str, said: str) -> None:
    read = read_chinese(text)
    assert read.ipa == said
    assert read.left_out == ()


def test_japanese(monkeypatch: pytest.MonkeyPatch) -> None:
    install(monkeypatch)
    assert read_japanese("がっこう").ipa == "ga↑k#koo"


def test_what_has_no_sound_is_told_once() -> None:
    assert read_english("Привет hi ёё 😀").left_out == ("П", "р", "и", "в", "е", "т", "ё", "😀")
    assert read_english("Привет hi").ipa == "haɪ"
    assert read_chinese("好\U0003fffd☃").left_out == ("\U0003fffd", "☃")
    assert read_chinese("好\U0003fffd☃").ipa == "xɑʊ↓↑"
    assert read_english("👍🏽 a' b").left_out == ("👍",)
