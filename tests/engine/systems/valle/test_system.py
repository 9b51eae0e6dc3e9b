"""VALL-E through what a training leaves: the reference's sound, every variant, and what goes wrong."""

import dataclasses

import numpy as np
import pytest
import torch
from torch.testing import assert_close

from engine.codec_lm.generation import continual
from engine.errors import TextError, VoiceError, WeightsMismatch, WeightsMissing
from engine.events import AudioChunk, Notice
from engine.request import Voice, VoicePrompt
from engine.steps import finish
from engine.systems.valle import SPEC
from engine.systems.valle.options import Options
from engine.systems.valle.system import load
from engine.voicing import joined
from tests.valle import arrays, valle_checkpoint, vallex_checkpoint

CPU = torch.device("cpu")
EXACT = Options(compat=True)
# A model of random weights never ends, so nothing is drawn again and texts are short.
SHORT = Options(max_audio_s=1.0, repetition_guard=False)


def opened(folder, dtype=torch.float32):
    return finish(load(folder, CPU, dtype))


@pytest.fixture(scope="module", params=["package", "transformers"])
def system(request, tmp_path_factory):
    return opened(valle_checkpoint(tmp_path_factory.mktemp("valle"), encodec=request.param))


@pytest.fixture(scope="module")
def voice(tmp_path_factory):
    system = opened(valle_checkpoint(tmp_path_factory.mktemp("valle")))
    samples = arrays("e2e_valle")["prompt_wav_24k"][0, 0].numpy()
    return system.encode_voice(VoicePrompt(samples=samples, sample_rate=24_000, transcript="Hour."))


def speak(system, text, options, voice, seed=0):
    segments = system.segment(text, "en", options)
    return list(system.synthesize(segments, voice, options, torch.Generator().manual_seed(seed)))


def sound(events):
    return [event.samples for event in events if isinstance(event, AudioChunk)]


def test_a_recording_becomes_the_reference_s_codes(voice):
    assert np.array_equal(voice.tensors["codes"], arrays("e2e_valle")["prompt_codes"][0].T.numpy())


@pytest.mark.parametrize(("key", "changes", "seed"), [("greedy", {"top_k": 1}, 0), ("seed1234", {}, 1234)])
def test_text_and_recording_become_the_reference_s_sound(system, voice, key, changes, seed):
    (found,) = sound(speak(system, "So it.", dataclasses.replace(EXACT, **changes), voice, seed))
    expected = arrays("e2e_valle")[f"{key}_wav"][0]
    assert_close(torch.from_numpy(found), expected, atol=2e-4, rtol=0)


@pytest.mark.parametrize(
    "name", ["valle_p2", "valle_p1_bos", "valle_p1_postnorm_prenet", "valle_p0_half_nar", "vallf_p4_prenet"]
)
def test_variants_speak(tmp_path, voice, name):
    system = opened(valle_checkpoint(tmp_path, name))
    events = speak(system, "So it. Hour so it.", dataclasses.replace(SHORT, best_of=2), voice)
    assert all(len(samples) % 320 == 0 and np.isfinite(samples).all() for samples in sound(events))
    assert sound(events)


def test_only_a_model_with_a_beginning_speaks_without_a_voice(tmp_path, system):
    begins = opened(valle_checkpoint(tmp_path, "valle_p1_bos"))
    assert sound(speak(begins, "So it.", SHORT, begins.voice("")))
    with pytest.raises(VoiceError, match="cannot speak without a voice"):
        speak(system, "So it.", SHORT, system.voice(""))


@pytest.mark.parametrize("name", ["valle_q1", "valle_p1_q4"])
def test_fewer_codebooks_sound_coarser(tmp_path, voice, name):
    assert len(sound(speak(opened(valle_checkpoint(tmp_path, name)), "So it.", SHORT, voice))[0]) > 0


@pytest.mark.parametrize("long_text", ["fixed-prompt", "sliding-window"])
def test_long_texts_come_piece_by_piece_and_the_same_again(system, voice, long_text):
    options = dataclasses.replace(SHORT, long_text=long_text)
    text = "So it. " * 60
    chunks = [event for event in speak(system, text, options, voice, 3) if isinstance(event, AudioChunk)]
    assert [chunk.segment for chunk in chunks] == list(range(len(system.segment(text, "en", options))))
    assert len(chunks) > 1
    again = sound(speak(system, text, options, voice, 3))
    assert all(np.array_equal(a.samples, b) for a, b in zip(chunks, again, strict=True))


