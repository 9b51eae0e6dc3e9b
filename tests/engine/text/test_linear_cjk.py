"""The time that Japanese, Korean, Thai, Sanskrit and mixed text takes grows with its length, whatever it is made of."""

import time
from collections.abc import Callable

import pytest

from engine.systems.vits.cleaners import chinese, english, japanese, korean, mixed, sanskrit, thai
from engine.systems.vits.config import TextConfig, symbol_tables
from engine.systems.vits.languages import FrontEnd, readable
from engine.systems.vits.text import SymbolEncoder
from engine.text import marks
from engine.text.devanagari import iast, in_sanskrit
from engine.text.en.dictionary import WORD
from engine.text.ko.ipa import pronounce
from engine.text.ko.published_numbers import in_korean
from engine.text.normalize_ko import normalize_ko
from engine.text.spoken import segments
from engine.text.stretches import runs, stretches
from engine.text.th.numbers import normalize_th
from tests.timing import TRIES

RUNS = (
    "#", "1", "1,", "1.", "1-", "1/", "1:", "1~", "1 ", "0", "%", "1%", "~", "=", "1=", "-", "−", "_", "|", "(", "[",
    "[ZH]", "[JA", "[KO]\n", "x", "1x", "$", "$1", "₩1,", "1kg", "1km/", "A1", "A-1", "°", "5°", "-5도", "'", "'2",
    "1월", "1개", "3시 ", "12:30", "1만", "만1", "제1", "번1", "1번", "010-", "+82-", "01012345678", "1일~", "가~",
    "가", "ㅋ", "가 ", "가1", "1가", "日", "の", "ー", "っ", "日。", "、", "ク", "क", "्", "ः", "।", "๑", "ก", "ํ", "ำ",
    "你", "你a", "안a", "a안", ". ", "!?", "，", "😀", "e\u0301",
)  # fmt: skip
SHORT, LONG = 1_500, 6_000
LANGUAGES = ("zh", "ja", "ko", "en", "sa")
READERS: dict[str, Callable[[str], object]] = {
    "korean": normalize_ko,
    "korean as published": korean.korean_cleaners,
    "korean numbers as published": in_korean,
    "korean ipa": pronounce,
    "thai": lambda text: thai.thai_cleaners(normalize_th(text)),
    "sanskrit": lambda text: (sanskrit.sanskrit_cleaners(in_sanskrit(text)), sanskrit.devanagari_to_ipa(iast(text))),
    "english sounds": lambda text: english.lazy(text) + english.with_few_vowels(text),
    "marks": lambda text: marks.simple(text, WORD),
    "readable": lambda text: [readable(text, language) for language in ("en", "zh", "ko", "sa", "th")],
    "languages": lambda text: list(runs(stretches(f"a{text}", "ja", LANGUAGES)[0].text, "ko", LANGUAGES)),
    "in words": lambda text: segments(text, "en", LANGUAGES),
    "tags": lambda text: mixed.Mixed(dict.fromkeys(LANGUAGES, str.upper))(text),
}


def encoded(name: str) -> Callable[[str], object]:
    front = FrontEnd(SymbolEncoder(TextConfig(symbols=symbol_tables()[name], cleaners=(name,), add_blank=True)))
    return lambda text: list(front.encoded(front.segments(f"a{text}", "ko")))


def seconds(read: Callable[[str], object], text: str) -> float:
    began = time.process_time()
    read(text)
    return time.process_time() - began


def too_slow(
    read: Callable[[str], object], run: str, short: int, long: int, floor: float
) -> tuple[float, float] | None:
    """Four times the text; sixteen times the time would be its square. Below the floor the clock tells nothing."""
    for _ in range(TRIES):
        took = tuple(seconds(read, (run * length)[:length]) for length in (short, long))
        if took[1] <= 8 * took[0] + floor:
            return None
    return took


@pytest.mark.parametrize("name", READERS)
def test_four_times_the_text_takes_about_four_times_the_time(name: str) -> None:
    READERS[name]("warm 1 up, 你. 가")
    assert {run: took for run in RUNS if (took := too_slow(READERS[name], run, SHORT, LONG, 0.1))} == {}


@pytest.mark.parametrize("name", ["korean_cleaners", "cjke_cleaners2", "chinese_cleaners", "thai_cleaners"])
def test_front_ends_take_linear_time(name: str) -> None:
    read = encoded(name)
    read("warm 1 up, 你. 가")
    some = ("1", "가1 ", "你", "a", ". ", "😀", "(", "1,", "안a", "3개 ")
    assert {run: took for run in some if (took := too_slow(read, run, 500, 2_000, 0.3))} == {}


@pytest.mark.parametrize("run", ["日", "の", "1", "a", "日。", "ー", "%", "東京へ"])
def test_japanese_takes_linear_time(run: str) -> None:
    japanese.japanese_cleaners("東京")
    read = encoded("japanese_cleaners2")
    for each in (japanese.japanese_cleaners2, japanese.japanese_triphone_cleaners, japanese.japanese_to_ipa3, read):
        assert not too_slow(each, run, 500, 2_000, 0.3)


@pytest.mark.parametrize("run", ["你", "你a", "12 ", "，", "好。"])
def test_chinese_takes_linear_time(run: str) -> None:
    chinese.chinese_cleaners("你好")
    for read in (chinese.chinese_cleaners, chinese.chinese_to_lazy_ipa, chinese.chinese_to_ipa2):
        assert not too_slow(read, run, SHORT, LONG, 0.2)


def test_a_korean_text_of_full_length_is_in_words_in_seconds() -> None:
    for run in ("9", "3개 ", "1,", "₩1", "1~", "가", "010-"):
        assert seconds(normalize_ko, (run * 100_000)[:100_000]) < 5, run
