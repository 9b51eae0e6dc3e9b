"""The time that Chinese text takes grows with its length, whatever it is made of."""

import pytest

from engine.systems.chattts.text import prepare
from engine.systems.kokoro.phonemes import phonemize as kokoro
from engine.systems.valle.compat import extract
from engine.systems.vallex import compat as vallex_published
from engine.systems.vallex.reading import read_chinese
from engine.text.normalize import normalize
from engine.text.normalize_zh import normalize_zh
from engine.text.stretches import stretches
from tests.timing import in_proportion, seconds, within

RUNS = (
    "#", "1", "1,", "1.", "1-", "1/", "1:", "1、", "1 ", "0", "%", "1%", "一", "~", "=", "^", "^2", "*", "+", "-", "−",
    "–", "_", "|", "<", ">", "(", "（1", "[", "[一](", "[笑", "X", "IX", "×", "第", "第2", "2年", "2024年", "2024-",
    "12:30", "电话", "电话1", "密码是", "京A", "周2", "到", "1到", "元/", "$", "$1", "¥1到", "1kg", "1kg/", "k", "A1",
    "v1.",
    "1e1", "0x", "°", "5°", "1'", "'", "٣", "１", "①", "。", "，", "\n", " ", "·", "….", "T_T", "#话", "√", "好/",
    "3~", "负", "2个", "1又1/", "-1", "你", "你1", "1你",
)  # fmt: skip
SHORT, LONG = 3_000, 12_000


def is_linear(read, run, short=SHORT, long=LONG, floor_s=0.01):
    """Four times the text takes about four times the time; sixteen times would be the square."""
    return in_proportion(
        lambda length: seconds(read, run * (length // len(run))), short=short, long=long, floor_s=floor_s
    )


@pytest.mark.parametrize("run", RUNS)
def test_four_times_the_text_takes_about_four_times_the_time(run):
    assert is_linear(normalize_zh, run)


@pytest.mark.parametrize("run", ["1、", "#", "1，", "$", "a", "好a", "1。", "\n1", "１", "(", "a1", "。"])
def test_the_parts_of_both_languages_are_found_in_linear_time(run):
    assert is_linear(lambda text: normalize(text, "zh"), run)


@pytest.mark.parametrize("run", ["[uv", "［笑", "[ 一", "1[", "好[laugh]", "，", "["])
def test_the_preparation_for_chattts_is_linear(run):
    assert is_linear(lambda text: prepare(text, language="zh"), run)


def test_signs_that_might_begin_a_phrase_take_no_time():
    within(0.5, lambda: seconds(lambda text: normalize(text, "zh"), "#" * 20_000))


@pytest.mark.parametrize("run", ["你", "你a", "，", "1,", "龘", "龘你", "不", "一", "儿", "好一"])
@pytest.mark.parametrize("symbol", ["→", "ㄓ"], ids=["v1.0", "v1.1-zh"])
def test_kokoros_ways_to_read_chinese_are_linear(run, symbol):
    def read(text):
        kokoro(text, "z", frozenset(symbol))

    # The dictionaries are opened with the first text.
    read("你好")
    assert is_linear(read, run, 500, 2_000, floor_s=0.3)


@pytest.mark.parametrize("run", ["你", "你a", "，", "。", "の", "[ZH]", "1,", "龘", "。a", "好 "])
def test_vall_es_ways_to_read_chinese_are_linear(run):
    for read in (
        lambda text: stretches(text, "zh"),
        read_chinese,
        lambda text: vallex_published.phonemes(f"[ZH]{text}[ZH]"),
        lambda text: extract(f"好{text}", "pypinyin_initials_finals"),
    ):
        # The dictionaries are opened with the first text.
        read("你好")
        assert is_linear(read, run, 1_000, 4_000, floor_s=0.05)
