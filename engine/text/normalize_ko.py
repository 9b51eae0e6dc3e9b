"""Korean as it is said: numbers, dates, times, money, units, counters, telephones and signs become words.

Each rule leaves words where it found digits, so the order tells what takes what: addresses and telephones first, dates
and times before ranges, money and units before counters, bare amounts last. Latin letters stay. Every rule looks at a
bounded stretch, or at a run of digits once, so that time is linear in the text.
"""

import re

from engine.text.addresses import ADDRESS, spell_address
from engine.text.ko.jamo import has_final, is_syllable
from engine.text.ko.numbers import DIGITS, cardinal, one_by_one
from engine.text.ko.quantities import (
    NUMBER,
    START,
    hour,
    month,
    say_code,
    say_counted,
    say_money,
    say_myriads,
    say_units,
)
from engine.text.ko.tables import ADDRESS_SIGNS, NATIVE, SIGNS
from engine.text.sanitize import ascii_digits
from engine.text.spelling import like

_ALIKE = {
    **dict.fromkeys(map(ord, "−‐‑‒﹣－"), "-"), **dict.fromkeys(map(ord, "〜∼∽～"), "~"), ord("⁄"): "/", ord("∕"): "/",
    ord("％"): "%", ord("￦"): "₩", ord("￥"): "¥", ord("￡"): "£", ord("º"): "°", ord("µ"): "μ", ord("㎞"): "km",
    ord("㎏"): "kg", ord("㎝"): "cm", ord("㎜"): "mm", ord("㎎"): "mg", ord("ℓ"): "L", ord("㎖"): "ml",
}  # fmt: skip
# Letters alone, which composing makes of those that a keyboard has.
_JAMO = {
    **dict(zip(range(0x1100, 0x1113), "ㄱㄲㄴㄷㄸㄹㅁㅂㅃㅅㅆㅇㅈㅉㅊㅋㅌㅍㅎ", strict=True)),
    **dict(zip(range(0x1161, 0x1176), "ㅏㅐㅑㅒㅓㅔㅕㅖㅗㅘㅙㅚㅛㅜㅝㅞㅟㅠㅡㅢㅣ", strict=True)),
    **dict(zip(range(0x11A8, 0x11C3), "ㄱㄲㄳㄴㄵㄶㄷㄹㄺㄻㄼㄽㄾㄿㅀㅁㅂㅄㅅㅆㅇㅈㅊㅋㅌㅍㅎ", strict=True)),
}
_PLAIN = re.compile(r"[\uac00-\ud7a3.,!?…\s]*+")
_PHONE = re.compile(
    r"(?<![\d-])(?:\+82[ -]?)?0?\d{1,3}(?:-\d{3,4}-\d{4}|\) ?\d{3,4}-\d{4})(?![\d-])|"
    r"(?<![\d-])1[5-9]\d\d-\d{4}(?![\d-])|(?<!\d)01[016789] ?\d{3,4} ?\d{4}(?!\d)"
)
_EMERGENCY = re.compile(r"(?<![\d.])(?:11[1-9]|13[34]\d)(?=\s?(?:에\s|로\s|번\s?으로|신고|구조|구급|상담|콜))")
_THOUSANDS = re.compile(r"(?<![\d,])\d{1,3}(?:,\d{3})+(?![\d,])")
_DATE = re.compile(r"(?<![\d/.-])(\d{4}) ?([/.-]) ?(\d{1,2}) ?\2 ?(\d{1,2})(?![\d/-]|\.\d)\.?")
_SHORT_YEAR = re.compile(r"['’](\d{2})(?=\s?년)")
_TIME = re.compile(r"(?<![\d:])(\d{1,2}):(\d{2})(?::(\d{2}))?(?![\d:])(?:\s?([AaPp])\.?[Mm]\.?(?![A-Za-z]))?")
_TIME_OF_DAY = re.compile(r"(?<![\d:])(\d{1,2})\s?([AaPp])\.?[Mm](?![A-Za-z])")
_RATIO = re.compile(r"(?<![\d:])(\d++) ?: ?(\d++)(?![\d:])")
_MIXED = re.compile(r"(?<![\d/.])(\d{1,4}) (\d{1,4})/(\d{1,4})(?![\d/.])")
_FRACTION = re.compile(r"(?<![\d/.])(\d{1,4})/(\d{1,4})(?![\d/.])")
_RANGE_COUNTED = re.compile(rf"{START}({NUMBER})\s?~\s?(?={NUMBER}\s?({NATIVE}|시간|시|월|번)(?!\w*\d))")
_RANGE = re.compile(r"(\d ?[가-힣A-Za-z%°℃℉²]{0,4}) ?~ ?(?=[₩$€£¥-]?\d)")
_SPAN = re.compile(rf"{START}(\d++)-(\d++)(?=\s?(?:[년월일시분명개살세원%도층쪽회번주권초]|페이지|마리|k?m|cm|k?g))")
_SCORE = re.compile(r"(?<![\d.A-Za-z-])(\d{1,2})-(\d{1,2})(?![\d.-])")
_JOINED = re.compile(r"(?<=\d)-(?=\d)")
_NEGATIVE = re.compile(r"(?<![\w)-])-(?=\d)")
_TIMES_SIGN = re.compile(r"(?<=\d)\s?[x×X*]\s?(?=\d)")
_MINUS = re.compile(r"(?<=\d) - (?=\d)|(?<=\d)-(?=\d{1,24}\s?=)")
_VERSION = re.compile(r"(?<![\d.])\d{1,8}(?:\.\d{1,8}){2,8}(?![\d.])")
_CODE = re.compile(r"(?<=[A-Za-z])([ -]?)(\d++)(?![\d.])")
_AMOUNT = re.compile(NUMBER)
_EQUALS = re.compile(r"\s?=\s?")
_LONGEST_AMOUNT = 20


