"""One voice out of a file, a recording, a string or several voices, and saved ones by their name."""

import dataclasses
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import soundfile

from engine import voice_store
from engine.engine import Engine
from engine.errors import OptionError, VoiceError
from engine.library import Library
from engine.request import SynthesisRequest, Voice
from engine.speech import collect
from engine.steps import finish
from engine.system import SystemSpec, Voicing
from engine.voicing import blend, from_file, from_recording, from_recordings, join, joined, save, string
from tests.conftest import FAKE_RATE, fake_pitch, fake_voice


@pytest.fixture
def engine(fake_spec: SystemSpec, tmp_path: Path) -> Engine:
    specs = (fake_spec,)
    return Engine(specs, device="cpu", library=Library(specs, tmp_path / "models"))


def test_a_saved_voice_speaks_by_its_name_but_the_checkpoints_own_comes_first(
    engine: Engine, fake_spec: SystemSpec
) -> None:
    def sound(voice: Voice | str) -> np.ndarray:
        request = SynthesisRequest(system="fake", text="Hello.", voice=voice, options=fake_spec.options())
        return collect(engine.synthesize(request), request).samples

    mine = fake_voice("x", 300)
    save(engine, mine, "mine")
    with pytest.raises(VoiceError, match="bass is a voice of the model itself"):
        save(engine, mine, " bass ")
    engine.shelf.save(mine, "bass")  # as if it had been there before the model
    np.testing.assert_array_equal(sound("mine"), sound(mine))
    np.testing.assert_array_equal(sound("bass"), sound(fake_voice("bass", 110)))
    assert fake_pitch(finish(engine.make_voice("fake", "mine"))) == 300


def test_a_blend_goes_by_the_ratio_of_the_weights(engine: Engine) -> None:
    engine.shelf.save(fake_voice("x", 300), "mine")
    mixed = finish(blend(engine, "fake", [("mine", 3), ("pitch:100", 1), (fake_voice("y", 900), 0)]))
    assert fake_pitch(mixed) == pytest.approx(250)


def test_several_recordings_of_a_speaker_are_one_voice_with_what_was_agreed_to(engine: Engine) -> None:
    engine.shelf.save(fake_voice("x", 300, transcript="One.", consent="today: yes"), "mine")
    more = fake_voice("y", 200, transcript="Two.", consent="today: yes")
    made = finish(join(engine, "fake", ["mine", more]))
    assert fake_pitch(made) == 250
    assert made.meta == {"transcript": "One. Two.", "consent": "today: yes"}
    assert "consent" not in finish(join(engine, "fake", ["mine", "bass"])).meta  # of one of them nobody agreed to it


def test_what_cannot_be_joined_is_refused(engine: Engine, fake_spec: SystemSpec) -> None:
    with pytest.raises(VoiceError, match="1 voices were given; 2 to 8"):
        finish(join(engine, "fake", ["alto"]))
    with pytest.raises(VoiceError, match="a voice of other, not of fake"):
        joined(fake_spec, [fake_voice("x", 300), Voice(system="other", name="y")])
    alone = dataclasses.replace(fake_spec, join=None)
    with pytest.raises(VoiceError, match="several cannot be joined"):
        from_recordings(alone, [b"x", b"y"])
    with pytest.raises(OptionError, match="1 transcripts were given for 2 recordings"):
        from_recordings(fake_spec, [b"x", b"y"], ["la"])


@pytest.mark.parametrize(
    ("parts", "words"),
    [
        ([("alto", 1)], "1 voices were given"),
        ([("alto", 1)] * 9, "9 voices were given"),
        ([("alto", 0), ("bass", 0)], "not all 0"),
        ([("alto", -1), ("bass", 2)], "from 0 up"),
        ([("alto", float("nan")), ("bass", 2)], "from 0 up"),
        ([("alto", float("inf")), ("bass", 2)], "from 0 up"),
        ([("alto", 1), ("tenor", 2)], "no voice 'tenor'"),
        ([("alto", 1), (Voice(system="fake", name="odd"), 2)], "has no pitch"),
    ],
)
def test_what_is_no_blend_is_refused(engine: Engine, parts: list, words: str) -> None:
    with pytest.raises(VoiceError, match=words):
        finish(blend(engine, "fake", parts))


