"""Korean amounts with what they are amounts of: counters, money, units, myriads."""

import re

from engine.text.ko.numbers import cardinal, native, one_by_one
from engine.text.ko.tables import CENTS, CODES, MONEY, NATIVE, SPEEDS, UNITS

NUMBER = r"[0-9]++(?:\.[0-9]++)?"
# Where a number may begin.
START = r"(?<![0-9.])"
_MYRIADS = "십백천만억조경"
_MYRIAD = re.compile(rf"{START}({NUMBER})(\s?)(?=([{_MYRIADS}])(?!점))")
_COUNTED = re.compile(rf"(?<!제)(?<!제 ){START}([0-9]++)(?=\s?(?:{NATIVE}))")
_DECADE = re.compile(rf"{START}([1-9]0)(?=\s?대(?![0-9]))")
_HOURS = re.compile(rf"{START}([0-9]++)(?=\s?시간)")
_HOUR = re.compile(rf"{START}([0-9]++)(?=\s?시(?!간|리즈|즌|속|작|장|민|청|도|력))")
_MONTH = re.compile(rf"{START}0?([1-9]|1[0-2])(?=\s?월(?!드))")
_TIMES = re.compile(rf"{START}([0-9]++)(?=\s?번(?!지|호|길|가))")
_NUMBERED = (
    "출구|버스|문제|홈|국도|트랙|타자|좌석|게이트|창구|방|선수|승강장|채널|노선|고객|테이블|질문|항목|플랫폼|차선|보기|"
    "마을"
)
_IS_NUMBER_AFTER = re.compile(rf"[0-9]++\s?번\s?(?:{_NUMBERED})")
_IS_NUMBER_BEFORE = re.compile(rf"(?:{_NUMBERED}|기호|번호|정답|답)\s?$")
_MONEY = re.compile(rf"([{''.join(MONEY)}])\s?({NUMBER})(\s?[{_MYRIADS}]{{1,3}})?")
_CODED = re.compile(
    rf"(?<![A-Za-z])({'|'.join(CODES)})\s?({NUMBER})|{START}({NUMBER})\s?({'|'.join(CODES)})(?![A-Za-z])"
)
_SPEED = re.compile(rf"{START}({NUMBER})\s?({'|'.join(map(re.escape, SPEEDS))})(?![A-Za-z])")
_TEMPERATURE = re.compile(rf"(-?){START}({NUMBER})\s?(?:°\s?([CF])(?![A-Za-z])|([℃℉]))")
_BELOW_ZERO = re.compile(rf"(?<!\w)-({NUMBER})(?=\s?도(?!\w)|\s?도[는가를의로에까])")
_UNIT = re.compile(
    rf"{START}({NUMBER})\s?({'|'.join(map(re.escape, sorted(UNITS, key=len, reverse=True)))})(?![A-Za-z0-9²³/])"
)
_NATIVE_HOURS, _LAST_HOUR = 24, 12
_IRREGULAR_MONTHS = {"6": "유", "10": "시"}
_CENTS = 2


def say_money(text: str) -> str:
    """Currencies before and behind their numbers: $12.50, ₩5,000, 30 USD."""
    text = _MONEY.sub(_money, text)
    return _CODED.sub(lambda match: f"{cardinal(match[2] or match[3])}{CODES[match[1] or match[4]]}", text)


def say_units(text: str) -> str:
    """Speeds, temperatures and all other units."""
    text = _SPEED.sub(_speed, text)
    text = _TEMPERATURE.sub(_temperature, text)
    text = _BELOW_ZERO.sub(lambda match: f"영하 {cardinal(match[1])}", text)
    return _UNIT.sub(lambda match: f"{cardinal(match[1])}{UNITS[match[2]]}", text)


def say_counted(text: str) -> str:
    """Numbers before counters, in native numerals where those want them; months, hours, ages in their own way."""
    text = _DECADE.sub(lambda match: cardinal(match[1]), text)
    text = _HOURS.sub(lambda match: _up_to(match[1], _NATIVE_HOURS - 1), text)
    text = _HOUR.sub(lambda match: hour(match[1]), text)
    text = _MONTH.sub(lambda match: month(match[1]), text)
    text = _TIMES.sub(_times, text)
    return _COUNTED.sub(lambda match: native(match[1]), text)


def say_myriads(text: str) -> str:
    """Digits before the names of places, as in 3억 5천만."""
    return _MYRIAD.sub(lambda match: _before_myriad(match) + match[2], text)


def hour(digits: str) -> str:
    """An hour of the day: native up to twelve, then by Chinese numerals."""
    return _up_to(digits, _LAST_HOUR)


def month(digits: str) -> str:
    """The number of a month, of which two are irregular."""
    digits = digits.lstrip("0") or "0"
    return _IRREGULAR_MONTHS.get(digits) or cardinal(digits)


def _up_to(digits: str, most: int) -> str:
    short = digits.lstrip("0") or "0"
    return native(short) if len(short) <= _CENTS and 0 < int(short) <= most else cardinal(short)


def _before_myriad(match: re.Match[str]) -> str:
    """One is not said before ten, a hundred and a thousand, nor before ten thousand where nothing is in front."""
    number, place = match[1], match[3]
    before = match.string[max(0, match.start() - 2) : match.start()].rstrip()[-1:]
    silent = "십백천" if before and before in _MYRIADS else "십백천만"
    return "" if number == "1" and place in silent else cardinal(number)


def _times(match: re.Match[str]) -> str:
    """How many times in native numerals, but by Chinese ones what is numbered: 3번 출구."""
    numbered = _IS_NUMBER_AFTER.match(match.string, match.start()) or _IS_NUMBER_BEFORE.search(
        match.string, max(0, match.start() - 8), match.start()
    )
    return cardinal(match[1]) if numbered else native(match[1])


def _money(match: re.Match[str]) -> str:
    sign, number, myriads = match[1], match[2], match[3] or ""
    whole, _, fraction = number.partition(".")
    if not myriads and sign in CENTS and len(fraction) == _CENTS:
        said = f"{cardinal(whole)}{MONEY[sign]}" if whole.strip("0") else ""
        rest = fraction.lstrip("0")
        cents = f"{cardinal(rest)}{CENTS[sign]}" if rest else ""
        return " ".join(filter(None, (said, cents))) or f"영{MONEY[sign]}"
    return f"{cardinal(number)}{myriads}{MONEY[sign]}"


def _speed(match: re.Match[str]) -> str:
    before, unit = SPEEDS[match[2]]
    said = match.string[max(0, match.start() - len(before)) : match.start()] == before
    return f"{'' if said else before}{cardinal(match[1])}{unit}"


def _temperature(match: re.Match[str]) -> str:
    sign, number, scale = match[1], match[2], match[3] or match[4]
    below = "영하 " if sign else ""
    return f"{'화씨 ' if scale in 'F℉' else ''}{below}{cardinal(number)}도"


def say_code(digits: str) -> str:
    """Digits of a name or a code: up to two as an amount, more one by one."""
    return cardinal(digits) if len(digits) <= _CENTS and not digits.startswith("0") else one_by_one(digits, zero="공")
