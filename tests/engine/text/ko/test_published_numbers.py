"""Korean numbers as published cleaners read them, faults included."""

import json
from pathlib import Path

from engine.text.ko.published_numbers import amount, in_korean

GOLDENS = Path(__file__).parents[3] / "goldens" / "vits"


def test_every_vector_is_what_is_published() -> None:
    rows = json.loads((GOLDENS / "front_korean_numbers.json").read_text(encoding="utf-8"))
    for row in rows:
        assert (amount(row["num"], native=False), amount(row["num"], native=True)) == (row["sino"], row["native"])


def test_one_number_does_not_end_another() -> None:
    assert in_korean("3개 13개 1,234원") == "세개 열세개 천이백삼십사원"


def test_what_has_no_name_is_read_by_its_digits() -> None:
    assert amount("1" * 17, native=False) == "일" * 17
    assert amount("000", native=True) == "영"
