"""Numbers and symbols become words, in Chinese, in English and in texts of both."""

import random
import timeit
from time import process_time

import pytest

from engine.text.addresses import has_addresses
from engine.text.en import abbreviations, calendar, formulas, numerals
from engine.text.normalize import normalize
from engine.text.normalize_en import normalize_en, say_addresses
from engine.text.normalize_zh import normalize_zh
from tests.engine.text.spoken import english_cases, own_cases

ENGLISH = {
    "I have 3 apples": "I have three apples",
    "$19.99": "nineteen dollars and ninety nine cents",
    "$100,000.50": "one hundred thousand dollars and fifty cents",
    "$1.5 million": "one point five million dollars",
    "£1": "one pound",
    "1,234.56": "one thousand two hundred thirty four point five six",
    "It's 3:30 p.m.": "It's three thirty PM.",
    "May 28, 2024": "May twenty eighth, twenty twenty four",
    "2024-05-28": "May twenty eighth, twenty twenty four",
    "the 1990s": "the nineteen nineties",
    "50%": "fifty percent",
    "1/3 of it": "one third of it",
    "-5°C": "minus five degrees Celsius",
    "120 km/h": "one hundred twenty kilometers per hour",
    "100 m/s": "one hundred meters per second",
    "call 555-1234": "call five five five, one two three four",
    "see http://example.com/a?b=1.": "see example dot com slash a question mark b equals one.",
    "foo.bar@example.com": "foo dot bar at example dot com",
    "E=mc^2": "E equals m c squared",
    "10-5=5": "ten minus five equals five",
    "GPT-4": "GPT four",
    "C# and C++": "C sharp and C plus plus",
    "192.168.1.1": "one hundred ninety two dot one hundred sixty eight dot one dot one",
    "Don't stop, I'll go": "Do not stop, I will go",
    "12 < 15": "twelve less than fifteen",
    '"3 apples"': '"three apples"',
    "Hello world!": "Hello world!",
    "9:05 a.m., Room #12B": "nine oh five AM, Room number twelve B",
    "f = 3x^2 + 2x - 1": "f equals three x squared plus two x minus one",
    "24/7, 9/11 and 2/5": "twenty four seven, nine eleven and two fifths",
    "1.2E+10 and 3e-5": "one point two times ten to the power of ten and three times ten to the power of minus five",
    "10%~20%, $5-10": "ten percent to twenty percent, five to ten dollars",
    "a/b, NO. 5": "a b, number five",
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
    "原价￥1,299.00": "原价一千二百九十九元",
    "3–5个": "三到五个",
    "身份证号110101199003071234": "身份证号一一零一零一一九九零零三零七一二三四",
    "书号978-7-111-12345-6": "书号九七八七一一一一二三四五六",
    "返回x+1": "返回x加一",
    "约6.02e23个": "约六点零二乘以十的二十三次方个",
    "喝100mL水": "喝一百毫升水",
}
MIXED = {
    "他说 I have 3 apples 然后走了5步": "他说 I have three apples 然后走了五步",
    "iPhone 15 Pro 很贵": "iPhone 十五 Pro 很贵",
    "Chapter 3. 第3章。": "Chapter three. 第三章。",
    "hello 你 world 3": "hello 你 world three",
    "第3章,20kg、5km²、100GB": "第三章,二十千克、五平方千米、一百G",
    "3⁄4的人,5 ²=25": "四分之三的人,五的平方等于二十五",
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


IN_CHINESE = {
    "iPhone 16 Pro Max卖$1,199起，支持5G。": "iPhone 十六 Pro Max卖一千一百九十九美元起，支持五G。",
    "用Python 3写return x+1": "用Python 三写return x加一",
    "他说 I have 3 apples,3个": "他说 I have three apples,三个",
    "见https://a.com/x?y=2,共2个": "见a点com斜杠x问号y等于二,共两个",
    "20kg、Chapter 3.": "二十千克、Chapter three.",
}


@pytest.mark.parametrize("text", IN_CHINESE)
def test_a_sentence_of_both_is_chinese_where_that_is_asked_for(text):
    assert normalize(text, "zh") == IN_CHINESE[text]


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
        short, long = (
            min(timeit.repeat(lambda longer=text * repeats: normalize(longer), number=1, repeat=5, timer=process_time))
            for repeats in (800, 3200)
        )
        # Four times the text; sixteen times the time would be the square.
        assert long < 10 * short


@pytest.mark.parametrize("text", ["a-", "%", "a.", "1,", "$", "a@", "1-", "9", "个1", "a%", "(1"])
def test_hostile_texts_come_through(text):
    assert not set(normalize(text * 100)) & set("0123456789")


LOOKS = {
    "addresses": (has_addresses, say_addresses),
    "abbreviations": (abbreviations.has_abbreviations, abbreviations.say_abbreviations),
    "numerals": (numerals.has_numerals, numerals.say_numerals),
    "dates": (calendar.has_dates, calendar.say_dates),
    "formulas": (formulas.has_formulas, formulas.say_formulas),
}


@pytest.fixture(scope="module")
def lines() -> list[str]:
    """What people write, and the words that the rules know in any order, with any mark between them."""
    written = [case["input"] for case in (*english_cases(), *own_cases())]
    known = [
        *(*abbreviations._TITLES, *abbreviations._STREETS, *abbreviations._PLAIN, *abbreviations._NUMBERED),
        *(*calendar.MONTHS, *calendar._DAYS, *calendar._SHORT_DAYS, *calendar._SHORT_MONTHS.values(), "AD", "BCE"),
        *("I", "II", "iv", "X", "IVth", "(i)", "WWII", "WW", "part", "Henry", "King", "page", "century", "Act"),
        *("the", "of", "and", "to", "was", "1", "2nd", "5", "x", "c"),
    ]
    known += [form for word in known for form in (word.capitalize(), word.upper(), f"{word}.")]
    words = known + [word for line in written for word in line.split()]
    marks = (" ", " ", " ", "-", "–", " - ", ".", ". ", ", ", "&", "/", "(", ")", "'s", ":", "!", "\n")
    draw = random.Random(11)
    made = ["".join(draw.choice(words) + draw.choice(marks) for _ in range(draw.randint(1, 6))) for _ in range(4000)]
    plain = [word for word in known if word.isalpha()]
    made += ["".join(draw.choice(plain) + draw.choice(" -–") for _ in range(draw.randint(1, 5))) for _ in range(4000)]
    return written + made


@pytest.mark.parametrize("kind", LOOKS)
def test_a_quick_look_misses_nothing_that_a_rule_finds(kind: str, lines: list[str]) -> None:
    has, say = LOOKS[kind]
    passed_over = [line for line in lines if not has(line)]
    assert len(passed_over) > 50
    assert [line for line in passed_over if say(line) != line] == []


@pytest.mark.parametrize("kind", LOOKS)
def test_a_quick_look_passes_over_prose(kind: str) -> None:
    has, _ = LOOKS[kind]
    assert not has(
        "The first light fell on the quiet harbour, and I'm told that nobody - not one - was there. I did go!"
    )
