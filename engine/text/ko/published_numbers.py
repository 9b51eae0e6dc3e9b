"""Korean numbers in words as published cleaners have them, faults included. docs/systems/vits.md#cleaners

Ours are in `engine.text.ko.numbers`.
"""

import re

from engine.text.ko.numbers import DIGITS, NATIVE_ONES, NATIVE_TENS

# Syllables of words that count: what begins with one of them is counted in native numerals.
_CLASSIFIERS = (
    "군데 권 개 그루 닢 대 두 마리 모 모금 뭇 발 발짝 방 번 벌 보루 살 수 술 시 쌈 움큼 정 짝 채 척 첩 축 켤레 톨 통"
)
_UNITS = ("", "십", "백", "천", "만", "십", "백", "천", "억", "십", "백", "천", "조", "십", "백", "천")
# At these places, from the right, one is only its place.
_WITHOUT_ONE = frozenset((1, 2, 3, 4, 5, 6, 7))
_MYRIADS = (4, 8, 12)
# A run of digits is looked at from its beginning only, or each of many would be.
_COUNTED = re.compile("(?<![0-9,])([0-9][0-9,]*)([\uac00-\ud7a3]+)")
_DIGIT = re.compile("[0-9]")


def in_korean(text: str) -> str:
    """``text`` with digits before Hangul as amounts, and all others one by one."""
    said = _COUNTED.sub(lambda match: amount(match[1], native=_counts(match[2])) + match[2], text)
    return _DIGIT.sub(lambda match: DIGITS[match[0]], said)


def amount(digits: str, *, native: bool) -> str:
    """A whole number, with commas or without; of more than 16 digits each is read by itself."""
    digits = digits.replace(",", "")
    if not digits.strip("0"):
        return "영"
    if native and digits == "20":
        return "스무"
    if len(digits) > len(_UNITS):
        return "".join(DIGITS[digit] for digit in digits)
    pieces: list[str] = []
    for at, digit in enumerate(digits):
        place = len(digits) - at - 1
        pieces.append(_piece(digit, place, native) if digit != "0" else _myriad(place, pieces))
    return "".join(pieces)


def _counts(word: str) -> bool:
    return word[:2] in _CLASSIFIERS or word[:1] in _CLASSIFIERS


def _piece(digit: str, place: int, native: bool) -> str:
    if native and place < 2:
        return (NATIVE_TENS if place else NATIVE_ONES)[digit]
    one = "" if digit == "1" and place in _WITHOUT_ONE else DIGITS[digit]
    return one + _UNITS[place]


def _myriad(place: int, before: list[str]) -> str:
    """The name of a myriad that ends in zero, where there is something of it."""
    return _UNITS[place] if place in _MYRIADS and any(before[-3:]) else ""
