"""Numbers in the words of languages that have no rules of their own here, through num2words (LGPL, a library apart)."""

import re
from decimal import Decimal
from functools import lru_cache

# Where num2words calls a language otherwise.
_CALLED = {"nb": "no", "nn": "no", "kk": "kz"}
_NUMBER = re.compile(r"(?<![\w.,])\d+(?:[.,]\d+)*(?![\w])")
_MOST_DIGITS = 15


def numbers_in_words(text: str, language: str) -> str:
    """``text`` with its numbers in words, as far as the language (its tag) is one that is known; else as it is.

    A mark before exactly three digits groups them, another begins a fraction. Numbers that begin with a zero and very
    long ones are read digit by digit. Takes time linear in the text.
    """
    code = _CALLED.get(language, language)
    return _NUMBER.sub(lambda found: _words(found[0], code), text) if _knows(code) else text


@lru_cache(maxsize=64)
def _knows(code: str) -> bool:
    from num2words import CONVERTER_CLASSES

    return code in CONVERTER_CLASSES


def _words(number: str, code: str) -> str:
    whole, fraction = _parts(number)
    try:
        if len(whole + fraction) > _MOST_DIGITS or (whole[0] == "0" and len(whole) > 1):
            return " ".join(_say(Decimal(digit), code) for digit in whole + fraction)
        return _say(Decimal(f"{whole}.{fraction}" if fraction else whole), code)
    # Not every language of the library has every number.
    except (NotImplementedError, ArithmeticError, LookupError, TypeError, ValueError, AttributeError):
        return number


def _parts(number: str) -> tuple[str, str]:
    """The digits before and after the mark of the fraction; "" without one."""
    groups = re.split("[.,]", number)
    marks = re.findall("[.,]", number)
    grouped = all(len(group) == 3 for group in groups[1:]) and len(groups[0]) <= 3 and groups[0][0] != "0"
    if grouped and len(set(marks)) == 1:
        return "".join(groups), ""
    if not marks:
        return number, ""
    return "".join(groups[:-1]), groups[-1]


def _say(value: Decimal, code: str) -> str:
    from num2words import num2words

    return str(num2words(value if value % 1 else int(value), lang=code))
