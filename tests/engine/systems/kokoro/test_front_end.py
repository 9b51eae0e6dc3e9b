"""The front end of a checkpoint, and what it tells of a text."""

import json

import pytest

from engine.errors import TextError
from engine.events import Notice
from engine.systems.kokoro.front_end import KokoroFrontEnd, front_end
from engine.systems.kokoro.options import Options
from tests.kokoro import read


def test_without_a_checkpoint_the_vocabulary_is_the_published_one():
    assert front_end(None).vocabulary == read("config_v1_0")["vocab"]
    assert len(front_end(None).vocabulary) == 114


def test_the_release_for_chinese_speaks_two_languages(tiny, tmp_path):
    assert front_end(tiny).languages == ("en", "es", "fr", "hi", "it", "pt", "ja", "zh")
    raw = read("config_v1_0") | {"vocab": read("vocab_v1_1_zh")}
    (tmp_path / "config.json").write_text(json.dumps(raw))
    (tmp_path / "kokoro-v1_1-zh.pth").touch()
    chinese = front_end(tmp_path)
    assert chinese.languages == ("en", "zh")
    assert len(chinese.vocabulary) == 171


def test_what_is_left_out_is_told_once():
    reader, options = KokoroFrontEnd({"a": 1, " ": 2, ".": 3}, ("en",)), Options(cleaned=True)
    read_ = list(reader.read(reader.segment("a ☃ a ☃ q", "en", options), options))
    assert isinstance(read_[0], Notice)
    assert read_[0].message == "left out, because the model has no symbol for it: '☃' 'q'"
    assert read_[1].phonemes == "a  a  "
    assert len(read_) == 2


def test_a_text_without_a_known_sound_is_refused():
    reader, options = KokoroFrontEnd({"a": 1}, ("en",)), Options(cleaned=True)
    with pytest.raises(TextError, match="nothing in this text"):
        list(reader.read(reader.segment("xyz", "en", options), options))


def test_our_own_reading_and_the_reference_differ_in_numbers(tiny):
    reader = front_end(tiny)
    ours, theirs = (
        next(iter(reader.read(reader.segment("It costs $3.50.", "en-us", options), options))).text
        for options in (Options(), Options(compat=True))
    )
    assert (ours, theirs) == ("It costs three dollars and fifty cents.", "It costs $3.50.")
