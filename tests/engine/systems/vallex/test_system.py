"""VALL-E X through its public layout: the reference's sound, long texts, and what goes wrong."""

import dataclasses

import numpy as np
import pytest
import torch
from torch.testing import assert_close

from engine.errors import OptionError, VoiceError, WeightsMismatch, WeightsMissing
from engine.events import AudioChunk, Notice
from engine.request import Voice, VoicePrompt
from engine.steps import finish
from engine.systems.vallex.options import Options
from engine.systems.vallex.system import load
from tests.valle import arrays, valle_checkpoint, vallex_checkpoint

CPU = torch.device("cpu")
EXACT = Options(compat=True)
# A model of random weights never ends, so nothing is drawn again and texts are short.
SHORT = Options(max_audio_s=1.0, repetition_guard=False)


def opened(folder):
    return finish(load(folder, CPU, torch.float32))


@pytest.fixture(scope="module", params=[False, True], ids=["flat", "nested"])
def system(request, tmp_path_factory):
    return opened(vallex_checkpoint(tmp_path_factory.mktemp("vallex"), nested=request.param))


@pytest.fixture(scope="module")
def both(tmp_path_factory):
    """With EnCodec beside Vocos."""
    return opened(vallex_checkpoint(tmp_path_factory.mktemp("both"), encodec=True))


def speak(system, text, options, voice="golden", seed=0, language="en"):
    segments = system.segment(text, language, options)
    voice = system.voice(voice) if isinstance(voice, str) else voice
    return list(system.synthesize(segments, voice, options, torch.Generator().manual_seed(seed)))


def sound(events):
    return [event.samples for event in events if isinstance(event, AudioChunk)]


@pytest.mark.parametrize(
    ("key", "changes", "seed"),
    [("greedy", {"top_k": 1}, 0), ("greedy", {"temperature": 0.0}, 0), ("seed1234", {}, 1234)],
)
def test_text_and_voice_become_the_reference_s_sound(system, key, changes, seed):
    (found,) = sound(speak(system, "Go on.", dataclasses.replace(EXACT, **changes), seed=seed))
    assert_close(torch.from_numpy(found), arrays("e2e_vallex")[f"{key}_wav"], atol=2e-5, rtol=0)


def test_presets_are_voices(system):
    assert system.voices() == ("golden",)
    voice = system.voice("Golden")
    golden = arrays("e2e_vallex")
    assert np.array_equal(voice.tensors["codes"], golden["prompt_audio_tokens"][0].numpy())
    assert voice.tensors["text_ids"].tolist() == golden["prompt_text_tokens"][0].tolist()
    assert voice.meta["language"] == "en"
    with pytest.raises(VoiceError, match="no voice 'nobody'; name golden"):
        system.voice("nobody")


def test_the_encodec_is_not_read_for_a_voice_of_codes(both):
    sound(speak(both, "Go on.", SHORT))
    assert both.networks.codecs._encodec is None
    assert len(list(both.networks.codecs.parameters())) > 0


def test_a_recording_becomes_a_voice_that_speaks(both):
    samples = arrays("e2e_valle")["prompt_wav_24k"][0, 0].numpy()
    voice = both.encode_voice(VoicePrompt(samples=samples, sample_rate=24_000, transcript="Yes.", language="en"))
    assert np.array_equal(voice.tensors["codes"], arrays("e2e_valle")["prompt_codes"][0].T.numpy())
    events = speak(both, "Go on.", SHORT, voice=voice)
    assert ["takes only 0.3 s" in str(event.message) for event in events if isinstance(event, Notice)] == [True]
    assert len(sound(events)[0]) == 75 * 320
    silent = dataclasses.replace(voice, meta={"transcript": "", "language": ""})
    assert any(
        "not known" in str(event.message)
        for event in speak(both, "Go on.", SHORT, voice=silent)
        if isinstance(event, Notice)
    )


@pytest.mark.parametrize("decoder", ["vocos", "encodec"])
def test_either_codec_makes_sound(both, decoder):
    (found,) = sound(speak(both, "Go on.", dataclasses.replace(SHORT, decoder=decoder)))
    assert len(found) == 75 * 320
    assert np.isfinite(found).all()


