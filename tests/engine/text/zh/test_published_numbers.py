"""Numbers in words as cn2an writes them; the values are its own."""

import pytest

from engine.errors import TextError
from engine.text.zh.published_numbers import in_chinese


@pytest.mark.parametrize(
    ("number", "said"),
    [
        ("0", "零"),
        ("007", "七"),
        ("10", "十"),
        ("110", "一百一十"),
        ("1010", "一千零一十"),
        ("2023", "二千零二十三"),
        ("100010", "十万零一十"),
        ("57262806749", "五百七十二亿六千二百八十万六千七百四十九"),
        ("77764534436801", "七十七万七千六百四十五亿三千四百四十三万六千八百零一"),
        ("1000000000000000", "一千万亿"),
        ("0.5", "零点五"),
        ("00.50", "零点五零"),
        ("1." + "1" * 30, "一点" + "一" * 16),
    ],
)
def test_amounts_in_chinese(number: str, said: str) -> None:
    assert in_chinese(number) == said


def test_what_the_reference_falls_over_is_told() -> None:
    with pytest.raises(TextError, match="16 digits"):
        in_chinese("1" * 17)
