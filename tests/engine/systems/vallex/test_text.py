"""Our front end: cut, put in words, read in three languages, closed."""

import pytest

from engine.errors import TextError
from engine.systems.vallex.text import MAX_CHARS, FrontEnd, PreparedSegment
from engine.text.segment import PARAGRAPH_PAUSE_S, SENTENCE_PAUSE_S
from tests.engine.systems.vallex.vectors import run_lengths
from tests.engine.text.open_jtalk import TEXTS, install

FRONT_END = FrontEnd()


@pytest.fixture(autouse=True)
def _recorded(monkeypatch: pytest.MonkeyPatch) -> None:
    install(monkeypatch)


def read(text: str, language: str = "en") -> list[PreparedSegment]:
    return list(FRONT_END.prepared(FRONT_END.segments(text, language)))


def said(text: str, language: str = "en") -> str:
    return " ".join(each.phonemes or "" for each in read(text, language))


def test_numbers_and_signs_are_in_words_of_the_language_around_them() -> None:
    assert said("It costs $3.50.") == "ɪt_kɔsts_θɹi_ˈdɔləɹz_ənd_ˈfɪfti_sɛnts."
    assert said("10%的人。") == "p⁼aɪ↓↑fən→ts`⁼ɹ`→s`ɹ`↑_t⁼ə_ɹ`ən↑."
    assert said("-5度から10%まで。") == "ma↑inasɯ_go↓dokaɾa_dʑɯ↑p#paase↓ntomade."


def test_the_whole_number_of_the_reference_is_said() -> None:
    """Its dictionary has no thirty-four, and its Chinese reads years as amounts."""
    assert "*" not in said("1,234 apples in 1999.")
    assert said("2023年") == "əɹ`↓liŋ↑_əɹ`↓san→njɛn↑."


def test_every_stretch_is_in_its_language() -> None:
    text = "I like 北京烤鸭 very much, and すし too!"
    (one,) = read(text)
    assert [language for language, _ in run_lengths(one.languages)] == ["en", "zh", "en", "ja", "en"]
    assert one.phonemes == "aɪ_laɪk_p⁼eɪ↓↑tʃ⁼iŋ→kʰɑʊ↓↑ja→_ˈvɛɹi_mətʃ,_ənd_sɯ↑ʃi_tu!"
    assert len(one.ids) == len(one.languages) == len(one.phonemes)


def test_sentences_in_several_languages_are_cut_with_pauses() -> None:
    segments = FRONT_END.segments("你好。こんにちは。Hello.\n这", "en")
    assert [(each.text, each.language, each.pause_s) for each in segments] == [
        ("你好。", "zh", SENTENCE_PAUSE_S),
        ("こんにちは。", "ja", SENTENCE_PAUSE_S),
        ("Hello.", "en", PARAGRAPH_PAUSE_S),
        ("这", "zh", 0.0),
    ]


def test_tags_tell_the_language_of_chinese_characters() -> None:
    japanese, chinese = read("[JA]東京[JA]と[ZH]北京[ZH]")
    assert (set(japanese.languages), set(chinese.languages)) == ({"ja"}, {"zh"})
    assert (japanese.text, chinese.text) == ("東京と", "北京")


def test_a_piece_is_closed_by_a_full_stop_or_where_it_goes_on_by_a_comma() -> None:
    long = "and so it goes on " * 20
    pieces = read(long)
    assert len(pieces) > 1
    assert all(len(each.text) <= MAX_CHARS for each in pieces)
    assert {each.phonemes[-1] for each in pieces[:-1]} == {","}
    assert pieces[-1].phonemes.endswith(".")
    assert said("Really?") == "ˈɹɪli?"


def test_what_cannot_be_said_is_told() -> None:
    first, second = read(TEXTS[0])
    assert first.left_out == ()
    assert second.left_out == ("😀",)
    assert read("Ω Привет a")[0].left_out == tuple("Привет")


def test_a_text_without_letters_and_digits_is_refused() -> None:
    with pytest.raises(TextError, match="nothing to say"):
        FRONT_END.segments("...", "en")
