"""Numbers in the words of languages without rules of their own."""

import time

import pytest

from engine.text.numerals import numbers_in_words


@pytest.mark.parametrize(
    ("language", "text", "said"),
    [
        ("de", "Es kostet 12 Euro.", "Es kostet zwölf Euro."),
        ("de", "1.500 und 3,5", "eintausendfünfhundert und drei Komma fünf"),
        ("es", "Tengo 21 libros", "Tengo veintiuno libros"),
        ("fr", "1,234,567 et 80", "un million deux cent trente-quatre mille cinq cent soixante-sept et quatre-vingts"),
        ("ru", "5 лет", "пять лет"),
        ("nb", "2", "to"),
        ("de", "007", "null null sieben"),
        ("de", "A4, B-52 und x86", "A4, B-zweiundfünfzig und x86"),
        ("de", "9" * 20, " ".join(["neun"] * 20)),
        ("sw", "12", "12"),
        ("", "12", "12"),
        ("en_XX/../..", "12", "12"),
    ],
)
def test_numbers_are_said(language: str, text: str, said: str) -> None:
    assert numbers_in_words(text, language) == said


def test_many_and_long_numbers_take_linear_time() -> None:
    began = time.process_time()
    for text in ("1.5 " * 10_000, "9" * 100_000, "1," * 50_000, "1." * 49_999 + "1"):
        numbers_in_words(text, "de")
    assert time.process_time() - began < 10
