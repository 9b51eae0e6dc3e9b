"""The whole system on the reduced checkpoints."""

import numpy as np
import pytest
import torch

from engine.errors import TextError, VoiceError
from engine.events import AudioChunk
from engine.systems.styletts2 import voices
from engine.systems.styletts2.options import Options
from tests.engine.systems.styletts2.closeness import LIBRI, LJ
from tests.engine.systems.styletts2.spoken import chunks, events, notices, sound

TWO = "The first sentence is long enough to stand alone, is it not? And the second one is just as long as that."


@pytest.mark.parametrize("name", [LJ, LIBRI])
def test_equal_seeds_sound_equal_and_others_do_not(systems, voice, name):
    say = lambda seed: sound(events(systems(name), "Hello.", voice(name), seed=seed))  # noqa: E731
    first = say(3)
    assert np.array_equal(first, say(3))
    assert len(first) != len(say(4)) or not np.allclose(first, say(4))


def test_the_first_sentence_leaves_before_the_second_is_begun(systems, played):
    system = systems(LJ)
    found = played(system)
    options = Options()
    segments = system.segment(TWO, "en", options)
    assert len(segments) == 2
    work = system.synthesize(segments, system.voice(""), options, torch.Generator().manual_seed(1))
    chunk = next(event for event in work if isinstance(event, AudioChunk))
    assert (chunk.segment, len(found)) == (0, 1)
    work.close()
    assert len(found) == 1


def test_a_text_can_be_stopped_many_times_within_a_sentence(systems):
    system = systems(LJ)
    found = events(system, "Hello there, my friend.", system.voice(""), diffusion_steps=5)
    at = next(index for index, event in enumerate(found) if isinstance(event, AudioChunk))
    assert at > 40


def test_a_model_speaks_only_in_voices_of_its_kind(systems, voice):
    with pytest.raises(VoiceError, match="model of many speakers"):
        events(systems(LJ), "Hello.", voice(LIBRI))
    small = voices.voice_of(np.zeros(16), "small", multispeaker=False)
    with pytest.raises(VoiceError, match="16 values; this model needs 32"):
        events(systems(LJ), "Hello.", small)
    with pytest.raises(VoiceError, match="needs one"):
        events(systems(LIBRI), "Hello.", systems(LJ).voice(""))


def test_what_the_model_cannot_say_is_told_or_refused(systems):
    system = systems(LJ)
    found = events(system, "hə§lˈoʊ", system.voice(""), cleaned=True)
    assert notices(found) == ["left out, because the model has no symbol for it: '§'"]
    assert len(chunks(found)) == 1
    with pytest.raises(TextError, match="nothing in this text"):
        events(system, "§§ ..", system.voice(""), cleaned=True)
    with pytest.raises(TextError, match="empty"):
        events(system, "  ", system.voice(""))
    with pytest.raises(TextError, match="no sound"):
        events(system, "''", system.voice(""), compat=True)
    assert notices(events(system, "hə§lˈoʊ", system.voice(""), cleaned=True, compat=True)) == []
