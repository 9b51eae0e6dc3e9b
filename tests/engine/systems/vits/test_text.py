"""Our front end: how a text is cut, what its symbols are, what is left out."""

import json
import shutil

import pytest
import torch

from engine.errors import ConfigError, TextError
from engine.events import AudioChunk
from engine.request import Segment
from engine.systems.vits.config import symbol_tables
from engine.systems.vits.options import Options
from engine.systems.vits.text import MAX_PHONEMES, FrontEnd, split_phonemes
from tests.engine.systems.vits.speech import LONG, events_of, sound

SYMBOLS = symbol_tables()["english"]


def test_plain_text_is_cut_by_sentences(system):
    text = "This is the first sentence of two. And here the second one follows it."
    segments = system("mb_det").segment(text * 5, "en", Options())
    assert len(segments) > 2
    assert all(segment.pause_s > 0 for segment in segments[:-1])


def test_text_without_letters_is_refused(system):
    with pytest.raises(TextError, match="nothing to say"):
        system("mb_det").segment("... !!!", "en", Options())
    with pytest.raises(TextError, match="no symbol"):
        events_of(system("mb_det"), "漢字")


def test_cleaned_text_is_cut_at_marks_only_when_it_is_long():
    assert split_phonemes("hˈaɪ. wˈɜːld.", "en") == [Segment(text="hˈaɪ. wˈɜːld.", language="en")]
    segments = split_phonemes(LONG.strip(), "en")
    assert all(len(segment.text) <= MAX_PHONEMES and segment.text.endswith(".") for segment in segments)
    assert " ".join(segment.text for segment in segments) == LONG.strip()
    commas = split_phonemes(LONG.replace(".", ",").strip(), "en")
    assert all(segment.text.endswith(",") for segment in commas)
    assert all(0 < segment.pause_s < segments[0].pause_s for segment in commas[:-1])


@pytest.mark.parametrize("text", ["x" * 1000, "x " * 500, "ab. " + "x" * 1000])
def test_cleaned_text_without_marks_is_cut_all_the_same_and_nothing_is_lost(text):
    segments = split_phonemes(text, "en")
    assert all(len(segment.text) <= MAX_PHONEMES for segment in segments)
    assert "".join(segment.text for segment in segments).replace(" ", "") == text.replace(" ", "")


def test_first_sound_waits_for_no_other_segment(system, monkeypatch):
    loaded = system("mb_det")
    segments = loaded.segment("This is a sentence, and it is not a short one at all. " * 50, "en", Options())
    assert len(segments) > 20
    read = []
    clean = loaded.front_end.encoder.clean
    monkeypatch.setattr(loaded.front_end.encoder, "clean", lambda text: read.append(text) or clean(text))
    events = loaded.synthesize(segments, loaded.voice(""), Options(), torch.Generator().manual_seed(0))
    while not isinstance(next(events), AudioChunk):
        pass
    assert len(read) == 1
    events.close()


def test_apostrophe_has_its_last_number(system):
    encoded = system("mb_det").front_end.encoder.encode("a'b")
    assert encoded.ids[3] == 176
    assert encoded.ids[::2] == (0, 0, 0, 0)


def test_english_text_is_phonemized_and_gets_an_end(system):
    loaded = system("mb_det")
    front_end = FrontEnd(loaded.front_end.encoder, cleaned=False)
    segments = front_end.segments("Hello there, hello there, hello there, hello there and hello there", "en")
    encoded = list(front_end.encoded(segments))
    spoken = ["".join(SYMBOLS[number] for number in item.ids[1::2]) for item in encoded]
    assert spoken[0].startswith("həlˈoʊ")
    assert [text[-1] for text in spoken] == [*"," * (len(spoken) - 1), "."]
    assert {item.unknown for item in encoded} == {()}


def test_what_stands_in_brackets_is_said_apart(system):
    front_end = FrontEnd(system("mb_det").front_end.encoder, cleaned=False)
    (encoded,) = front_end.encoded(front_end.segments("Ten (or so) were there (at last).", "en"))
    assert encoded.symbols.count(",") == 3
    assert encoded.symbols.endswith("lˈæst.")
    assert (encoded.unknown, encoded.unread) == ((), ())


def test_cleaners_that_are_not_here_are_named_with_how_to_go_on(tmp_path, checkpoint, load_system):
    folder = shutil.copytree(checkpoint("mb_det"), tmp_path / "shanghai")
    raw = json.loads((folder / "config.json").read_text())
    raw["data"]["text_cleaners"] = ["shanghainese_cleaners"]
    (folder / "config.json").write_text(json.dumps(raw))
    loaded = load_system(folder)
    assert loaded.front_end.languages == ()
    with pytest.raises(ConfigError, match=r"'shanghainese_cleaners'.*english_cleaners2.*cleaned=true"):
        loaded.segment("侬好", "zh", Options())
    assert len(sound(events_of(loaded, "noŋhɔ"))) > 0
