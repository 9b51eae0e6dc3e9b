import pytest

from engine.errors import TextError
from engine.text.sanitize import sanitize


def test_plain_text_passes_untouched():
    assert sanitize("Hello, world.\nSecond line.") == ("Hello, world.\nSecond line.", [])


def test_controls_and_bidi_overrides_are_dropped_and_said():
    text, notices = sanitize("a\x00b\u202ec\u200bd\ud800e\x07")
    assert text == "abcde"
    assert notices == ["5 invisible characters were left out of the text"]


def test_every_line_end_becomes_a_newline_and_tabs_stay():
    assert sanitize("a\r\nb\rc\u2028d\u2029e\x0bf\tg")[0] == "a\nb\nc\nd\ne\nf\tg"


def test_compatibility_forms_are_composed():
    assert sanitize("ﬁve ｈｅｌｌｏ e\u0301\u00a0x")[0] == "five hello é x"


def test_fractions_and_powers_stay_apart_from_their_number():
    assert sanitize("2½ cups, 10² and CO₂")[0] == "2 1⁄2 cups, 10 ² and CO2"
    assert sanitize("E=mc²，x³")[0] == "E=mc²,x³"
    assert sanitize("2½", verbatim=True)[0] == "2½"


def test_what_marks_kept_apart_is_not_run_together():
    assert sanitize("比分2：1，1~3天，①②③")[0] == "比分2:1, 1~3天,1 2 3"


def test_raised_numbers_are_powers_behind_numbers_and_single_letters():
    assert sanitize("x¹⁰, 10⁻⁵ and 2ⁿ")[0] == "x^10, 10^-5 and 2^n"
    assert sanitize("as was said¹²")[0] == "as was said 12"


def test_digits_of_every_script_are_those_of_ascii():
    assert sanitize("Call ٣٣٣-٣٣٣٣ now")[0] == "Call 333-3333 now"
    assert sanitize("1,000.१ ৪ ５ 𝟗")[0] == "1,000.1 4 5 9"
    assert sanitize("٣", verbatim=True)[0] == "٣"


def test_a_letter_keeps_eight_marks():
    text, notices = sanitize("a" + "\u0316" * 12)
    assert text == "a" + "\u0316" * 8
    assert notices == ["4 combining marks were left out of the text"]
    assert sanitize("a" + "\u0316" * 9)[1] == ["1 combining mark was left out of the text"]


def test_verbatim_text_keeps_its_phonemes():
    ipa = "kʰˈæt… ½ ｈ"
    assert sanitize(ipa, verbatim=True)[0] == ipa
    assert sanitize(ipa)[0] != ipa


@pytest.mark.parametrize("text", ["", "   ", "\n", "...", "?!", "\u200b\u200b", "—"])
@pytest.mark.parametrize("verbatim", [True, False])
def test_nothing_to_speak_is_refused(text, verbatim):
    with pytest.raises(TextError, match="nothing in the text"):
        sanitize(text, verbatim=verbatim)


def test_one_symbol_is_enough():
    assert sanitize("%")[0] == "%"
    assert sanitize("7")[0] == "7"


def test_a_million_characters_are_refused_with_both_numbers():
    with pytest.raises(TextError, match="1,000,000 characters; at most 5,000"):
        sanitize("a" * 1_000_000, max_chars=5000)


def test_text_that_grows_when_composed_is_counted_after_it():
    with pytest.raises(TextError, match="at most 100"):
        sanitize("ﷺ" * 50, max_chars=100)


@pytest.mark.parametrize("value", [None, 3, b"bytes", {"text": "a"}, ["a"]])
def test_what_is_no_text_is_refused_by_type(value):
    with pytest.raises(TextError, match=type(value).__name__):
        sanitize(value)