def test_a_system_refuses_what_it_does_not_do(make_fake_spec: Callable[..., SystemSpec], tmp_path: Path) -> None:
    plain = dataclasses.replace(make_fake_spec(), voicing=Voicing(), blend=None, voice_string=None)
    with pytest.raises(VoiceError, match="cannot be blended"):
        finish(blend(Engine((plain,)), "fake", [("alto", 1), ("bass", 1)]))
    with pytest.raises(VoiceError, match="have no string"):
        string(plain, fake_voice("x", 300))
    with pytest.raises(VoiceError, match="the model's own and has no string"):
        string(dataclasses.replace(plain, voice_string=lambda _: ""), fake_voice("x", 300))
    with pytest.raises(VoiceError, match="takes no voice from a recording"):
        from_recording(plain, tmp_path / "x.wav")


def test_a_recording_is_read_at_the_systems_rate(fake_spec: SystemSpec, tmp_path: Path) -> None:
    seconds = np.arange(2 * 48_000) / 48_000
    soundfile.write(tmp_path / "a.wav", 0.5 * np.sin(2 * np.pi * 200 * seconds), 48_000)
    for recording in (tmp_path / "a.wav", (tmp_path / "a.wav").read_bytes()):
        prompt = from_recording(fake_spec, recording, " la ", "en")
        assert (prompt.sample_rate, len(prompt.samples)) == (FAKE_RATE, 2 * FAKE_RATE)
        assert (prompt.transcript, prompt.language) == ("la", "en")
    with pytest.raises(OptionError, match="the transcript has 2,001 characters"):
        from_recording(fake_spec, tmp_path / "a.wav", "x" * 2001)


def test_files_are_held_to_their_system_and_those_of_another_kind_go_to_it(
    fake_spec: SystemSpec, tmp_path: Path
) -> None:
    voice_store.save(fake_voice("x", 300), tmp_path / "mine.safetensors")
    voice_store.save(Voice(system="other", name="x"), tmp_path / "theirs.safetensors")
    assert fake_pitch(from_file(fake_spec, tmp_path / "mine.safetensors")) == 300
    with pytest.raises(VoiceError, match=r"theirs\.safetensors is a voice of other, not of fake"):
        from_file(fake_spec, tmp_path / "theirs.safetensors")
    reads = dataclasses.replace(fake_spec, voice_file=lambda path: fake_voice(path.stem, 500))
    assert fake_pitch(from_file(reads, tmp_path / "old.pt")) == 500
    with pytest.raises(VoiceError, match="no voice file"):
        from_file(fake_spec, tmp_path / "none.safetensors")


@pytest.mark.parametrize(
    ("system", "tensors", "words"),
    [
        ("chattts", {"speaker": np.zeros((2, 3), np.float32)}, "2 x 3 values"),
        ("chattts", {"speaker": np.full(768, np.nan, np.float32)}, "not finite"),
        ("chattts", {"codes": np.full((4, 9), 10_000, np.int32)}, "codes go from 0"),
        ("chattts", {"style": np.ones(256, np.float32)}, "no speaker and no sample"),
        ("styletts2", {"style": np.ones((2, 3), np.float32)}, "holds no style"),
        ("styletts2", {"speaker": np.ones(768, np.float32)}, "speaker and no style"),
    ],
)
def test_a_voice_file_that_no_model_of_its_system_could_speak_with_is_refused(
    system: str, tensors: dict[str, np.ndarray], words: str, tmp_path: Path
) -> None:
    voice_store.save(Voice(system=system, name="odd", tensors=tensors), tmp_path / "odd.safetensors")
    with pytest.raises(VoiceError, match=words):
        from_file(Engine().system(system), tmp_path / "odd.safetensors")
