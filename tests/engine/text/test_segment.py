import random
import time

import pytest

from engine.text.sanitize import is_spoken
from engine.text.segment import PARAGRAPH_PAUSE_S, SENTENCE_PAUSE_S, hurried, split
from tests.timing import in_proportion


def texts(text, language="en", **limits):
    return [segment.text for segment in split(text, language, **limits)]


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        ("The first sentence. The second sentence.", ["The first sentence.", "The second sentence."]),
        ("Is it really late? It certainly is!", ["Is it really late?", "It certainly is!"]),
        ("lower case is fine. it is cut as well.", ["lower case is fine.", "it is cut as well."]),
        ("Mr. Smith met Dr. Jones at St. Mary's.", None),
        ("It costs $3.14 or 3,500 at 10:30 today.", None),
        ("J. R. R. Tolkien wrote it, and C. S. Lewis read it.", None),
        ("We met at 10 a.m. on Jan. 5, i.e. on a Monday.", None),
        ("He lives in the U.S. She lives in France.", ["He lives in the U.S.", "She lives in France."]),
        ("Please see fig. 3 and vol. 2 on p. 17.", None),
        ("I said no. Nobody listened to me.", ["I said no. Nobody listened to me."]),
        ("He waited... and then he left.", None),
        ("He waited there… Then he left again.", ["He waited there…", "Then he left again."]),
        ('"Stop that at once!" he cried out.', None),
        ('She said, "I am here." Then she left us.', ['She said, "I am here."', "Then she left us."]),
        ("It rained all day (it did. Really. Much.) and all night.", None),
        ("Visit example.com or version 2.5.1 of it.", None),
        ("1. Open the front door. 2. Close it after you.", ["1. Open the front door.", "2. Close it after you."]),
    ],
)
def test_sentences_end_where_a_reader_ends_them(text, sentences):
    assert texts(text) == (sentences or [text])


@pytest.mark.parametrize(
    "text", ["今天天气不错。我们去公园吧！好的，明天见？", "今天天气不错。我们去公园吧!好的,明天见?"]
)
def test_chinese_sentences_need_no_space(text):
    assert texts(text, "zh") == [text[:7], text[7:14], text[14:]]


def test_pauses_follow_the_end():
    first, second, third = split("The first sentence. The second sentence.\nA new paragraph.", "en")
    assert (first.pause_s, second.pause_s, third.pause_s) == (SENTENCE_PAUSE_S, PARAGRAPH_PAUSE_S, 0.0)


def test_a_long_sentence_is_cut_at_clauses():
    text = ", ".join(f"clause number {n} of this long sentence" for n in range(12)) + "."
    segments = split(text, "en")
    assert len(segments) > 1
    assert all(segment.text.endswith(",") and segment.pause_s == pytest.approx(0.1) for segment in segments[:-1])


def test_a_long_first_sentence_is_cut_early():
    text = "When the sun had set behind the hills, the old man who kept the inn told us the story of the drowned bell."
    assert texts(text)[0] == "When the sun had set behind the hills,"
    assert texts("Short. " * 3 + text)[-1].endswith("the drowned bell.")


@pytest.mark.parametrize(
    ("text", "language", "first"),
    [
        ("The kettle is on, so sit down for a while and tell me all. More.", "en", None),
        (
            "The kettle is on, and the tea is near, so sit down and tell us. More.",
            "en",
            "The kettle is on, and the tea is near,",
        ),
        (
            "When the sun had set in the west, he told us of the drowned bell.",
            "en",
            "When the sun had set in the west,",
        ),
        ("When the sun had set behind all of the hills he told us of the drowned bell.", "en", None),
        ("I like 北京烤鸭 very much, and すし too!", "zh", None),
        ("He told us of the bell that lay in the lake below the old inn, too.", "en", None),
        ("今天早上下了一场很大的雨， 到了中午街道都成了河，没有人能出门。", "zh", "今天早上下了一场很大的雨，"),
    ],
)
def test_a_clause_at_the_beginning_is_spoken_first_where_a_mark_allows_it(text, language, first):
    whole = split(text, language)
    begun = hurried(whole)
    if first is None:
        assert begun == whole
        return
    assert begun[0].text == first
    assert begun[0].pause_s == pytest.approx(0.1)
    assert "".join(each.text for each in begun).replace(" ", "") == "".join(each.text for each in whole).replace(
        " ", ""
    )
    assert begun[1].pause_s == whole[0].pause_s
    assert begun[2:] == whole[1:]