def test_a_decoder_that_is_not_there_is_named(system):
    with pytest.raises(OptionError, match="decoder=encodec was asked for"):
        speak(system, "Go on.", dataclasses.replace(SHORT, decoder="encodec"))
    with pytest.raises(WeightsMissing, match="needs EnCodec"):
        system.encode_voice(VoicePrompt(samples=np.zeros(24_000, np.float32), sample_rate=24_000))


def test_without_any_codec_nothing_sounds(tmp_path):
    system = opened(vallex_checkpoint(tmp_path, vocos=False))
    with pytest.raises(WeightsMissing, match="nothing makes sound"):
        speak(system, "Go on.", SHORT)


@pytest.mark.parametrize(("seconds", "message"), [(16, "takes 16 s; cut it to 3 to 10 s"), (60, "takes 60 s")])
def test_recordings_that_are_too_long_are_refused(both, seconds, message):
    samples = np.ones(seconds * 24_000, np.float32)
    with pytest.raises(VoiceError, match=message):
        both.encode_voice(VoicePrompt(samples=samples, sample_rate=24_000))


LONG = "The first sentence is here. The second one follows. And a third, which ends it."


@pytest.mark.parametrize("long_text", ["fixed-prompt", "sliding-window"])
@pytest.mark.parametrize("voice", ["golden", ""])
def test_long_texts_come_sentence_by_sentence_and_the_same_again(system, long_text, voice):
    options = dataclasses.replace(SHORT, long_text=long_text, best_of=2)
    text = " ".join([LONG] * 3)
    events = speak(system, text, options, voice=voice, seed=3)
    chunks = [event for event in events if isinstance(event, AudioChunk)]
    assert [chunk.segment for chunk in chunks] == list(range(len(system.segment(text, "en", options))))
    assert len(chunks) > 1
    again = sound(speak(system, text, options, voice=voice, seed=3))
    assert all(np.array_equal(a.samples, b) for a, b in zip(chunks, again, strict=True))


def test_the_accent_and_the_language_change_what_is_said(system):
    greedy = dataclasses.replace(SHORT, temperature=0.0)
    plain, accent = (
        sound(speak(system, "Go on.", dataclasses.replace(greedy, accent=name))) for name in ("no-accent", "中文")
    )
    assert not np.array_equal(plain[0], accent[0])


def test_what_went_astray_is_tried_again_and_told(system):
    events = speak(system, "Go on.", dataclasses.replace(SHORT, repetition_guard=True))
    assert [str(event.message) for event in events if isinstance(event, Notice)] == [
        "the sample takes only 0.2 s; from 3 s on the voice is likened better",
        "a piece of the text went astray and was cut; listen to it, and try another seed",
    ]
    assert len(sound(events)) == 1


def test_compat_joins_the_codes_of_a_long_text(system):
    text = "This sentence is one of many. " * 12
    options = dataclasses.replace(EXACT, long_text="sliding-window", temperature=0.0)
    assert len(system.segment(text, "en", options)) > 1
    short = system.segment(text, "en", options)[:2]
    events = list(system.synthesize(short, system.voice("golden"), options, torch.Generator().manual_seed(0)))
    (found,) = sound(events)
    assert len(found) % 320 == 0


def test_a_voice_of_another_kind_is_refused(system):
    for tensors, message in (
        ({"speaker": np.zeros(4)}, "no codes"),
        ({"codes": np.full((5, 8), 1024)}, "code 1024"),
        ({"codes": np.zeros((5, 4), np.int16)}, "shape"),
        ({"codes": np.zeros((5, 8), np.int16), "text_ids": np.array([70])}, "another model"),
    ):
        with pytest.raises(VoiceError, match=message):
            speak(system, "Go on.", SHORT, voice=Voice(system="vallex", name="x", tensors=tensors))


def test_a_checkpoint_of_the_other_family_is_named(tmp_path):
    folder = valle_checkpoint(tmp_path, encodec="transformers")
    (folder / "epoch-100.pt").rename(folder / "vallex-checkpoint.pt")
    with pytest.raises(WeightsMismatch, match="load one of VALL-E as valle"):
        opened(folder)
    with pytest.raises(WeightsMissing, match=r"no vallex-checkpoint\.pt"):
        opened(folder / "encodec")


def test_reduced_precision_speaks(tmp_path):
    system = finish(load(vallex_checkpoint(tmp_path), CPU, torch.bfloat16))
    assert np.isfinite(sound(speak(system, "Go on.", SHORT))[0]).all()