def normalize_ko(text: str) -> str:
    """``text`` with everything that is not words, letters or marks in Korean words, as far as it has any."""
    if _PLAIN.fullmatch(text):
        return text
    said = ascii_digits(text).translate(_ALIKE | _JAMO)
    said = ADDRESS.sub(lambda match: spell_address(match[0], {**ADDRESS_SIGNS, **DIGITS}), said)
    said = _PHONE.sub(lambda match: _phone(match[0]), said)
    said = _EMERGENCY.sub(lambda match: one_by_one(match[0]), said)
    said = _THOUSANDS.sub(lambda match: match[0].replace(",", ""), said)
    said = _RANGE.sub(r"\1에서 ", _RANGE_COUNTED.sub(r"\1\2에서 ", _SPAN.sub(_span, said)))
    said = _SHORT_YEAR.sub(lambda match: cardinal(match[1]), _DATE.sub(_date, said))
    said = _RATIO.sub(_ratio, _TIME_OF_DAY.sub(_time_of_day, _TIME.sub(_time, said)))
    said = _MIXED.sub(lambda match: f"{cardinal(match[1])}과 {_part(match[2], match[3])}", said)
    said = _FRACTION.sub(_fraction, said)
    said = say_units(say_money(_MINUS.sub(" 빼기 ", _TIMES_SIGN.sub(" 곱하기 ", said))))
    said = _SCORE.sub(lambda match: f"{cardinal(match[1])} 대 {cardinal(match[2])}", said)
    said = _NEGATIVE.sub("마이너스 ", said)
    said = _VERSION.sub(lambda match: " 점 ".join(map(_amount, match[0].split("."))), say_counted(say_myriads(said)))
    said = _CODE.sub(lambda match: f" {say_code(match[2])}", said)
    said = _AMOUNT.sub(lambda match: _amount(match[0]), _JOINED.sub(" 다시 ", said))
    said = _EQUALS.sub(_equals, said).translate({ord(sign): name for sign, name in SIGNS.items()})
    return like(text, re.sub(r" {2,}", " ", said) if "  " not in text else said)


def _phone(number: str) -> str:
    digits = re.findall(r"\d+", number)
    if len(digits) == 1 and len(digits[0]) > 4:
        whole = digits[0]
        digits = [whole[:3], whole[3:-4], whole[-4:]]
    said = ", ".join(one_by_one(part, zero="공") for part in digits)
    return f"플러스 {said}" if number.startswith("+") else said


def _date(match: re.Match[str]) -> str:
    number, day = int(match[3]), int(match[4])
    if not (1 <= number <= 12 and 1 <= day <= 31):
        return match[0]
    return f"{cardinal(match[1])}년 {month(match[3])}월 {cardinal(match[4])}일"


def _time(match: re.Match[str]) -> str:
    """A time of day; 10:00 is ten, and 24 the last hour. Others are scores."""
    if int(match[1]) > 24 or int(match[2]) > 59:
        return f"{cardinal(match[1])} 대 {cardinal(match[2])}"
    said = f"{_half(match[4])}{hour(match[1])}시"
    if match[2] != "00" or match[3]:
        said += f" {cardinal(match[2])}분"
    return said + (f" {cardinal(match[3])}초" if match[3] else "")


def _time_of_day(match: re.Match[str]) -> str:
    return f"{_half(match[2])}{hour(match[1])}시"


def _half(letter: str | None) -> str:
    return "" if not letter else "오전 " if letter in "aA" else "오후 "


def _ratio(match: re.Match[str]) -> str:
    return f"{_amount(match[1])} 대 {_amount(match[2])}"


def _fraction(match: re.Match[str]) -> str:
    """A part of a whole, or else the day of a month."""
    first, second = int(match[1]), int(match[2])
    if not first < second <= 10 and second != 100 and 1 <= first <= 12 and 1 <= second <= 31:
        return f"{month(match[1])}월 {cardinal(match[2])}일"
    return _part(match[1], match[2])


def _part(first: str, second: str) -> str:
    return f"{cardinal(second)}분의 {cardinal(first)}"


def _span(match: re.Match[str]) -> str:
    """From a number to a larger one; others are joined as in an address."""
    first, second = match[1].lstrip("0"), match[2].lstrip("0")
    rising = (len(first), first) < (len(second), second)
    return f"{match[1]}~{match[2]}" if rising else f"{match[1]} 다시 {match[2]}"


def _amount(number: str) -> str:
    """As an amount, or where it cannot be one digit by digit."""
    whole = number.partition(".")[0]
    counts = len(whole) <= _LONGEST_AMOUNT and (whole[0] != "0" or whole == "0")
    if counts:
        return cardinal(number)
    return "점".join(one_by_one(part, zero="공") for part in number.split("."))


def _equals(match: re.Match[str]) -> str:
    before = match.string[match.start() - 1 : match.start()]
    if not before or not is_syllable(before):
        return " 이퀄 "
    return "은 " if has_final(before) else "는 "