def test_what_is_short_is_not_hurried():
    assert hurried([]) == []
    short = split("When the sun had set, he told us of it.", "en")
    assert hurried(short) == short


def test_without_clauses_words_stay_whole():
    pieces = texts("word " * 200)
    assert set(" ".join(pieces).split()) == {"word"}


def test_a_word_longer_than_the_limit_is_cut_hard():
    assert [len(piece) for piece in texts("x" * 500)] == [80, 200, 200, 20]


def test_very_short_sentences_join_a_neighbour():
    assert texts("Yes. No. Perhaps.") == ["Yes. No. Perhaps."]


def test_marks_alone_are_no_segment():
    assert texts("* * *\nText.\n---\n…") == ["Text."]
    assert texts("...") == []
    assert texts("") == []


def test_limits_are_lower_where_characters_take_longer():
    assert max(map(len, texts("中" * 500, "zh-CN"))) == 80
    assert len(texts("中" * 500, "zh-CN")[0]) == 32


ALPHABET = [
    "a",
    "Mr",
    "word",
    "longerword",
    "J",
    "3",
    "14",
    " ",
    " ",
    " ",
    ". ",
    ", ",
    "; ",
    "? ",
    "! ",
    "...",
    ".",
    "…",
    ",",
]
ALPHABET += ["(", ")", '"', "”", "\n", "—", " - ", "中", "文字", "。", "，", "！", "한국", "$", "%", "'", "x" * 90, "☃"]


@pytest.mark.parametrize("seed", range(300))
def test_any_text_keeps_its_characters_and_the_limits(seed):
    rng = random.Random(seed)
    text = "".join(rng.choices(ALPHABET, k=rng.randrange(1, 200)))
    limit, first = rng.choice([(200, 80), (50, 20), (10, 10), (1, 1), (37, 100)])
    language = rng.choice(["en", "fr"])
    segments = split(text, language, max_chars=limit, first_max_chars=first)
    spoken = [c for c in text if is_spoken(c)]
    assert [c for segment in segments for c in segment.text if is_spoken(c)] == spoken
    assert all(len(segment.text) <= limit for segment in segments)
    assert all(any(map(is_spoken, segment.text)) for segment in segments)
    assert all(segment.text == segment.text.strip() and "\n" not in segment.text for segment in segments)
    assert all(segment.pause_s >= 0 for segment in segments)
    if segments:
        assert len(segments[0].text) <= min(first, limit)
        assert segments[-1].pause_s == 0


@pytest.mark.parametrize(
    "unit", ["a", "Hi there. ", ".", "(", "()", "a, ", "a.", '" ', "a\n", "… ", "中", "中。", " and "]
)
def test_a_million_characters_take_linear_time(unit):
    def seconds(length):
        text = (unit * (length // len(unit) + 1))[:length]
        began = time.process_time()
        split(text, "en")
        return time.process_time() - began

    assert in_proportion(seconds, short=100_000, long=1_000_000, factor=40, floor_s=0.5)


def test_a_text_without_spaces_is_cut_between_scripts_before_inside_a_word():
    text = "请访问" + "网站" * 5 + "www.example.com/a/long/path/to/somewhere.html" + "谢谢" * 10
    cut = [segment.text for segment in split(text, "zh", max_chars=150, first_max_chars=150)]
    assert any("www.example.com/a/long/path/to/somewhere.html" in piece for piece in cut)
    assert "".join(cut) == text
