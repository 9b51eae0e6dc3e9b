"""The symbols of the published model."""

from engine.systems.vallex.symbols import IDS, SYMBOLS, closed, encode
from tests.engine.systems.vallex.vectors import rows


def test_they_are_the_published_ones_in_their_order() -> None:
    assert list(SYMBOLS) == rows("vallex_symbols_69.json")["vocab"]
    assert IDS["_"] == 16
    assert "[UNK]" not in IDS


def test_each_symbol_has_the_language_of_its_part() -> None:
    encoded = encode([("en", "a b"), ("zh", "→")])
    assert encoded.symbols == "a_b→"
    assert encoded.ids == (IDS["a"], IDS["_"], IDS["b"], IDS["→"])
    assert encoded.languages == ("en", "en", "en", "zh")
    assert encoded.unknown == ()


def test_what_has_no_id_is_left_out_or_unknown() -> None:
    parts = [("en", "aёb\tё")]
    assert encode(parts).symbols == "ab_"
    assert encode(parts).unknown == ("ё",)
    assert encode(parts, keep_unknown=True).ids == (IDS["a"], 0, IDS["b"], IDS["_"], 0)


def test_a_text_is_closed_by_one_mark() -> None:
    assert closed("a  ") == "a."
    assert closed("a", ",") == "a,"
    assert [closed(f"a{mark}") for mark in ".,!?-…~"] == [f"a{mark}" for mark in ".,!?-…~"]
    assert closed("  ") == ""
