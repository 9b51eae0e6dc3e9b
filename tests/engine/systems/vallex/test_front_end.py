"""The front end as the studio asks for it: segments, notices, transcripts."""

from itertools import pairwise

import pytest

from engine.errors import TextError, WeightsMissing
from engine.events import Notice
from engine.systems.vallex.front_end import front_end
from engine.systems.vallex.symbols import IDS
from tests.engine.systems.vallex.vectors import COMPAT, OURS
from tests.engine.text.open_jtalk import TEXTS, install

FRONT_END = front_end(None)


@pytest.fixture(autouse=True)
def _recorded(monkeypatch: pytest.MonkeyPatch) -> None:
    install(monkeypatch)


def events(text: str, options=OURS, language: str = "en") -> list:
    return list(FRONT_END.read(FRONT_END.segment(text, language, options), options))


def test_it_speaks_three_languages_with_every_checkpoint(tmp_path) -> None:
    assert FRONT_END.languages == ("en", "zh", "ja")
    assert front_end(tmp_path).languages == FRONT_END.languages
    with pytest.raises(WeightsMissing, match="no checkpoint"):
        front_end(tmp_path / "gone")
    assert FRONT_END.caveats(OURS) == ()


def test_what_is_left_out_is_told_once_before_its_segment() -> None:
    first, read, last = events("One 😀 two.\n😀 three.")
    assert isinstance(first, Notice)
    assert first.message == "left out, because the model cannot say it: '😀'"
    assert read.left_out == last.left_out == ("😀",)


@pytest.mark.parametrize("options", [OURS, COMPAT], ids=["ours", "compat"])
def test_every_id_has_a_language_and_a_symbol(options) -> None:
    for text in TEXTS if options is OURS else ("Hello there.", "你好，世界。"):
        for read in events(text, options):
            if not isinstance(read, Notice):
                assert len(read.ids) == len(read.languages) == len(read.phonemes)
                assert [IDS.get(symbol, 0) for symbol in read.phonemes] == list(read.ids)


def test_nothing_to_say_is_said_so() -> None:
    for text in ("", "  \n"):
        with pytest.raises(TextError, match="empty"):
            FRONT_END.segment(text, "en", OURS)
    with pytest.raises(TextError, match="cannot say any character"):
        events("😀")


def test_under_compat_the_text_is_as_the_reference_has_it() -> None:
    (ours,), (published,) = events("I have 34."), events("I have 34.", COMPAT)
    assert ours.phonemes == "aɪ_hæv_ˈθəɹˌdi_fɔɹ."
    assert published.phonemes == "aɪ_hæv_thiɹty-fouɹ*."


def test_a_transcript_is_all_in_one() -> None:
    whole = FRONT_END.transcript("Hello there. 你好。", "en", OURS)
    assert whole.phonemes == "hɛˈloʊ_ðɛɹ._ni↓↑xɑʊ↓↑."
    assert len(whole.ids) == len(whole.languages) == len(whole.phonemes)
    assert [pair for pair in pairwise(whole.languages) if pair[0] != pair[1]] == [("en", "zh")]
    assert FRONT_END.transcript("Hello there.", "en", COMPAT).phonemes == "hɛˈloʊ_ðɛɹ."
