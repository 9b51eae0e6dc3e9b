"""Matching: whole words, case, the longest first; nothing else of a text changes, and the time is linear."""

import random

import pytest

from engine.errors import OptionError, TextError
from engine.request import LexiconEntry
from engine.text.lexicon import Table, checked, found, respelled
from tests.timing import quadratic


def table(**entries: str) -> Table:
    return Table(checked(LexiconEntry(word=word, respelling=said)) for word, said in entries.items())


def said(text: str, entries: dict[str, str], **more) -> str:
    return respelled(text, [table(**entries)], max_chars=100_000, **more)[0]


@pytest.mark.parametrize(
    ("entries", "text", "read"),
    [
        ({"cat": "dog"}, "A cat, concatenate; Cat's CAT don't-cat.", "A dog, concatenate; dog's dog don't-dog."),
        ({"don": "dawn"}, "Don, don't Don’t DON'S", "dawn, don't Don’t dawn'S"),
        ({"s": "ess"}, "its it's s.", "its it'ess ess."),
        ({"Polish": "Poe lish", "polish": "pollish"}, "Polish polish POLISH", "Poe lish pollish pollish"),
        ({"US": "United States"}, "us US Us", "us United States Us"),
        ({"New York": "NY", "New York Times": "NYT"}, "New  York\nTimes, New York", "NYT, NY"),
        ({"York Times": "YT", "New York": "NY"}, "New York Times", "NY Times"),
        ({"a": "b", "b": "a"}, "a b", "b a"),
        ({"com": "komm", "5": "five"}, "example.com 3.5 5 com 1,5 5.", "example.com 3.5 five komm 1,5 five."),
        ({"U.S.": "you ess"}, "the U.S. is", "the you ess is"),
        ({"C++": "see plus plus"}, "C++ and C+", "see plus plus and C+"),
        ({"行长": "航掌", "行": "形"}, "银行行长", "银形航掌"),
        ({"GPU": "吉皮优"}, "我的GPU很快，GPUs", "我的吉皮优很快，GPUs"),
        ({"สวัสดี": "หวัดดี"}, "สวัสดีครับ", "หวัดดีครับ"),
        ({"किताब": "पुस्तक"}, "किताब किताबें", "पुस्तक किताबें"),
        ({"o'clock": "of the clock"}, "five o’clock", "five of the clock"),
        ({"É": "eh"}, "E\u0301 é", "E\u0301 é"),
        ({"straße": "strasse"}, "STRASSE Straße", "strasse strasse"),
    ],
)
def test_words(entries: dict[str, str], text: str, read: str) -> None:
    assert said(text, entries) == read


def test_tokens_of_a_system_are_no_words() -> None:
    entries = {"laugh": "ha ha", "en": "N"}
    text = "[laugh] laugh [EN]en[EN] (laugh)"
    assert said(text, entries, tokens=("[laugh]", "[EN]…[EN]")) == "[laugh] ha ha [EN]N[EN] (ha ha)"
    assert said("[laugh]", entries) == "[ha ha]"


def test_the_first_table_wins_but_for_longer_words() -> None:
    tables = [table(read="red"), table(read="reed", **{"read me": "reed me", "Read": "Rhead"})]
    assert respelled("Read, read me", tables, max_chars=100)[0] == "red, reed me"


def test_all_that_is_no_word_of_the_lexicon_stays_in_its_characters() -> None:
    draw = random.Random(7)
    pieces = [
        "cat",
        "Cat",
        "s",
        "'",
        "’",
        " ",
        "\n",
        "\t ",
        ".",
        "@",
        "5",
        ",",
        ":",
        "猫",
        "の",
        "é",
        "e\u0301",
        "[x]",
        "☃",
    ]
    pieces += ["ำ", "क", "ि", "_", "-", "😀", "\u0301"]
    entries = table(cat="1", **{"cat s": "2", "猫": "3", "5": "4", "cat猫": "5"})
    for _ in range(3000):
        text = "".join(draw.choices(pieces, k=draw.randrange(1, 12)))
        matches = list(found(text, [entries]))
        at, rebuilt = 0, ""
        for start, end, entry in matches:
            assert at <= start < end
            assert "".join(text[start:end].lower().split()) == "".join(entry.word.split())
            rebuilt += text[at:start] + entry.respelling
            at = end
        assert respelled(text, [entries], max_chars=1000)[0] == rebuilt + text[at:]
        assert respelled(text, [table(nothing="x")], max_chars=1000) == (text, [])


def test_time_is_linear_with_entries_that_nearly_match() -> None:
    words = {" ".join("A" * count): "b" for count in range(1, 50)}
    words |= {"a" * count: "b" for count in range(1, 60)} | {"猫" * count: "b" for count in range(1, 90)}
    tables = [table(**words)]
    runs = [
        "a ",
        "A ",
        "a",
        "猫",
        "a'",
        "a.",
        "1,",
        "a's ",
        " ",
        "\u0301",
        "[",
        "'s",
        "s\u0301",
        "'s\u0301",
        "ำ",
        "a猫",
    ]
    runs.append("a\n   ")
    assert quadratic(lambda text: respelled(text, tables, max_chars=10**7), runs, short=3000, long=12_000) == []
    tokens = ("[laugh]", "[EN]…[EN]")
    assert quadratic(lambda text: respelled(text, tables, max_chars=10**7, tokens=tokens), ["[EN]", "[", "[laug"]) == []


def test_a_text_must_not_grow_too_long() -> None:
    grown = {"a": "b" * 300}
    assert len(said("a " * 300, grown)) == 300 * 301
    with pytest.raises(TextError, match=r"has 120,400 characters; at most 100,000"):
        said("a " * 400, grown)


@pytest.mark.parametrize(
    ("word", "respelling", "pinyin", "words"),
    [
        ("", "a", "", "1 to 100 characters"),
        ("...", "a", "", "1 to 100 characters"),
        ("a" * 101, "a", "", "1 to 100 characters"),
        ("a" * 10**6, "a", "", "1 to 100 characters"),
        ("a", "", "", "the respelling of 'a' must have"),
        ("a", "b" * 301, "", "the respelling of 'a' must have"),
        ("a", " \u202e ", "", "the respelling of 'a' must have"),
        ("长", "", "zhang", "no syllable of pinyin"),
    ],
)
def test_what_is_no_entry(word: str, respelling: str, pinyin: str, words: str) -> None:
    with pytest.raises(OptionError, match=words):
        checked(LexiconEntry(word=word, respelling=respelling, pinyin=pinyin))


def test_an_entry_is_as_a_text_has_it() -> None:
    entry = checked(LexiconEntry(word=" Ｇ\u202eif \n x", respelling="e\u0301 \t a"))
    assert entry == LexiconEntry(word="Gif x", respelling="é a")
    assert checked(LexiconEntry(word="长得", pinyin=" zhang3  de5 ")) == LexiconEntry(
        word="长得", respelling="掌的", pinyin="zhang3 de5"
    )
