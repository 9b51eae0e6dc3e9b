"""Numbers in Thai words. They come as strings of ASCII digits, so that none is too long to be converted."""

import re

DIGITS = dict(zip("0123456789", ("ศูนย์", "หนึ่ง", "สอง", "สาม", "สี่", "ห้า", "หก", "เจ็ด", "แปด", "เก้า"), strict=True))
_PLACES = ("", "สิบ", "ร้อย", "พัน", "หมื่น", "แสน")
_MILLION, _POINT, _LAST_ONE, _TWO_TENS = "ล้าน", "จุด", "เอ็ด", "ยี่"
_AM = ("\u0e4d\u0e32", "\u0e33")
_GROUP = len(_PLACES)
_LONGEST = 3 * _GROUP
# The look behind only keeps the search linear in runs of digits.
NUMBER = re.compile(r"(?<![0-9])[0-9]+(?:,[0-9]+)*(?:\.[0-9]+)?")


def in_thai(text: str) -> str:
    """``text`` with its numbers in words, as amounts."""
    return NUMBER.sub(lambda match: cardinal(match[0].replace(",", "")), text)


def normalize_th(text: str) -> str:
    """``text`` with its numbers in words, and the vowel am whole, which composing takes apart."""
    return in_thai(text.replace(*_AM))


def cardinal(number: str) -> str:
    """An amount of whole or decimal digits. Of more than 18 digits each is read by itself."""
    whole, _, fraction = number.partition(".")
    whole = whole.lstrip("0") or "0"
    said = one_by_one(whole) if len(whole) > _LONGEST or whole == "0" else _amount(whole)
    return f"{said}{_POINT}{one_by_one(fraction)}" if fraction else said


def one_by_one(digits: str) -> str:
    """Digits by their names."""
    return "".join(DIGITS[digit] for digit in digits)


def _amount(digits: str) -> str:
    """Groups of six digits, each but the last a number of millions."""
    high, low = digits[:-_GROUP], digits[-_GROUP:]
    said = _amount(high) + _MILLION if high else ""
    for at, digit in enumerate(low):
        place = len(low) - at - 1
        if digit == "0":
            continue
        if place == 0 and digit == "1" and len(digits) > 1:
            said += _LAST_ONE
        elif place == 1 and digit in "12":
            said += ("" if digit == "1" else _TWO_TENS) + _PLACES[1]
        else:
            said += DIGITS[digit] + _PLACES[place]
    return said
