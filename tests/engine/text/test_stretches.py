"""Which language a part of a text is in."""

import pytest

from engine.text.stretches import runs, stretches


def found(text: str, language: str = "") -> list[tuple[str, str]]:
    return [(each.language, each.text) for each in stretches(text, language)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Hello there.", "en"),
        ("你好，世界。", "zh"),
        ("こんにちは。", "ja"),
        ("ABC公司的CEO很忙。", "zh"),
        ("東京へ行く。", "ja"),
        ("佐々木の店，开门了吗这是中文。", "zh"),
        ("I like 北京 and すし very much.", "en"),
        ("123", "en"),
        ("", None),
    ],
)
def test_a_sentence_is_in_the_language_of_its_letters(text: str, expected: str | None) -> None:
    assert found(text) == ([(expected, text)] if expected else [])


def test_every_sentence_has_its_own() -> None:
    assert found("你好。こんにちは。Hello there. 123!") == [
        ("zh", "你好。"), ("ja", "こんにちは。"), ("en", "Hello there. 123!"),
    ]  # fmt: skip


def test_chinese_characters_alone_are_of_the_language_of_the_text_or_the_one_named() -> None:
    assert found("東京。", "ja") == [("ja", "東京。")]
    assert found("東京。", "zh") == [("zh", "東京。")]
    assert found("今日は晴れです。東京。") == [("ja", "今日は晴れです。東京。")]
    # These characters are not written in Japan.
    assert found("今日は晴れです。这们。") == [("ja", "今日は晴れです。"), ("zh", "这们。")]
    assert found("5", "ja") == [("ja", "5")]
    assert found("5", "zh") == [("zh", "5")]


def test_tags_tell_and_are_gone() -> None:
    assert found("[JA]東京[JA]と[ZH]北京[ZH]") == [("ja", "東京と"), ("zh", "北京")]
    assert found("[ZH]中文[EN]nested[EN]中文[ZH]") == [("zh", "中文"), ("en", "nested"), ("zh", "中文")]
    assert found("[ZH]5[ZH][EN]5") == [("zh", "5"), ("en", "5")]
    assert found("[KR]x[KR]") == [("en", "[KR]x[KR]")]


def test_it_is_known_where_a_line_begins() -> None:
    assert [each.begins_line for each in stretches("Hello.\n你好。こんにちは。")] == [True, True, False]


def test_runs_of_letters_have_the_marks_behind_them() -> None:
    assert list(runs("“Hi”, 你好！Bye.", "zh")) == [("en", "“Hi”, "), ("zh", "你好！"), ("en", "Bye.")]
    assert list(runs("123", "ja")) == [("ja", "123")]


def test_capitals_in_a_japanese_sentence_are_japanese_and_words_are_not() -> None:
    assert list(runs("NHKのHello world", "ja")) == [("ja", "NHKの"), ("en", "Hello world")]
    assert list(runs("NHK的", "zh")) == [("en", "NHK"), ("zh", "的")]
    assert list(runs("すし寿司", "zh")) == [("ja", "すし"), ("zh", "寿司")]
    # What Japan has no character for is Chinese.
    assert list(runs("北京と烤鸭", "ja")) == [("ja", "北京と"), ("zh", "烤鸭")]
