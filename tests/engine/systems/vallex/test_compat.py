"""The reference's front end against its own vectors: phonemes, ids, languages, sentences, and what it falls over."""

import pytest

from engine.errors import TextError
from engine.systems.vallex import compat
from engine.systems.vallex.compat import FrontEnd, phonemes, sentences, tokens
from tests.engine.systems.vallex.vectors import rows, run_lengths
from tests.engine.text.open_jtalk import install

ROWS = rows("frontend_vallex.json")


@pytest.fixture(autouse=True)
def _recorded(monkeypatch: pytest.MonkeyPatch) -> None:
    install(monkeypatch)


@pytest.mark.parametrize("row", [row for row in ROWS if "error" not in row], ids=lambda row: row["input"][1:25])
def test_a_tagged_text_has_the_references_phonemes_ids_and_languages(row: dict) -> None:
    encoded = tokens(row["input"])
    assert "".join(phonemes(part) for _, part in compat._parts(row["input"])) == row["phonemes"]
    assert list(encoded.ids) == row["ids"]
    assert run_lengths(encoded.languages) == row["langs_rle"]


@pytest.mark.parametrize("row", [row for row in ROWS if "error" in row], ids=lambda row: row["input"][1:25])
def test_where_the_reference_finds_nothing_to_say_so_is_said(row: dict) -> None:
    assert tokens(row["input"]).ids == ()
    front_end = FrontEnd()
    text = row["input"].removeprefix("_")
    if compat._parts(text):
        with pytest.raises(TextError, match="nothing is left to say"):
            list(front_end.prepared(front_end.segments(text, "en")))


@pytest.mark.parametrize("row", rows("frontend_vallex_sentences.json"), ids=lambda row: row["input"][:20])
def test_sentences_end_where_the_references_do(row: dict) -> None:
    assert sentences(row["input"]) == row["sentences"]


@pytest.mark.parametrize("mark", "。．！？!?｡…‼⁉")
def test_japanese_sentences_end_at_every_full_mark(mark: str) -> None:
    assert sentences(f"これはあ{mark}それはい") == [f"これはあ{mark}", "それはい"]


def test_a_point_in_a_number_ends_no_japanese_sentence() -> None:
    assert sentences("これは3.5です.それは") == ["これは3.5です.", "それは"]


def test_a_text_gets_the_tags_of_its_language() -> None:
    segments = FrontEnd().segments
    assert segments(" Hello\nthere ", "en")[0].text == "[EN]Hellothere[EN]"
    # Nobody said that it is English: en is what stands where no language is named.
    assert segments("你好，世界。", "en")[0].text == "[ZH]你好，世界。[ZH]"
    assert segments("東京", "ja")[0].text == "[JA]東京[JA]"
    assert segments("東京", "ja")[0].language == "ja"
    tagged = "a [EN]b[EN] [JA]c[JA]"
    assert [(each.text, each.language) for each in segments(tagged, "ja")] == [(tagged, "en")]


def test_a_long_text_is_cut_into_sentences() -> None:
    text = "This is a sentence. " * 20
    assert {each.text for each in FrontEnd().segments(text, "en")} == {"[EN]This is a sentence.[EN]"}
    assert len(FrontEnd().segments(text[:280], "en")) == 1
    with pytest.raises(TextError, match="cut it"):
        FrontEnd().segments("a" * 10_001, "en")


def test_what_is_lost_is_told() -> None:
    front_end = FrontEnd()
    (read,) = front_end.prepared(front_end.segments("xy[EN]a😀'b[EN]", "en"))
    assert read.text == "xya😀'b"
    assert read.left_out == ("x", "y", "😀", "'")
    assert read.phonemes == "a'b*."
    assert read.ids.count(0) == 1


def test_digits_of_other_scripts_are_amounts_too() -> None:
    assert phonemes("[ZH]١２[ZH]") == phonemes("[ZH]12[ZH]")
    assert phonemes("[ZH]3.5[ZH]") == phonemes("[ZH]３.５[ZH]")
