"""Numbers in words as the reference says them."""

import pytest

from engine.systems.kokoro.phonemes.numbers import in_words, is_number


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("42", "forty two"),
        ("1984", "nineteen eighty four"),
        ("2024", "twenty twenty four"),
        ("1,984", "one thousand nine hundred eighty four"),
        ("3rd", "third"),
        ("21st", "twenty first"),
        ("1,000th", "one thousandth"),
        ("1000", "one thousand"),
        ("1066", "ten sixty six"),
        ("-7", "minus seven"),
        ("3.14", "three point one four"),
        ("2.0", "two"),
        (".5", "zero point five"),
        ("007", "zero zero seven"),
        ("1990s", "nineteen nineties"),
        ("1" * 40, " ".join(["one"] * 40)),
        ("1.2.3", "one point two point three"),
    ],
)
def test_numbers_in_words(written: str, said: str) -> None:
    assert is_number(written)
    assert in_words(written) == said


def test_fractions_of_zeros_are_said_by_ours() -> None:
    assert in_words("2.0", published=False) == "two point zero"


@pytest.mark.parametrize(
    ("written", "currency", "said"),
    [
        ("12.50", "$", "twelve dollars and fifty cents"),
        ("1", "$", "one dollar"),
        ("0.99", "$", "ninety nine cents"),
        ("20", "£", "twenty pounds"),
        ("0.05", "£", "five pence"),
        ("1,000,000", "€", "one million euros"),
        ("0", "$", "zero dollars"),
    ],
)
def test_sums_of_money(written: str, currency: str, said: str) -> None:
    assert in_words(written, currency=currency) == said


def test_flags_say_and() -> None:
    assert in_words("105") == "one hundred five"
    assert in_words("105", flags="&") == "one hundred and five"
    assert in_words("105", flags="a&") == "a hundred and five"
    assert in_words("105", flags="&n") == "one hundred n five"


def test_what_is_no_number_stays() -> None:
    assert not is_number("1a")
    assert in_words("1a") == "1a"
