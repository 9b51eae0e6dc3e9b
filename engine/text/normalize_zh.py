"""Chinese as it is said: numbers, dates, times, money, units, addresses and formulas become words.

The rules are in `engine.text.zh`. Each leaves characters where it found digits, so the order tells what takes what:
names by their digits before dates, dates before ranges, ranges before money and units, and bare amounts last. Every
rule looks at a bounded stretch, so that time is linear in the text.
"""

import re
import unicodedata

from engine.text.addresses import ADDRESS, spell_address
from engine.text.spelling import like
from engine.text.zh import calendar, codes, formulas, quantities
from engine.text.zh.numbers import DIGITS
from engine.text.zh.tables import ADDRESS_SIGNS, LEFT, SIGNS

_ADDRESS_NAMES = str.maketrans(LEFT | SIGNS)
_HALF = {full: chr(full - 0xFEE0) for full in range(0xFF01, 0xFF5F) if chr(full) not in "！（），．：；？［］｛｝"}
_ALIKE = {
    **dict.fromkeys(map(ord, "−‐‑‒﹣"), "-"), **dict.fromkeys(map(ord, "〜∼∽"), "~"), ord("⁄"): "/", ord("∕"): "/",
    ord("∶"): ":", ord("％"): "%", ord("﹪"): "%", ord("º"): "°", ord("˚"): "°", ord("µ"): "μ", ord("〇"): "零",
    ord("㎡"): "m²", ord("㎥"): "m³", ord("㎏"): "kg", ord("㎝"): "cm", ord("㎜"): "mm", ord("㎞"): "km",
    ord("㎎"): "mg", ord("㏄"): "cc", ord("℃"): "°C", ord("℉"): "°F", ord("Ω"): "Ω",
    ord("￥"): "¥", ord("￡"): "£", ord("￦"): "₩",
}  # fmt: skip
# Characters and marks alone, which most sentences are.
_PLAIN = re.compile(r"[\u4e00-\u9fff，。！？；：、,.!?;“”‘’（）《》…\s]*+")
_CIRCLE = re.compile("(?<=[一二三四五六七八九零十])[○◯](?=[一二三四五六七八九零十年])")
_COLON = re.compile(r"(?<=[0-9])：(?=[0-9])")
_COMPOSED = re.compile(r"(?<=10) ?−([0-9]{1,4})(?![0-9.])|(?:(?<=×10)|(?<=× 10)) ([0-9]{1,3})(?![0-9.])")
_CIRCLED = {ord("①") + number: f" {number + 1} " for number in range(20)}
_RAISED = re.compile(r"(?<=[A-Za-z0-9)])([⁻]?)([⁰¹²³⁴-⁹]{1,24})(?![⁰¹²³⁴-⁹⁻])")
_RAISED_DIGITS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹", "0123456789")


def normalize_zh(text: str) -> str:
    """``text`` with everything that is not characters, letters or marks in Chinese words, as far as it has any.

    Words of other languages stay as they are; the numbers among them are said in Chinese, too.
    """
    if _PLAIN.fullmatch(text):
        return text
    said = formulas.undecorated(_alike(text))
    said = ADDRESS.sub(lambda match: spell_address(match[0], {**ADDRESS_SIGNS, **DIGITS}), said)
    said = formulas.calm(formulas.say_romans(said))
    said = quantities.say_scores(calendar.say_dates(codes.say_names(said)))
    said = calendar.say_times(said)
    said = codes.say_codes(quantities.group(said))
    formula = formulas.is_formula(said)
    said = quantities.say_ranges(formulas.say_powers(said), formula=formula)
    said = quantities.say_fractions(quantities.say_shares(quantities.say_money(said)), formula=formula)
    said = quantities.say_ratios(quantities.say_units(said))
    said = formulas.say_formulas(said, formula=formula)
    said = formulas.say_joined(codes.say_models(quantities.negative(said)))
    said = quantities.say_amounts(said)
    return like(text, formulas.last_digits(said.translate(_ADDRESS_NAMES)))


def _alike(text: str) -> str:
    """Digits of every script, full-width letters and signs that look the same as the ASCII ones."""
    if text.isascii():
        return text
    # What is left of 10⁻⁶ and of ×10⁶ when a text has been composed.
    text = _COMPOSED.sub(lambda match: f"^-{match[1]}" if match[1] else f"^{match[2]}", text)
    digits = {
        ord(character): str(value)
        for character in set(text)
        if not character.isascii() and (value := unicodedata.decimal(character, None)) is not None
    }
    text = text.translate({**_HALF, **_ALIKE, **_CIRCLED, **digits})
    text = _RAISED.sub(_plain_power, text)
    return _COLON.sub(":", _CIRCLE.sub("零", text))


def _plain_power(match: re.Match[str]) -> str:
    if match[0] in ("²", "³"):
        return match[0]
    return f"^{'-' if match[1] else ''}{match[2].translate(_RAISED_DIGITS)}"
