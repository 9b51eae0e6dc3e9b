"""English numbers in words as published cleaners have them, which is as inflect 7.6 writes them.

docs/systems/vallex.md#english
"""

import re

from engine.errors import TextError

_ONES = (
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve",
    "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen",
)  # fmt: skip
_TENS = ["-", "-", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]
_SCALES = (
    "-", "thousand", "million", "billion", "trillion", "quadrillion", "quintillion", "sextillion", "septillion",
    "octillion", "nonillion", "decillion",
)  # fmt: skip
_ORDINALS = {
    "one": "first", "two": "second", "three": "third", "five": "fifth", "eight": "eighth", "nine": "ninth",
    "twelve": "twelfth",
}  # fmt: skip
# The look behinds only keep the search linear in runs of digits.
_COMMAS = re.compile(r"(?<![0-9])([0-9][0-9,]+[0-9])")
_POUNDS = re.compile("£([0-9,]*[0-9]+)")
_DOLLARS = re.compile(r"\$([0-9.,]*[0-9]+)")
_DECIMAL = re.compile(r"(?<![0-9])([0-9]+)\.([0-9]+)")
_ORDINAL = re.compile(r"(?<![0-9])([0-9]+)(?:st|nd|rd|th)")
_NUMBER = re.compile("[0-9]+")
_LONGEST = 3 * len(_SCALES)


def in_english(text: str) -> str:
    """``text`` in lower case with its numbers in words, hyphens and commas included. Raises TextError."""
    text = _COMMAS.sub(lambda match: match[1].replace(",", ""), text)
    text = _POUNDS.sub(r"\1 pounds", text)
    text = _DOLLARS.sub(lambda match: _dollars(match[1]), text)
    text = _DECIMAL.sub(r"\1 point \2", text)
    text = _ORDINAL.sub(lambda match: ordinal(match[1]), text)
    return _NUMBER.sub(lambda match: _number(match[0]), text)


def cardinal(digits: str, *, joined: bool = False) -> str:
    """``1234`` as "one thousand, two hundred thirty-four", with an "and" where it is ``joined``. Raises TextError."""
    digits = digits.lstrip("0") or "0"
    if len(digits) > _LONGEST:
        raise TextError(
            "under compat a number may have {most} digits, and {digits:.20}… has {count}; leave compat off",
            most=_LONGEST,
            digits=digits,
            count=len(digits),
        )
    number = int(digits)
    if number == 0:
        return "zero"
    groups, said = [], ""
    while number:
        number, group = divmod(number, 1000)
        groups.append(group)
    for scale in reversed(range(len(groups))):
        group = groups[scale]
        if group:
            gap = (" and " if joined else " ") if scale == 0 and group < 100 else ", "
            said += (gap if said else "") + _below_thousand(group, joined) + (f" {_SCALES[scale]}" if scale else "")
    return said


def ordinal(digits: str) -> str:
    """``121`` as "one hundred and twenty-first". Raises TextError."""
    said = cardinal(digits, joined=True)
    at = max(said.rfind(" "), said.rfind("-")) + 1
    last = said[at:]
    if last in _ORDINALS:
        return said[:at] + _ORDINALS[last]
    return said[:at] + (f"{last[:-1]}ieth" if last.endswith("y") else f"{last}th")


def _number(digits: str) -> str:
    number = int(digits) if len(digits) < _LONGEST else 0
    if not 1000 < number < 3000:
        return cardinal(digits)
    if number == 2000:
        return "two thousand"
    if 2000 < number < 2010:
        return f"two thousand {_ONES[number % 100]}"
    if number % 100 == 0:
        return f"{cardinal(str(number // 100))} hundred"
    return " ".join(_pair(pair) for pair in (digits[-4:-2], digits[-2:]))


def _pair(digits: str) -> str:
    """Two digits as of a year: 05 is "oh five"."""
    return f"oh {_ONES[int(digits)]}" if digits[0] == "0" else _below_thousand(int(digits))


def _below_thousand(number: int, joined: bool = False) -> str:
    hundreds, rest = divmod(number, 100)
    said = f"{_ONES[hundreds]} hundred" if hundreds else ""
    if rest:
        said += (" and " if joined else " ") if said else ""
        said += _ONES[rest] if rest < 20 else _TENS[rest // 10] + (f"-{_ONES[rest % 10]}" if rest % 10 else "")
    return said


def _dollars(amount: str) -> str:
    parts = amount.split(".")
    if len(parts) > 2:
        return f"{amount} dollars"
    dollars, cents = (_whole(part) for part in (parts[0], parts[1] if len(parts) == 2 else ""))
    said = [
        f"{count} {unit if count == '1' else f'{unit}s'}"
        for count, unit in ((dollars, "dollar"), (cents, "cent"))
        if count != "0"
    ]
    return ", ".join(said) or "zero dollars"


def _whole(digits: str) -> str:
    """Digits without commas and leading zeros."""
    return digits.replace(",", "").lstrip("0") or "0"
