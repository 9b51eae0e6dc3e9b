"""Numbers in Korean words: amounts by Chinese and by native numerals, decimals, digits one by one.

Numbers come and go as strings of ASCII digits, so that none is too long to be converted.
"""

DIGITS = dict(zip("0123456789", "영일이삼사오육칠팔구", strict=True))
# Before what they count.
NATIVE_ONES = dict(zip("123456789", ("한", "두", "세", "네", "다섯", "여섯", "일곱", "여덟", "아홉"), strict=True))
NATIVE_TENS = dict(zip("123456789", ("열", "스물", "서른", "마흔", "쉰", "예순", "일흔", "여든", "아흔"), strict=True))
_PLACES = ("", "십", "백", "천")
_MYRIADS = ("", "만", "억", "조", "경")
_LONGEST = 4 * len(_MYRIADS)
# From a hundred on only a small rest is still counted in native numerals.
_NATIVE_REST = 20


def cardinal(number: str) -> str:
    """An amount of whole or decimal digits: 1050 is 천오십, 0.5 영점오. Of more than 20 each is read by itself."""
    whole, _, fraction = number.partition(".")
    whole = whole.lstrip("0") or "0"
    said = one_by_one(whole) if len(whole) > _LONGEST else _amount(whole) or "영"
    return f"{said}점{one_by_one(fraction)}" if fraction else said


def native(number: str) -> str:
    """A whole amount as it counts things: 한, 스무, 스물한, 백세; larger ones by Chinese numerals."""
    digits = number.lstrip("0") or "0"
    if len(digits) > _LONGEST or digits == "0":
        return cardinal(digits)
    if digits == "20":
        return "스무"
    if len(digits) <= 2:
        return _below_hundred(digits)
    rest = digits[-2:]
    if 0 < int(rest) < _NATIVE_REST:
        return _amount(f"{digits[:-2]}00") + _below_hundred(rest.lstrip("0"))
    return cardinal(digits)


def one_by_one(digits: str, *, zero: str = "영") -> str:
    """Digits by their names; ``zero`` is 공 in the numbers of telephones and rooms."""
    return "".join(zero if digit == "0" else DIGITS[digit] for digit in digits)


def _below_hundred(digits: str) -> str:
    if len(digits) == 1:
        return NATIVE_ONES[digits]
    return NATIVE_TENS[digits[0]] + (NATIVE_ONES[digits[1]] if digits[1] != "0" else "")


def _amount(digits: str) -> str:
    """Groups of four digits; ten thousand is 만 only where nothing stands before it."""
    said = ""
    count = -(-len(digits) // 4)
    padded = digits.zfill(4 * count)
    for index in range(count):
        group, myriad = padded[4 * index : 4 * index + 4], _MYRIADS[count - index - 1]
        words = "".join(
            ("" if digit == "1" and place else DIGITS[digit]) + _PLACES[place]
            for place, digit in zip((3, 2, 1, 0), group, strict=True)
            if digit != "0"
        )
        if words == "일" and myriad == "만" and not said:
            words = ""
            said += myriad
        elif words:
            said += words + myriad
    return said
