"""The reference's front end against its own vectors: symbols, ids, the joining of prompt and text."""

import pytest

from engine.errors import TextError
from engine.systems.valle.compat import FrontEnd, extract
from engine.systems.valle.text import PreparedSegment
from engine.text.phonemes import phones
from tests.engine.systems.valle.vectors import HALVES, PINYIN, TABLE, rows, table

# The vectors are of espeak-ng 1.51; what 1.52 says otherwise.
NEWER_ESPEAK = {"I have $3.50 and 1,234 apples.": ("oː", "ɔː"), "hello_world under_score": ("oːɹ", "ɔːɹ")}
ROWS = [row for row in rows("frontend_valle.json") if "error" not in row]
SAID = PreparedSegment(text="", symbols=())


def as_now(row: dict) -> list[str]:
    before, now = NEWER_ESPEAK.get(row["input"], ("", "")) if row["backend"] == "espeak" else ("", "")
    return [now if symbol == before else symbol for symbol in row["tokens"]]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row['backend']} {row['input'][:20]}")
def test_a_text_has_the_references_symbols(row: dict) -> None:
    assert extract(row["input"], row["backend"]) == as_now(row)


@pytest.mark.parametrize("row", rows("frontend_valle_espeak_raw.json"), ids=lambda row: row["input"][:20])
def test_phones_are_separated_as_the_references_are(row: dict) -> None:
    before, now = NEWER_ESPEAK.get(row["input"], ("", ""))
    assert phones(row["input"]) == (row["phonemized"].replace(before, now) if before else row["phonemized"])


@pytest.mark.parametrize("row", rows("frontend_valle_collater.json")["vectors"], ids=lambda row: row["input"][:20])
def test_ids_begin_and_end_as_the_references_do(row: dict) -> None:
    prompted = FrontEnd(TABLE).together("", row["input"], SAID)
    assert list(prompted.ids) == row["ids"]
    assert len(prompted.ids) == row["length"]


def test_prompt_and_text_are_phonemised_together() -> None:
    expected = rows("frontend_valle_collater.json")["cli_join"]
    prompted = FrontEnd(TABLE).together(expected["text_prompt"], expected["text"], SAID)
    assert list(prompted.ids) == expected["ids"]
    assert prompted.prompt_length == expected["enroll_x_len"]
    assert FrontEnd(TABLE).together("a|b", "see", SAID) == FrontEnd(TABLE).together("a b", "see", SAID)


def test_bars_separate_texts() -> None:
    front_end = FrontEnd(TABLE)
    assert [each.text for each in front_end.segments("one| two||", "en")] == ["one", " two"]
    with pytest.raises(TextError, match="cut it"):
        front_end.segments("a" * 2001, "en")


def test_an_unknown_symbol_is_an_error_before_anything_is_said() -> None:
    front_end = FrontEnd(TABLE)
    with pytest.raises(TextError, match="';'"):
        next(front_end.prepared(front_end.segments("fine|semi;colon", "en")))


def test_a_vowel_that_espeak_has_respelt_since_is_the_one_that_the_table_has() -> None:
    (read,) = FrontEnd(TABLE).prepared(FrontEnd(TABLE).segments("four of", "en"))
    assert "oː" in read.symbols
    newer = table("f ɔː ɹ ʌ v")
    (read,) = FrontEnd(newer).prepared(FrontEnd(newer).segments("four of", "en"))
    assert read.symbols[:3] == ("f", "ɔː", "ɹ")


def test_the_table_tells_how_a_text_is_read() -> None:
    for known, expected in ((PINYIN, ("ni3", "-", "hao3")), (HALVES, ("n", "i3", "-", "h", "ao3"))):
        (read,) = FrontEnd(known).prepared(FrontEnd(known).segments("你好", "zh"))
        assert read.symbols == expected
        assert read.phonemes == " ".join(expected)
