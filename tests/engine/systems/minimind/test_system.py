"""The system through the engine: voices, pieces, seeds, precision, and what goes wrong with a checkpoint."""

import json

import numpy as np
import pytest
import torch

from engine.engine import Engine
from engine.errors import VoiceError, WeightsMismatch, WeightsMissing
from engine.events import AudioChunk, Notice
from engine.request import SynthesisRequest, Voice, VoicePrompt
from engine.steps import finish
from engine.systems.minimind import SPEC, voices
from engine.systems.minimind.options import Options
from engine.systems.minimind.system import load
from tests.minimind import arrays, checkpoint, language_model, lm_weights, stored

CPU = torch.device("cpu")
SHORT = Options(max_new_tokens=20, repetition_guard=False)


def opened(folder, dtype=torch.float32):
    return finish(load(folder, CPU, dtype))


@pytest.fixture(scope="module")
def system(tmp_path_factory):
    return opened(checkpoint(tmp_path_factory.mktemp("minimind")))


def recording(seconds=0.4, transcript="Hello."):
    samples = np.resize(arrays("e2e")["prompt_wav"].numpy(), round(seconds * 24_000))
    return VoicePrompt(samples=samples, sample_rate=24_000, transcript=transcript)


def speak(system, text, options=SHORT, voice=None, seed=0):
    segments = system.segment(text, "en", options)
    voice = voice or system.voice("")
    return list(system.synthesize(segments, voice, options, torch.Generator().manual_seed(seed)))


def sound(events):
    return [event for event in events if isinstance(event, AudioChunk)]


def test_pieces_are_spoken_one_by_one_and_a_seed_says_the_same_again(system):
    text = "It rained all morning, and by noon the whole street was a river. " * 4
    first, again, other = (sound(speak(system, text, seed=seed)) for seed in (1, 1, 2))
    assert sorted({chunk.segment for chunk in first}) == list(range(len(system.segment(text, "en", SHORT))))
    assert all(np.array_equal(a.samples, b.samples) for a, b in zip(first, again, strict=True))
    assert len(other) != len(first) or any(
        not np.array_equal(a.samples, b.samples) for a, b in zip(first, other, strict=True)
    )


def test_it_speaks_through_the_engine(tmp_path):
    engine = Engine(device="cpu")
    request = SynthesisRequest(system="minimind", text="Hello.", options=SHORT, checkpoint=checkpoint(tmp_path))
    assert sum(len(event.samples) for event in engine.synthesize(request) if isinstance(event, AudioChunk)) > 0


def test_a_voice_is_codes_with_their_codec_and_changes_the_sound(system):
    voice = system.encode_voice(recording())
    assert voice.tensors["codes"].shape == (1, 30)
    assert voice.meta["rate"] == "75"
    plain, cloned = sound(speak(system, "Go on.")), sound(speak(system, "Go on.", voice=voice))
    assert not np.array_equal(plain[0].samples, cloned[0].samples)
    untold = system.encode_voice(recording(transcript=""))
    assert any(isinstance(event, Notice) for event in speak(system, "Go on.", voice=untold))


def test_voices_of_another_codec_are_refused(system):
    voice = system.encode_voice(recording())
    for tensors, meta, said in (
        (voice.tensors, {"codec": "0" * 16}, "another codec"),
        ({"codes": np.full((1, 5), 64)}, {}, "code 64"),
        ({"codes": np.zeros((8, 5), int)}, {}, "shape"),
        ({"codes": np.zeros((1, 5))}, {}, "whole numbers"),
        ({"codes": np.full((1, 5), -1)}, {}, "no codec has"),
        ({"style": np.zeros(3)}, {}, "no codes"),
    ):
        with pytest.raises(VoiceError, match=said):
            speak(system, "Go on.", voice=Voice(system="minimind", name="x", tensors=tensors, meta=meta))


def test_recordings_must_fit(system):
    with pytest.raises(VoiceError, match="16000 Hz"):
        system.encode_voice(VoicePrompt(samples=np.zeros(9, np.float32), sample_rate=16_000))
    with pytest.raises(VoiceError, match="20 s"):
        system.encode_voice(recording(20.0))
    with pytest.raises(VoiceError, match="no voice 'Ada'"):
        system.voice("Ada")


def test_recordings_of_one_speaker_are_joined(system):
    one, two = system.encode_voice(recording()), system.encode_voice(recording(transcript="There."))
    both = voices.joined([one, two])
    assert both.tensors["codes"].shape == (1, 60)
    assert both.meta["transcript"] == "Hello. There."
    for others, said in (
        ([one, system.voice("")], "only voices"),
        ([one, system.encode_voice(recording(transcript=""))], "not known"),
        ([one, Voice(system="minimind", name="x", tensors=one.tensors, meta=one.meta | {"codec": "y"})], "different"),
        ([one] * 40, "s; cut it"),
    ):
        with pytest.raises(VoiceError, match=said):
            voices.joined(others)


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16])
def test_lower_precisions_speak(tmp_path, dtype):
    assert sound(speak(opened(checkpoint(tmp_path), dtype), "Go on."))


def test_float16_files_are_read(tmp_path):
    assert sound(speak(opened(checkpoint(tmp_path, half=True)), "Go on."))


def test_experts_speak(system):
    # Ids of the small model with experts are bytes.
    lm = language_model("lm_moe")
    assert lm.body.parts() is None
    assert lm.config.n_codes == system.networks.lm.config.n_codes


def test_a_checkpoint_is_checked_as_strictly_as_it_is_loaded(tmp_path):
    folder = checkpoint(tmp_path)
    assert SPEC.check is not None
    SPEC.check(folder)
    (folder / "WavTokenizer.ckpt").unlink()
    with pytest.raises(WeightsMissing, match="no WavTokenizer beside"):
        SPEC.check(folder)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda state: state | {"extra.weight": torch.zeros(2)}, "unexpected"),
        (lambda state: {key: value for key, value in state.items() if key != "norm.weight"}, "missing"),
        (lambda state: state | {"norm.weight": torch.zeros(3)}, "of another shape"),
        (lambda state: state | {"norm.weight": torch.full((32,), torch.nan)}, "not finite"),
        (lambda state: {"model": state, "step": 3}, "more than the tensors"),
    ],
)
def test_what_is_wrong_with_tensors_is_said(tmp_path, change, said):
    folder = checkpoint(tmp_path)
    weights = folder / "out" / "pretrain_32.pth"
    torch.save(change(torch.load(weights, weights_only=True)), weights)
    with pytest.raises(WeightsMismatch, match=said):
        opened(folder)


def test_a_model_and_a_codec_of_other_codes_are_refused(tmp_path):
    folder = checkpoint(tmp_path)
    state = lm_weights("lm")
    state = {key: value for key, value in state.items() if "tok_emb" not in key}
    state |= {"tok_embeddings.weight": torch.zeros(256, 64), "speech_embeddings.weight": torch.zeros(32, 64),
              "output.weight": torch.zeros(33, 64)}  # fmt: skip
    torch.save(state, folder / "out" / "pretrain_64.pth")
    told = stored("lm_config") | {"vocab_size": 256, "speechcab_size": 32}
    (folder / "out" / "pretrain_64.json").write_text(json.dumps(told), encoding="utf-8")
    with pytest.raises(WeightsMismatch, match="32 codes"):
        opened(folder)
