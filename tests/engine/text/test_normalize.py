"""Numbers and symbols become words, in Chinese, in English and in texts of both."""

import random
import time

import pytest

from engine.text.normalize import normalize
from engine.text.normalize_en import normalize_en
from engine.text.normalize_zh import normalize_zh

ENGLISH = {
    "I have 3 apples": "I have three apples",
    "$19.99": "nineteen dollars and ninety nine cents",
    "$100,000.50": "one hundred thousand dollars and fifty cents",
    "$1.5 million": "one point five million dollars",
    "£1": "one pound",
    "1,234.56": "one thousand two hundred and thirty four point five six",
    "It's 3:30 p.m.": "It's three thirty PM",
    "May 28, 2024": "May twenty eight, twenty twenty four",
    "2024-05-28": "the twenty eighth of may twenty twenty four",
    "the 1990s": "the nineteen nineties",
    "50%": "fifty percent",
    "1/3 of it": "one third of it",
    "-5°C": "minus five degrees Celsius",
    "120 km/h": "one hundred and twenty kilometers per hour",
    "100 m/s": "one hundred meters per second",
    "call 555-1234": "call five five five, one two three four",
    "see http://example.com/a?b=1.": "see example dot com slash a question mark b equals one.",
    "foo.bar@example.com": "foo dot bar at example dot com",
    "E=mc^2": "E equals mc squared",
    "10-5=5": "ten minus five equals five",
    "GPT-4": "GPT four",
    "C# and C++": "C sharp and C plus plus",
    "192.168.1.1": "one hundred and ninety two dot one hundred and sixty eight dot one dot one",
    "Don't stop, I'll go": "Do not stop, I will go",
    "12 < 15": "twelve less than fifteen",
    '"3 apples"': '"three apples"',
    "Hello world!": "Hello world!",
}
CHINESE = {
    "2024年5月28日": "二零二四年五月二十八日",
    "$19.99": "十九点九九美元",
    "50%": "百分之五十",
    "12:30": "十二点三十分",
    "1/3": "三分之一",
    "-5℃": "负五摄氏度",
    "010-12345678": "零一零一二三四五六七八",
    "电话13812345678": "电话幺三八幺二三四五六七八",
    "第3名": "第三名",
    "第3-5章": "第三到五章",
    "1,234,567": "一百二十三万四千五百六十七",
    "GPT-4发布": "GPT 四发布",
    "2^3=8": "二的立方等于八",
    "x²+y²=z²": "x的平方加y的平方等于z的平方",
    "速度120km/h": "速度一百二十千米每小时",
    "100GB": "一百G",
    "200m²": "两百平方米",
    "用C#写": "用C sharp 写",
    "写信到foo.bar@example.com。": "写信到foo点bar艾特example点com。",
    "见https://example.com/2": "见example点com斜杠二",
    "你好 世界 ": "你好 世界 ",
}
MIXED = {
    "他说 I have 3 apples 然后走了5步": "他说 I have three apples 然后走了五步",
    "iPhone 15 Pro 很贵": "iPhone 十五 Pro 很贵",
    "Chapter 3. 第3章。": "Chapter three. 第三章。",
    "hello 你 world 3": "hello 你 world three",
}


@pytest.mark.parametrize("text", ENGLISH)
def test_english_is_written_as_it_is_said(text):
    assert normalize_en(text) == ENGLISH[text]


@pytest.mark.parametrize("text", CHINESE)
def test_chinese_is_written_as_it_is_said(text):
    assert normalize_zh(text) == CHINESE[text]


@pytest.mark.parametrize("text", MIXED)
def test_every_sentence_is_read_in_its_own_language(text):
    assert normalize(text) == MIXED[text]


def test_a_bare_number_is_read_in_the_language_that_is_asked_for():
    assert normalize("2024", "zh-CN") == "两千零二十四"
    assert normalize("2024") == "twenty twenty four"


@pytest.mark.parametrize("text", ["", " ", "\n", " 3 ", "\t你好 3\n"])
def test_white_space_around_a_text_stays(text):
    said = normalize(text)
    stripped, core = text.strip(), said.strip()
    assert said == text[: len(text) - len(text.lstrip())] + core + text[len(text.rstrip()) :] or not stripped


def test_no_digit_is_left_in_any_text():
    rng = random.Random(0)
    pieces = [
        *"0123456789",
        ".",
        ",",
        "-",
        "/",
        ":",
        "%",
        "$",
        "#",
        "[",
        '"',
        "\\",
        "个",
        "年",
        " a ",
        "kg",
        "°C",
        "+",
        "^",
        "\n",
    ]
    for _ in range(150):
        text = "".join(rng.choices(pieces, k=rng.randrange(1, 12)))
        assert not any(character in "0123456789" for character in normalize(text)), text


def test_time_grows_with_the_length_and_not_with_its_square():
    for text in ("a-", "1,"):
        took = []
        for repeats in (50, 200):
            began = time.perf_counter()
            normalize(text * repeats)
            took.append(time.perf_counter() - began)
        # Four times the text; sixteen times the time would be the square.
        assert took[1] < 10 * took[0]


@pytest.mark.parametrize("text", ["a-", "%", "a.", "1,", "$", "a@", "1-", "9", "个1", "a%", "(1"])
def test_hostile_texts_come_through(text):
    assert not set(normalize(text * 100)) & set("0123456789")
