"""Whatever a Chinese or mixed text holds is said or reported: thousands of generated lines, the same in each run."""

import random
import re

import pytest

from engine.systems.chattts.text import in_words, pieces, prepare
from engine.systems.vallex import text as vallex
from engine.systems.vallex.reading import read_chinese
from engine.text.normalize import normalize
from engine.text.sanitize import sanitize
from engine.text.stretches import runs, stretches

_HAN = re.compile("[\u4e00-\u9fff]")
_DIGITS = re.compile("[0-9]+")
_WORDS = re.findall(
    r"\S+",
    "今天 我们 价格 大约 他说 电话 密码 比分 第 每周 农历 公元前 北京 学生 增长了 房间 共 约 从 至 的 是 在 和 成立于 "
    "下午 双 身高 图 正月",
)
_COUNTS = re.findall(
    r"\S+",
    "个 年 月 日 号 点 分 元 万 亿 人 次 天 岁 楼 室 % ‰ ℃ kg km/h mmHg m² MB 米 折 层 路 班 届 后 块 万元 小时 分钟 "
    "年代 块钱 w K +",
)
_ENGLISH = ("hello", "world", "meeting", "Python", "the", "and", "with", "phone", "ChatGPT")
_SIGNS = (*"，。！？；：、,.!?;:…—-–~～/+×÷=<>≤≥±#@&*%$€¥()（）[]《》“”'\"_|^°·•→★√", "——", "...", " ", "  ", "\n")
_FOREIGN = "カか한Жعאไδ😀"
_NUMBERS = (
    lambda rng: str(rng.randrange(1, 100)),
    lambda rng: str(rng.randrange(1, 10**7)),
    lambda rng: f"{rng.randrange(1, 1000)}.{rng.randrange(1, 100)}",
    lambda rng: f"{rng.randrange(1, 999)},{rng.randrange(1, 1000):03}",
    lambda rng: f"{rng.randrange(1900, 2100)}-{rng.randrange(1, 13):02}-{rng.randrange(1, 29):02}",
    lambda rng: f"{rng.randrange(1, 24)}:{rng.randrange(1, 60):02}",
    lambda rng: f"{rng.randrange(1, 50)}-{rng.randrange(1, 90)}",
    lambda rng: f"{rng.randrange(1, 20)}/{rng.randrange(1, 20)}",
    lambda rng: f"0{rng.randrange(1, 10**9)}",
    lambda rng: f"1{rng.randrange(3, 10)}{rng.randrange(1, 10**9):09}",
    lambda rng: f"{rng.randrange(1, 20)}.{rng.randrange(1, 20)}.{rng.randrange(1, 20)}",
    lambda rng: f"-{rng.randrange(1, 40)}",
    lambda rng: f"{rng.choice('ABGTVaiv')}{rng.randrange(1, 9999)}",
    lambda rng: "".join(rng.choices("123456789", k=rng.randrange(12, 40))),
)


def _line(rng, *, foreign=False):
    parts = []
    for _ in range(rng.randrange(2, 9)):
        kind = rng.random()
        if kind < 0.35:
            parts.append(rng.choice(_WORDS))
        elif kind < 0.65:
            parts.append(rng.choice(_NUMBERS)(rng) + rng.choice(("", "", rng.choice(_COUNTS))))
        elif kind < 0.75:
            parts.append(f" {rng.choice(_ENGLISH)} ")
        elif kind < 0.8 and foreign:
            parts.append(rng.choice(_FOREIGN))
        else:
            parts.append(rng.choice(_SIGNS))
    return "好" + "".join(parts)


def _said(text):
    found = [prepare(piece.text, language=piece.language) for piece in pieces(in_words(text, "zh"), "zh")]
    return " ".join(part.text for part in found), [sign for part in found for sign in part.left_out]


def _is_within(wanted, said):
    """Whether the characters of ``wanted`` stand in ``said`` as often as they are wanted."""
    return all(said.count(character) >= wanted.count(character) for character in set(wanted))


@pytest.mark.parametrize("seed", range(20))
def test_no_character_is_lost_and_no_digit_is_left(seed):
    rng = random.Random(seed)
    for _ in range(150):
        line = sanitize(_line(rng))[0]
        for said in (normalize(line, "zh"), _said(line)[0]):
            assert _is_within("".join(_HAN.findall(line)), said), (line, said)
            assert not _DIGITS.search(said), (line, said)


@pytest.mark.parametrize("seed", range(20))
def test_every_group_of_digits_is_said(seed):
    rng = random.Random(100 + seed)
    for _ in range(50):
        line = sanitize(_line(rng))[0]
        said = _said(line)[0]
        for group in _DIGITS.finditer(line):
            # With another number in its place, something else is said.
            other = "".join("7" if digit != "7" else "6" for digit in group[0])
            changed = line[: group.start()] + other + line[group.end() :]
            assert _said(changed)[0] != said, (line, group[0], said)


@pytest.mark.parametrize("seed", range(20))
def test_words_of_english_stay_and_what_cannot_be_said_is_reported(seed):
    rng = random.Random(200 + seed)
    for _ in range(100):
        line = sanitize(_line(rng, foreign=True))[0]
        said, left_out = _said(line)
        assert _is_within("".join(_HAN.findall(line)), said), (line, said)
        for word in _ENGLISH:
            assert len(re.findall(rf"(?<![A-Za-z]){word}(?![A-Za-z])", line)) <= said.count(word), (line, said)
        for character in _FOREIGN.replace("δ", ""):
            assert (character in line) <= (character in left_out), (line, character)
        assert ("δ" in line) <= ("德尔塔" in said or "delta" in said), (line, said)


@pytest.mark.parametrize("digits", ["१", "٣", "߀", "９", "1", "๓", "𝟗"])
def test_digits_of_every_script_are_said_and_never_too_many(digits):
    for text in (
        f"1,000.{digits}",
        f"共{digits}个",
        f"1,000.{digits * 5000}个",
        f"{digits * 5000}/{digits * 5000}年",
        f"${digits * 5000}元",
    ):
        said = normalize(text, "zh")
        assert said
        assert not any(character.isdigit() for character in said)


@pytest.mark.parametrize("seed", range(5))
def test_vall_e_x_reads_every_character_in_some_language(seed):
    rng = random.Random(seed)
    front_end = vallex.FrontEnd()
    for _ in range(100):
        line = sanitize(_line(rng))[0]
        assert "".join(stretch.text for stretch in stretches(line, "zh")) == line
        segments = front_end.segments(line, "zh")
        said = "".join(segment.text for segment in segments)
        assert _is_within("".join(_HAN.findall(line)), said), (line, said)
        assert not _DIGITS.search(said), (line, said)
        for read, segment in zip(front_end.prepared(segments), segments, strict=True):
            assert "".join(run for _, run in runs(segment.text, segment.language)) == segment.text
            assert not any(_HAN.match(sign) or sign.isascii() for sign in read.left_out), (line, read)


def test_vall_e_x_reads_every_character_in_daily_use():
    common = [bytes([row, cell]).decode("gb2312") for row in range(0xB0, 0xD7) for cell in range(0xA1, 0xFF)]
    assert len(common) > 3600
    for character in common:
        read = read_chinese(character)
        assert read.ipa, character
        assert not read.left_out, character