def test_several_recordings_are_encoded_each_and_read_in_a_row(system, voice):
    samples = arrays("e2e_valle")["prompt_wav_24k"][0, 0].numpy()
    rest = system.encode_voice(VoicePrompt(samples=samples[2000:], sample_rate=24_000, transcript="So it."))
    both = joined(SPEC, [voice, rest])
    codes = np.concatenate([voice.tensors["codes"], rest.tensors["codes"]])
    assert np.array_equal(both.tensors["codes"], codes)
    assert both.meta == {"transcript": "Hour. So it."}
    whole = Voice(system="valle", name="x", tensors={"codes": codes}, meta={"transcript": "Hour. So it."})
    (one,), (two,) = (sound(speak(system, "So it.", SHORT, each)) for each in (both, whole))
    assert np.array_equal(one, two)


CONTINUAL = Options(continual=True)


@pytest.mark.parametrize("name", ["e2e_valle", "valle_p0", "valle_p1_postnorm_prenet"])
@pytest.mark.parametrize("compat", [False, True])
def test_a_recording_is_continued_from_its_beginning(tmp_path, voice, name, compat):
    """With all of its text; which codes that gives, `test_generation` holds to the reference's."""
    system = opened(valle_checkpoint(tmp_path, name))
    options = dataclasses.replace(CONTINUAL, compat=compat)
    (found,) = sound(speak(system, "Hour.", options, voice))
    codes = torch.from_numpy(voice.tensors["codes"].astype("int64"))
    (said,) = system.front_end.read(system.segment("Hour.", "en", options), options)
    ids = (1, *(system.front_end.table.ids[symbol] for symbol in said.symbols), 2)
    expected = finish(continual(system.networks.loaded, ids, codes))
    assert len(expected) == len(codes) - len(codes) // 2
    assert np.array_equal(found, finish(system.networks.codecs.decoder("encodec", ())(expected)).numpy())


def test_to_continue_a_recording_all_that_is_said_in_it_is_needed(tmp_path, system, voice):
    with pytest.raises(TextError, match=r"not what is said in the recording \('Hour.'\)"):
        speak(system, "So it.", CONTINUAL, voice)
    assert sound(speak(system, "So it.", CONTINUAL, dataclasses.replace(voice, meta={})))
    with pytest.raises(VoiceError, match="no recording to continue"):
        speak(system, "So it.", CONTINUAL, system.voice(""))
    with pytest.raises(VoiceError, match="cannot continue a recording"):
        speak(opened(valle_checkpoint(tmp_path, "vallf_p1")), "Hour.", CONTINUAL, voice)


def test_a_short_recording_is_told(system, voice):
    events = speak(system, "So it.", SHORT, voice)
    assert any("takes only 0.3 s" in str(event.message) for event in events if isinstance(event, Notice))


def test_a_recording_without_its_text_is_told(system, voice):
    events = speak(system, "So it.", SHORT, dataclasses.replace(voice, meta={}))
    assert any("not known" in str(event.message) for event in events if isinstance(event, Notice))


def test_there_are_no_voices_by_name(system):
    assert system.voices() == ()
    with pytest.raises(VoiceError, match="no voice 'anna'; give a recording"):
        system.voice("anna")


def test_a_checkpoint_of_the_other_family_is_named(tmp_path):
    folder = vallex_checkpoint(tmp_path)
    with pytest.raises(WeightsMissing, match="k2symbols"):
        opened(folder)
    (folder / "unique_text_tokens.k2symbols").write_text("<eps> 0\na 1\n", encoding="utf-8")
    with pytest.raises(WeightsMismatch, match="load it as vallex"):
        opened(folder)


def test_a_table_of_another_training_is_named(tmp_path):
    folder = valle_checkpoint(tmp_path)
    lines = "\n".join(f"{chr(0x4E00 + number)} {number}" for number in range(600))
    (folder / "unique_text_tokens.k2symbols").write_text(lines, encoding="utf-8")
    with pytest.raises(WeightsMismatch, match="603 symbols, and the weights know 512"):
        opened(folder)


def test_a_file_without_a_model_is_named(tmp_path):
    folder = valle_checkpoint(tmp_path)
    torch.save({"state_dict": {}}, folder / "epoch-100.pt")
    with pytest.raises(WeightsMismatch, match="holds no model"):
        opened(folder)
