"""Numbers in English words, from the digits that are written: amounts, ordinals, years, and one digit after another.

American, without "and": one hundred twenty. All of it takes digits as text and time linear in their number.
"""

from functools import lru_cache

DIGITS = {
    "0": "zero", "1": "one", "2": "two", "3": "three", "4": "four", "5": "five", "6": "six", "7": "seven", "8": "eight",
    "9": "nine",
}  # fmt: skip
# Longer ones than this nobody can follow as an amount; they are read digit by digit.
LONGEST = 15
# Digits, with commas between thousands (or, as in India, hundreds of thousands), and a fraction. Never give back a
# digit that was taken: a long run would be tried from every length.
WHOLE = r"(?:[0-9]{1,3}(?:,[0-9]{3})++(?![0-9])|[0-9]{1,2}(?:,[0-9]{2}(?=,))++,[0-9]{3}(?![0-9])|[0-9]++)"
NUMBER = rf"(?:{WHOLE}(?:\.[0-9]++)?|\.[0-9]++)"
# Where a number begins.
START = r"(?<![\w.])(?<![0-9][,.'])"


def spelled(text: str) -> str:
    """The digits in ``text`` one by one; all else in it is left out."""
    return " ".join(DIGITS[character] for character in text if character in DIGITS)


def cardinal(number: str) -> str:
    """A whole number, commas allowed; what begins with zeros or has more than LONGEST digits is spelled."""
    number = number.replace(",", "")
    if len(number) > LONGEST or (number[:1] == "0" and len(number) > 1):
        return spelled(number)
    return _words(int(number))


def quantity(number: str) -> str:
    """A number with or without a fraction, commas allowed; ``.5`` is point five."""
    whole, point, fraction = number.partition(".")
    said = cardinal(whole) if whole else ""
    return f"{said} point {spelled(fraction)}".strip() if point else said


def ordinal(number: str) -> str:
    """A whole number as its place in a row."""
    number = number.replace(",", "")
    return f"{spelled(number)}th" if len(number) > LONGEST else _ordinal_words(int(number))


def year(number: str) -> str:
    """Four digits in pairs: nineteen eighty four, nineteen oh one, nineteen hundred, two thousand five."""
    century, rest = number[:2], number[2:]
    if century in ("10", "20") and rest[0] == "0" and (century == "20" or rest == "00"):
        return cardinal(number)
    return pair(number)


def pair(number: str) -> str:
    """Three or four digits as the numbers of rooms and models are said: six oh one, three twenty, forty ninety."""
    head, tail = number[:-2], number[-2:]
    if head.startswith("0") or (tail == "00" and head.endswith("0")):
        return cardinal(number)
    if tail == "00":
        return f"{cardinal(head)} hundred"
    return f"{cardinal(head)} oh {DIGITS[tail[1]]}" if tail[0] == "0" else f"{cardinal(head)} {cardinal(tail)}"


@lru_cache(maxsize=2048)
def _words(number: int) -> str:
    # Imported where it is needed: most sentences hold no number.
    from num2words import num2words

    return num2words(number, lang="en").replace(",", "").replace("-", " ").replace(" and ", " ")


@lru_cache(maxsize=512)
def _ordinal_words(number: int) -> str:
    from num2words import num2words

    said = num2words(number, lang="en", to="ordinal")
    return said.replace(",", "").replace("-", " ").replace(" and ", " ")
