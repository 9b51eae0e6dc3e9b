"""Numbers in words as inflect writes them; the values are its own."""

import pytest

from engine.errors import TextError
from engine.text.en.published_numbers import cardinal, in_english, ordinal


@pytest.mark.parametrize(
    ("digits", "said"),
    [
        ("0", "zero"),
        ("007", "seven"),
        ("21", "twenty-one"),
        ("110", "one hundred ten"),
        ("1001", "one thousand one"),
        ("1010", "one thousand ten"),
        ("1100", "one thousand, one hundred"),
        ("100001", "one hundred thousand one"),
        ("1000000", "one million"),
        ("12345678901234567890", "twelve quintillion, three hundred forty-five quadrillion, six hundred seventy-eight "
         "trillion, nine hundred one billion, two hundred thirty-four million, five hundred sixty-seven thousand, "
         "eight hundred ninety"),
    ],
)  # fmt: skip
def test_amounts_in_english(digits: str, said: str) -> None:
    assert cardinal(digits) == said


@pytest.mark.parametrize(
    ("digits", "said"),
    [
        ("1", "first"),
        ("12", "twelfth"),
        ("20", "twentieth"),
        ("21", "twenty-first"),
        ("100", "one hundredth"),
        ("101", "one hundred and first"),
        ("1001", "one thousand and first"),
        ("1234", "one thousand, two hundred and thirty-fourth"),
    ],
)
def test_ordinals(digits: str, said: str) -> None:
    assert ordinal(digits) == said


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("in 1999", "in nineteen ninety-nine"),
        ("in 1905", "in nineteen oh five"),
        ("2000, 2005, 1900, 2999, 3000", "two thousand, two thousand five, nineteen hundred, twenty-nine ninety-nine, "
         "three thousand"),
        ("a,1,234,567", "a,one million, two hundred thirty-four thousand, five hundred sixty-seven"),
        ("$3.50", "three dollars, fifty cents"),
        ("$3.5", "three dollars, five cents"),
        ("$1.01", "one dollar, one cent"),
        ("$0.05 $0", "five cents zero dollars"),
        ("$1.2.3", "one point two.three dollars"),
        ("3.14", "three point fourteen"),
        ("1.2.3", "one point two.three"),
        ("3rd 21stuff", "third twenty-firstuff"),
    ],
)  # fmt: skip
def test_numbers_in_an_english_text(text: str, said: str) -> None:
    assert in_english(text) == said


def test_what_the_reference_falls_over_is_told() -> None:
    with pytest.raises(TextError, match="36 digits"):
        in_english("1" * 5000)
