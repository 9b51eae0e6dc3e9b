"""The loaded system: requests through the engine, streams, languages, and what is told."""

import numpy as np
import pytest
import torch

from engine.engine import Engine
from engine.errors import TextError, VoiceError
from engine.events import AudioChunk, Notice, Progress, Words
from engine.request import VoicePrompt
from engine.systems.kokoro import SPEC
from engine.systems.kokoro.options import Options
from engine.systems.kokoro.voices import voice_of
from tests.kokoro import tiny_pack

LONG = "The quick brown fox jumps over the lazy dog. " * 8


def events(system, text, voice=None, language="en-us", seed=1, **options):
    chosen = Options(**options)
    segments = system.segment(text, language, chosen)
    rng = torch.Generator().manual_seed(seed)
    return list(system.synthesize(segments, voice or system.voice(""), chosen, rng))


def sound(found):
    return np.concatenate([event.samples for event in found if isinstance(event, AudioChunk)])


def notices(found):
    return [event.message for event in found if isinstance(event, Notice)]


def test_a_seed_repeats_the_sound(small):
    first, again, other = (sound(events(small, "Hello there.", seed=seed)) for seed in (1, 1, 2))
    np.testing.assert_array_equal(first, again)
    assert not np.array_equal(first, other)


def test_a_text_leaves_sentence_by_sentence(small):
    found = events(small, LONG)
    segments = [event.segment for event in found if isinstance(event, AudioChunk)]
    assert segments == sorted(segments)
    assert set(segments) == set(range(max(segments) + 1))
    progress = [event.done for event in found if isinstance(event, Progress)]
    assert progress == sorted(progress)


def test_every_word_is_told_with_its_time_before_its_sound(small):
    found = events(small, LONG)
    told = [event for event in found if isinstance(event, Words)]
    assert [word.text for event in told for word in event.words] == LONG.replace(".", "").split()
    for event in told:
        own = [chunk for chunk in found if isinstance(chunk, AudioChunk) and chunk.segment == event.segment]
        behind = found[next(at for at, each in enumerate(found) if each is event) :]
        assert sum(isinstance(chunk, AudioChunk) and chunk.segment == event.segment for chunk in behind) == len(own)
        spans = [(word.start_s, word.end_s) for word in event.words]
        assert spans == sorted(spans)
        assert 0 < spans[0][0] < spans[-1][1] < sum(len(chunk.samples) for chunk in own) / 24_000


def test_the_words_of_a_result_have_its_times(tiny):
    engine = Engine(device="cpu")
    speech = engine.say(LONG, system="kokoro", checkpoint=tiny, seed=1)
    assert [word.text for word in speech.words] == LONG.replace(".", "").split()
    times = [time for word in speech.words for time in (word.start_s, word.end_s)]
    assert times == sorted(times)
    assert speech.audio_s - 1 < times[-1] <= speech.audio_s + 0.1


def test_speed_pitch_and_phonemes_are_heeded(small):
    plain, fast = sound(events(small, "Hello there.")), sound(events(small, "Hello there.", speed=2))
    assert len(fast) < 0.75 * len(plain)
    cleaned = events(small, "həlˈO ðˈɛɹ.", cleaned=True)
    assert len(sound(cleaned)) > 0
    assert not np.array_equal(sound(cleaned), sound(events(small, "həlˈO ðˈɛɹ.", cleaned=True, f0_shift=3)))


def test_a_voice_of_another_language_is_told(small):
    foreign = voice_of(tiny_pack().numpy().reshape(510, 32), "jf_alpha")
    (told,) = notices(events(small, "Hello there.", foreign))
    assert told == "the voice jf_alpha is of another language (Japanese), and speaks American English with an accent"
    assert notices(events(small, "Hello there.", language="en-gb")) == []


def test_voices_of_other_models_and_recordings_are_refused(small):
    with pytest.raises(VoiceError, match="16 values; this model needs 32"):
        events(small, "Hello.", voice_of(np.zeros((510, 16), np.float32), "af_heart"))
    with pytest.raises(VoiceError, match="fixed"):
        small.encode_voice(VoicePrompt(samples=np.zeros(10, np.float32), sample_rate=24_000))
    with pytest.raises(TextError):
        events(small, "☃ ☃", cleaned=True)


def test_a_short_pack_gives_its_last_row_to_what_is_longer(small):
    pack = tiny_pack().numpy().reshape(510, 32)[:5]
    assert len(sound(events(small, "Hello there.", voice_of(pack, "af_short")))) > 0


def test_the_engine_speaks_in_the_language_of_the_voice(tiny, tmp_path):
    torch.save(tiny_pack(), tiny / "voices" / "bf_tiny.pt")
    torch.save(tiny_pack(), tiny / "voices" / "ef_tiny.pt")
    try:
        assert SPEC.voice_language("", tiny) == "en-us"
        assert SPEC.voice_language("bf_tiny=2,ef_tiny", tiny) == "en-gb"
        assert SPEC.voice_language("of my own", tiny) == ""
        assert SPEC.voice_language("", tmp_path) == ""
        engine = Engine(device="cpu")
        for voice, heard in (("", "en-us"), ("bf_tiny", "en-gb"), ("ef_tiny", "es")):
            speech = engine.say("Hola.", system="kokoro", voice=voice, checkpoint=tiny, seed=1)
            assert speech.notices == (), heard
            assert len(speech.samples) > 0
        read = engine.read("Hola.", system="kokoro", checkpoint=tiny)
        assert read.segments[0].phonemes
        told = engine.say("Hello.", system="kokoro", voice="ef_tiny", language="en", checkpoint=tiny, seed=1).notices
        assert len(told) == 1
    finally:
        for name in ("bf_tiny", "ef_tiny"):
            (tiny / "voices" / f"{name}.pt").unlink()
