"""English numbers in words as the reference of Kokoro says them, where no normaliser did it before.

docs/kokoro-phonemes.md#english
"""

import re

_NUMBER = re.compile(r"([-+−]?)([\d,.]*\d)(st|nd|rd|th|'?s|'?d|ed|ing)?", re.IGNORECASE)
_ORDINALS = ("st", "nd", "rd", "th")
_YEAR_DIGITS = 4
# Longer ones are said digit by digit.
_MOST_DIGITS = 12
_SIGNS = {"-": "minus", "−": "minus", "+": "plus"}
_DIGITS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
CURRENCIES = {"$": ("dollar", "cent"), "£": ("pound", "pence"), "€": ("euro", "cent")}
# What is said of a number's flags, which a link gives it.
SAYS_A, SAYS_AND, SAYS_N = "a", "&", "n"


def is_number(text: str) -> bool:
    """Whether ``in_words`` reads ``text``."""
    return bool(_NUMBER.fullmatch(text))


def in_words(text: str, *, currency: str = "", flags: str = "", published: bool = True) -> str:
    """A number in words: cardinals without "and", years, ordinals, decimals, money of a ``currency`` of CURRENCIES.

    Of ``flags``, ``a`` begins with "a" for "one", ``&`` says "and" and ``n`` says it as "n". ``published`` leaves out a
    fraction of zeros, as the reference does.
    """
    match = _NUMBER.fullmatch(text)
    if match is None:
        return text
    sign, digits, suffix = match[1], match[2], (match[3] or "").lower()
    if currency:
        words = _money(digits, *CURRENCIES[currency])
    elif suffix in _ORDINALS and "." not in digits and len(digits) <= _MOST_DIGITS:
        words = _spell(int(digits.replace(",", "")), "ordinal")
    else:
        words = _ending(_plain(digits, published), suffix)
    if SAYS_AND not in flags and not currency:
        words = words.replace(" and ", " ")
    if SAYS_A in flags:
        words = re.sub(r"^one (?=hundred|thousand|million|billion)", "a ", words)
    if SAYS_N in flags:
        words = words.replace(" and ", " n ")
    return f"{_SIGNS[sign]} {words}" if sign else words


def _plain(digits: str, published: bool) -> str:
    if digits.isdecimal():
        if len(digits) > _MOST_DIGITS or (len(digits) > 1 and digits.startswith("0")):
            return _one_by_one(digits)
        return _spell(int(digits), "year" if len(digits) == _YEAR_DIGITS else "cardinal")
    whole, point, fraction = digits.replace(",", "").partition(".")
    if "." in fraction:
        return " point ".join(_plain(part, published) for part in digits.replace(",", "").split(".") if part)
    said = _plain_whole(whole)
    if not point or (published and not fraction.strip("0")):
        return said
    return f"{said} point {_one_by_one(fraction)}".strip()


def _plain_whole(whole: str) -> str:
    if len(whole) > _MOST_DIGITS or (len(whole) > 1 and whole.startswith("0")):
        return _one_by_one(whole)
    return _spell(int(whole), "cardinal") if whole else "zero"


def _money(digits: str, unit: str, part: str) -> str:
    whole, _, fraction = digits.replace(",", "").partition(".")
    cents = int((fraction + "0")[:2]) if fraction[:2].isdecimal() else 0
    said = []
    if whole.strip("0") or not cents:
        said.append(_counted(whole or "0", unit))
    if cents:
        said.append(_counted(str(cents), part))
    return " and ".join(said)


def _counted(digits: str, unit: str) -> str:
    plural = unit if digits == "1" or unit == "pence" else f"{unit}s"
    return f"{_plain_whole(digits).replace(' and ', ' ')} {plural}"


def _ending(words: str, suffix: str) -> str:
    ending = suffix.lstrip("'")
    if not ending or ending in _ORDINALS:
        return words
    if ending == "s" and words.endswith("y"):
        return f"{words[:-1]}ies"
    return f"{words}{'es' if ending == 's' and words.endswith('x') else ending}"


def _one_by_one(digits: str) -> str:
    return " ".join(_DIGITS[int(digit)] for digit in digits if digit.isdecimal())


def _spell(number: int, kind: str) -> str:
    from num2words import num2words

    return str(num2words(number, to=kind)).replace(",", "").replace("-", " ")
