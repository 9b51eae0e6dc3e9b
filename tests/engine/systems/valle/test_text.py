"""Our front end: in words, cut, in the symbols of a table or in the nearest of them, closed."""

import pytest

from engine.errors import TextError
from engine.systems.valle.symbols import BOS, EOS
from engine.systems.valle.text import MAX_CHARS, FrontEnd, PreparedSegment, halves, tokenise
from tests.engine.systems.valle.vectors import HALVES, PINYIN, TABLE, table


def read(text: str, known=TABLE) -> list[PreparedSegment]:
    front_end = FrontEnd(known)
    return list(front_end.prepared(front_end.segments(text, "")))


def said(text: str, known=TABLE) -> str:
    return " ".join(each.phonemes or "" for each in read(text, known))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Hello, world!", "həloʊ,_wɜːld!"),
        ("1,234", "wʌn_θaʊzənd_tuː_hʌndɹɪd_θɜːɾi_fɔɹ."),
        ("$3.50", "θɹiː_dɑːlɚz_ænd_fɪfti_sɛnts."),
        ("it's a well", "ɪts_ɐ_wɛl."),
        ("semi; colon — dash…", "sɛmaɪ,_koʊlən,_dæʃ."),
        ("“Quoted” (U.S.)", "kwoʊɾᵻd_juːɛs."),
    ],
)
def test_english_is_in_words_and_in_the_symbols_of_the_table(text: str, expected: str) -> None:
    assert said(text) == expected
    assert all(symbol in TABLE for each in read(text) for symbol in each.symbols)
    assert [each.left_out for each in read(text)] == [()] * len(read(text))


def test_a_symbol_that_the_table_lacks_is_the_nearest_or_its_parts() -> None:
    assert said("north") == "nɔɹθ."
    assert said("water", table("w ɔː t ɚ .")) == "wɔːtɚ."
    assert said("water", table("w ɔ t ə ɹ")) == "wɔtəɹ"
    assert said("car", table("k ɑː ɹ")) == "kɑːɹ"


def test_what_has_no_symbol_is_told() -> None:
    assert read("father", table("f ɑː ɚ"))[0].left_out == ("ð",)
    assert read("你好 hello Привет 😀")[0].left_out == tuple("你好Привет")
    assert said("😀") == "ɡɹɪnɪŋ_feɪs."


@pytest.mark.parametrize(
    ("text", "known", "expected"),
    [
        ("你好，这是测试。", PINYIN, "ni3 - hao3 ， _ zhe4 - shi4 _ ce4 - shi4"),
        ("你好，这是测试。", HALVES, "n i3 - h ao3 , _ zh e4 - sh i4 _ c e4 - sh i4"),
        ("BE", PINYIN, "bi4 - yi1"),
        ("1", PINYIN, "yi1"),
    ],
)
def test_chinese_is_in_words_and_syllables(text: str, known, expected: str) -> None:
    (one,) = read(text, known)
    assert one.left_out == ()
    assert one.phonemes == expected


def test_a_character_whose_syllable_is_unknown_is_told() -> None:
    assert read("你坏好☃C", PINYIN)[0].left_out == ("坏", "☃")
    # The name of the letter has a syllable that the table lacks.
    assert read("好F", PINYIN)[0].left_out == ("F",)


def test_without_a_table_every_symbol_is_known() -> None:
    (one,) = read("Semi; colon", None)
    assert one.phonemes == "sɛmaɪ;_koʊlən."
    assert FrontEnd(None).together("", "", one).ids == (BOS, EOS)


def test_a_piece_is_closed_where_the_table_has_a_mark() -> None:
    pieces = read("and so it goes on " * 20)
    assert len(pieces) > 1
    assert all(len(each.text) <= MAX_CHARS for each in pieces)
    assert {each.symbols[-1] for each in pieces[:-1]} == {","}
    assert pieces[-1].symbols[-1] == "."
    assert read("go", table("ɡ oʊ"))[0].symbols == ("ɡ", "oʊ")


def test_the_prompt_stands_before_the_text_with_a_blank_between() -> None:
    """The place of the end of the prompt, alone, is that of the blank: what prefix modes 2 and 4 cut at."""
    (one,) = read("So it is.")
    front_end = FrontEnd(TABLE)
    prompted = front_end.together("Hello. You!", "So it is.", one)
    before = [symbol for each in read("Hello. You!") for symbol in ("_", *each.symbols)][1:]
    spoken = [TABLE.ids[symbol] for symbol in (*before, "_", *one.symbols)]
    assert prompted.ids == (BOS, *spoken, EOS)
    assert prompted.prompt_length == len(before) + 2
    assert prompted.ids[prompted.prompt_length - 1] == TABLE.ids["_"]


def test_without_a_prompt_the_text_is_alone() -> None:
    (one,) = read("So it is.")
    prompted = FrontEnd(TABLE).together(" ", "", one)
    assert prompted.ids == (BOS, *(TABLE.ids[symbol] for symbol in one.symbols), EOS)
    assert prompted.prompt_length == 2


def test_syllables_and_phones_come_apart() -> None:
    assert halves("ni3") == ["n", "i3"]
    assert halves("an1") == ["an1"]
    assert halves("ABC") == ["ABC"]
    assert tokenise("h|ə,_w|ɑːɹ?!") == ["h", "ə", ",", "_", "w", "ɑːɹ", "?", "!"]
    assert tokenise("") == []


def test_a_text_without_letters_and_digits_is_refused() -> None:
    with pytest.raises(TextError, match="nothing to say"):
        FrontEnd(TABLE).segments("...", "en")
