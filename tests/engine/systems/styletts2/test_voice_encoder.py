"""Voices from recordings, names and numbers."""

import numpy as np
import pytest
import torch

from engine import voice_store
from engine.audio import decode
from engine.audio.decode import read as read_audio
from engine.errors import VoiceError
from engine.request import VoicePrompt
from engine.steps import finish
from engine.systems.styletts2 import SPEC
from engine.systems.styletts2.voice_encoder import trim_bounds
from tests.engine.style_tts.closeness import LIBRI, LJ
from tests.engine.systems.styletts2.spoken import events, sound
from tests.releases import STYLETTS2_GOLDENS

NAMES = ("ref_24k", "ref_22k_stereo")


@pytest.fixture(params=NAMES)
def name(request):
    return request.param


@pytest.fixture
def samples(name):
    return read_audio(STYLETTS2_GOLDENS / f"{name}.wav", sample_rate=24_000)


def test_a_recording_is_read_as_published(golden, name, samples):
    values = golden("mel")
    assert len(samples) == int(values[f"{name}_len"])
    head = torch.from_numpy(samples[4000:4400])
    torch.testing.assert_close(head, values[f"{name}_loaded_head"], rtol=0, atol=1e-4)


def test_silence_is_trimmed_as_published(golden, name, samples):
    assert trim_bounds(samples) == tuple(golden("mel")[f"{name}_trim"].tolist())


def test_silence_alone_has_no_bounds():
    assert trim_bounds(torch.zeros(24_000).numpy()) == (0, 0)


def test_voices_are_drawn_shared_blended_and_kept(systems, tmp_path):
    system = systems(LJ)
    first, again, other = (system.voice(name) for name in ("seed:1", "SEED: 1", "seed:2"))
    assert np.array_equal(first.tensors["style"], again.tensors["style"])
    mixed = SPEC.blend([(first, 3.0), (other, 1.0)])
    expected = 0.75 * first.tensors["style"] + 0.25 * other.tensors["style"]
    np.testing.assert_allclose(mixed.tensors["style"], expected, atol=1e-6)
    assert mixed.name == "seed:1 75% + seed:2 25%"
    shared = system.voice(SPEC.voice_string(mixed))
    assert np.array_equal(shared.tensors["style"], mixed.tensors["style"])
    voice_store.save(mixed, tmp_path / "mixed.safetensors")
    kept = voice_store.load(tmp_path / "mixed.safetensors")
    one, two = (sound(events(system, "Hello.", voice, alpha=0, beta=0)) for voice in (mixed, kept))
    assert np.array_equal(one, two)
    assert SPEC.voice_string(system.voice("")) == ""


def test_the_style_of_a_recording_is_the_published_one(voice, golden):
    style = torch.from_numpy(voice(LIBRI).tensors["style"])
    torch.testing.assert_close(style, golden(f"{LIBRI}_inject")["ref_s"][0], rtol=0, atol=1e-4)


def test_references_of_any_length_and_rate_are_bounded(systems, recording):
    system, rate = systems(LIBRI), 24_000
    of = lambda samples, at=rate: system.encode_voice(VoicePrompt(samples=samples, sample_rate=at))  # noqa: E731
    hour = np.tile(recording.samples, 3600 * rate // len(recording.samples) + 1)[: 3600 * rate]
    assert np.array_equal(of(hour).tensors["style"], of(hour[: 30 * rate]).tensors["style"])
    assert np.isfinite(of(recording.samples[5000 : 5000 + rate]).tensors["style"]).all()
    assert np.isfinite(of(recording.samples[5000 : 5000 + rate // 2]).tensors["style"]).all()
    assert np.isfinite(of(recording.samples, 48_000).tensors["style"]).all()
    with pytest.raises(VoiceError, match="silent"):
        of(np.zeros(rate, np.float32))
    with pytest.raises(VoiceError, match=r"0\.10 s of sound"):
        of(recording.samples[5000:7400])
    with pytest.raises(VoiceError, match="finite"):
        of(np.full(rate, np.nan, np.float32))


@pytest.mark.parametrize(
    ("name", "asked", "words"),
    [
        (LJ, "Ada", "there is no voice 'Ada'"),
        (LJ, "style:AAAA", "damaged"),
        (LJ, "style:####", "damaged"),
        (LIBRI, "", "the voice of a recording"),
        (LIBRI, "seed:1", "give your own"),
        (LIBRI, "Ada", "there is no voice 'Ada'"),
    ],
)
def test_a_voice_that_is_not_there_is_told_in_one_line(systems, name, asked, words):
    with pytest.raises(VoiceError, match=words):
        systems(name).voice(asked)


def test_a_model_of_one_speaker_takes_no_recording(systems, recording):
    with pytest.raises(VoiceError, match="one speaker"):
        systems(LJ).encode_voice(recording)


def test_a_recording_beside_the_model_is_read_once(releases, tmp_path, monkeypatch):
    served = releases[1]["yl4579/StyleTTS2-LibriTTS"]
    for place, content in served.items():
        target = tmp_path / place
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content if isinstance(content, bytes) else content.read_bytes())
    system = finish(SPEC.load(tmp_path / "Models" / "LibriTTS", torch.device("cpu"), torch.float32))
    first = system.voice("Gavin")
    monkeypatch.setattr(decode, "read", None)
    assert system.voice("Gavin") is first
