"""The whole system on the reduced checkpoints."""

from itertools import pairwise

import numpy as np
import pytest
import torch

from engine.errors import TextError, VoiceError
from engine.events import AudioChunk
from engine.style_tts import decoder
from engine.systems.styletts2 import voices
from engine.systems.styletts2.options import Options
from tests.engine.style_tts.closeness import LIBRI, LJ
from tests.engine.systems.styletts2.spoken import chunks, events, notices, sound

TWO = "The first sentence is long enough to stand alone, is it not? And the second one is just as long as that."

LONG = (
    "When the first light of the morning fell on the harbour, nobody was there to see it, for the boats had left at "
    "night. And then it was day."
)


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


@pytest.mark.parametrize("name", [LJ, LIBRI])
def test_a_long_first_sentence_is_heard_before_it_is_spoken_to_its_end(systems, voice, name):
    found = events(systems(name), LONG, voice(name))
    assert [chunk.segment for chunk in chunks(found)].count(0) > 4
    at = [index for index, event in enumerate(found) if isinstance(event, AudioChunk)]
    # It can be stopped within every piece, and the first one takes a part of the work.
    assert all(after - before > 10 for before, after in pairwise(at))
    assert at[0] < len(found) / 4


@pytest.mark.parametrize("name", [LJ, LIBRI])
def test_after_a_first_sentence_in_pieces_all_is_as_after_a_whole_one(systems, voice, name, monkeypatch):
    system = systems(name)
    streamed = chunks(events(system, LONG, voice(name)))
    monkeypatch.setattr(decoder, "LEAST_IN_PIECES", 1_000_000)
    first, second = chunks(events(system, LONG, voice(name)))
    in_pieces = np.concatenate([chunk.samples for chunk in streamed if chunk.segment == 0])
    assert len(in_pieces) == len(first.samples)
    assert np.array_equal(streamed[-1].samples, second.samples)


@pytest.mark.parametrize("name", [LJ, LIBRI])
def test_where_pieces_meet_nothing_is_heard(systems, voice, name, monkeypatch):
    system = systems(name)
    streamed = [chunk.samples for chunk in chunks(events(system, LONG, voice(name))) if chunk.segment == 0]
    monkeypatch.setattr(decoder, "LEAST_IN_PIECES", 1_000_000)
    whole = chunks(events(system, LONG, voice(name)))[0].samples
    seams = np.cumsum([len(piece) for piece in streamed])[:-1]
    sound = np.concatenate(streamed)
    # Neither a jump, nor a change of the spectrum or the level, but those that the whole sentence has there.
    for measure, least in ((_jumps, 1e-3), (_flux, 0.1), (_steps_db, 1.0)):
        ours, theirs = measure(sound, seams), measure(whole, seams)
        assert (ours < 1.2 * theirs + least).all(), measure.__name__


def test_under_compat_every_sentence_is_whole(systems):
    system = systems(LJ)
    found = chunks(events(system, LONG, system.voice(""), compat=True))
    assert [chunk.segment for chunk in found] == [0, 1]


def _jumps(sound, seams):
    """The largest difference of neighbours within a millisecond, over the root mean square of the sound."""
    steps = np.abs(np.diff(sound)) / np.sqrt(np.mean(sound**2))
    return np.array([steps[at - 12 : at + 12].max() for at in seams])


def _flux(sound, seams):
    """How far the spectra of 10 ms before and after are from each other, over the larger of them."""
    window = np.hanning(240)
    spectra = [
        [np.abs(np.fft.rfft(part * window)) for part in (sound[at - 240 : at], sound[at : at + 240])] for at in seams
    ]
    return np.array([np.linalg.norm(a - b) / max(np.linalg.norm(a), np.linalg.norm(b)) for a, b in spectra])


def _steps_db(sound, seams):
    """By how many dB the levels of 25 ms before and after differ."""
    levels = [[np.sqrt(np.mean(part**2)) for part in (sound[at - 600 : at], sound[at : at + 600])] for at in seams]
    return np.array([abs(20 * np.log10(before / after)) for before, after in levels])
