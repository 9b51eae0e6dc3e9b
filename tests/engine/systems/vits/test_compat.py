"""Option compat: one piece of text, as it is, of symbols that the model knows."""

import dataclasses

import pytest

from engine.errors import TextError
from engine.request import Segment
from engine.systems.vits.compat import MAX_CHARS, FrontEnd
from engine.systems.vits.config import symbol_tables
from engine.systems.vits.options import Options
from tests.engine.systems.vits.speech import CLEANED, events_of, sound

COMPAT = dataclasses.replace(CLEANED, compat=True)


def test_compat_keeps_the_text_in_one_piece(system):
    text = "  First.   Second!\nThird? " * 20
    for options in (COMPAT, Options(compat=True)):
        segments = system("mb_det").segment(text, "en", options)
        assert segments == [Segment(text=text, language="en")]


def test_compat_refuses_what_it_cannot_say_in_one_piece(system):
    for options in (COMPAT, Options(compat=True)):
        assert len(system("mb_det").segment("a" * MAX_CHARS, "en", options)) == 1
        with pytest.raises(TextError, match=r"2,001 characters.*at most 2,000.*leave compat off"):
            system("mb_det").segment("a" * (MAX_CHARS + 1), "en", options)


def test_unknown_symbols_are_an_error_under_compat(system):
    with pytest.raises(TextError, match="'漢'"):
        events_of(system("mb_det"), "hˈaɪ 漢", COMPAT)


def test_nothing_closes_a_text_under_compat(system):
    front_end = FrontEnd(system("mb_det").front_end.encoder, cleaned=False)
    (encoded,) = front_end.encoded([Segment(text="Hello there", language="en")])
    assert symbol_tables()["english"][encoded.ids[-2]] == "ɹ"


def test_punctuation_alone_is_spoken_under_compat(system):
    assert len(sound(events_of(system("mb_det"), "...", COMPAT))) > 0
    with pytest.raises(TextError, match="no symbol"):
        events_of(system("mb_det"), "...")
