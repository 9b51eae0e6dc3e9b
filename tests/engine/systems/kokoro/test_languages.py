"""The language of a voice, of a tag, and of a sentence by its script."""

import pytest

from engine.systems.kokoro.languages import CHINESE_CODES, CODES, of_sentence, of_tag, of_voice


@pytest.mark.parametrize(
    ("name", "tag"),
    [
        ("af_heart", "en-us"),
        ("bm_george", "en-gb"),
        ("pf_dora", "pt-br"),
        ("zf_001", "zh"),
        ("martin", None),
        ("af", None),
    ],
)
def test_the_first_letter_of_a_voice_is_its_language(name, tag):
    language = of_voice(name)
    assert (language and language.tag) == tag


@pytest.mark.parametrize(
    ("tag", "letter"), [("en", "a"), ("en-GB", "b"), ("pt", "p"), ("pt-PT", "p"), ("ja", "j"), ("xx", "a"), ("", "a")]
)
def test_a_tag_is_one_of_the_languages(tag, letter):
    assert of_tag(tag).letter == letter


@pytest.mark.parametrize(
    ("text", "tag", "spoken"),
    [
        ("Good morning.", "en-gb", "en-gb"),
        ("こんにちは、世界。", "en-us", "ja"),
        ("你好，世界。", "en-us", "zh"),
        ("नमस्ते दुनिया।", "en-us", "hi"),
        ("東京都", "ja", "ja"),
        ("Good morning.", "ja", "en-us"),
        ("OKです。", "ja", "ja"),
        ("¡Buenos días!", "es", "es"),
        ("鼎泰の字號很有名，我們昨天去吃了。", "zh", "zh"),
        ("さようなら", "zh", "ja"),
        ("1234", "ja", "ja"),
        ("Tokyo is called 東京.", "en-us", "en-us"),
    ],
)
def test_a_sentence_in_another_script_is_read_in_its_language(text, tag, spoken):
    assert of_sentence(text, tag, CODES).tag == spoken


def test_languages_that_a_model_does_not_speak_are_not_chosen():
    assert of_sentence("こんにちは", "zh", CHINESE_CODES).tag == "zh"
