"""The Python door: one line says, streams or makes a voice, and what nobody names is what a person expects."""

import dataclasses
import inspect
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import soundfile

from engine import registry, voice_store
from engine.engine import Engine
from engine.errors import (
    AudioError,
    EngineError,
    OptionError,
    TextError,
    UnknownSystem,
    VoiceError,
    WeightsMissing,
)
from engine.events import AudioChunk
from engine.library import Library, default_folder
from engine.options import declared
from engine.request import SynthesisRequest, VoicePrompt
from engine.speech import collect
from engine.system import SystemSpec
from tests.conftest import FAKE_RATE, FakeOptions, fake_pitch, fake_voice

ROOT = Path(__file__).parents[2]


@pytest.fixture
def engine(fake_spec: SystemSpec) -> Engine:
    return Engine((fake_spec,), device="cpu")


@pytest.fixture
def recording(tmp_path: Path) -> Path:
    """Two seconds of 300 Hz."""
    path = tmp_path / "ann.wav"
    soundfile.write(path, 0.5 * np.sin(2 * np.pi * 300 * np.arange(2 * FAKE_RATE) / FAKE_RATE), FAKE_RATE)
    return path


def pitch(samples: np.ndarray) -> float:
    return float(np.fft.rfftfreq(len(samples), 1 / FAKE_RATE)[np.abs(np.fft.rfft(samples)).argmax()])


def test_a_line_is_the_request_that_it_stands_for(engine: Engine) -> None:
    said = engine.say("Hello there.", system="fake", voice="bass", language="en-GB", seed=7, level=0.25, shape="square")
    request = SynthesisRequest(
        system="fake",
        text="Hello there.",
        voice="bass",
        language="en-GB",
        seed=7,
        options=FakeOptions(level=0.25, shape="square"),
    )
    assert said.request == request
    np.testing.assert_array_equal(said.samples, collect(engine.synthesize(request), request).samples)


def test_what_is_streamed_is_what_is_said_and_closing_it_stops_the_work(make_fake_spec) -> None:
    log: list[str] = []
    engine = Engine((make_fake_spec(log=log),), device="cpu", places=1, queue=0)
    text = "A first sentence is here. A second one is here as well. " * 3
    chunks = list(engine.stream(text, seed=1))
    assert len(chunks) > 3
    assert {(type(chunk), chunk.sample_rate) for chunk in chunks} == {(AudioChunk, FAKE_RATE)}
    said = engine.say(text, seed=1)
    np.testing.assert_array_equal(np.concatenate([chunk.samples for chunk in chunks]), said.samples)
    stream = engine.stream(text, seed=1)
    assert next(stream).samples.size
    stream.close()
    assert log[-1] == "closed"
    assert [model.requests for model in engine.loaded()] == [0]


def test_mistakes_are_raised_when_the_stream_is_asked_for(engine: Engine) -> None:
    with pytest.raises(OptionError, match="no option 'lvl'"):
        engine.stream("Hello.", lvl=1)


def test_without_a_seed_each_is_drawn_and_says_which(engine: Engine) -> None:
    first, second = (engine.say("Hello.") for _ in range(2))
    assert first.request.seed != second.request.seed
    again = engine.say("Hello.", seed=first.request.seed)
    np.testing.assert_array_equal(again.samples, first.samples)


def test_the_system_is_that_of_the_voice_or_the_first_that_is_ready(make_fake_spec) -> None:
    specs = (make_fake_spec("none", bundled=False), make_fake_spec("first"), make_fake_spec("fake"))
    engine = Engine(specs, device="cpu")
    assert engine.say("Hello.").request.system == "first"
    assert engine.say("Hello.", voice=fake_voice("mine", 300)).request.system == "fake"
    nothing = Engine(specs[:1], device="cpu")
    with pytest.raises(WeightsMissing, match=r"no system is ready to speak.* none: name one"):
        nothing.say("Hello.")


def test_a_voice_is_named_in_any_way_that_there_is(fake_spec: SystemSpec, recording: Path, tmp_path: Path) -> None:
    specs = (fake_spec,)
    engine = Engine(specs, device="cpu", library=Library(specs, tmp_path / "models"))
    engine.shelf.save(fake_voice("x", 200), "kept")
    file = tmp_path / "mine.safetensors"
    voice_store.save(fake_voice("mine", 250), file)
    for voice, hertz in (
        ("bass", 110),
        ("pitch:500", 500),
        ("kept", 200),
        (file, 250),
        (str(file), 250),
        (fake_voice("y", 350), 350),
    ):
        assert pitch(engine.say("Hello there, world.", voice=voice).samples) == pytest.approx(hertz, abs=3)
    prompt = VoicePrompt(samples=soundfile.read(recording, dtype="float32")[0], sample_rate=FAKE_RATE)
    for source in (recording, str(recording), recording.read_bytes(), prompt):
        said = engine.say("Hello there, world.", recording=source, transcript="la")
        assert said.request.prompt.transcript == "la"
        assert pitch(said.samples) == pytest.approx(300, abs=3)


def test_a_voice_is_made_to_speak_with(engine: Engine, recording: Path, tmp_path: Path) -> None:
    ann = engine.voice("fake", recording=recording, transcript="What Ann says.", language="EN")
    assert fake_pitch(ann) == pytest.approx(300, abs=2)
    assert ann.meta == {"transcript": "What Ann says."}
    assert pitch(engine.say("Hello there, world.", voice=ann).samples) == pytest.approx(300, abs=3)
    voice_store.save(ann, tmp_path / "ann.safetensors")
    assert fake_pitch(engine.voice("fake", tmp_path / "ann.safetensors")) == fake_pitch(ann)
    assert [engine.voice("fake", name).name for name in ("", "bass", "seed:7")] == ["alto", "bass", "seed:7"]


def test_several_recordings_of_a_speaker_are_one_voice(engine: Engine, recording: Path) -> None:
    lower = VoicePrompt(samples=np.sin(np.arange(FAKE_RATE) * 2 * np.pi * 200 / FAKE_RATE), sample_rate=FAKE_RATE)
    ann = engine.voice("fake", recording=[recording, lower], transcript=["What Ann says.", "And more."])
    assert fake_pitch(ann) == pytest.approx(250, abs=2)
    assert ann.meta == {"transcript": "What Ann says. And more."}
    said = engine.say("Hello there, world.", recording=[recording, lower])
    assert len(said.request.prompt) == 2
    assert pitch(said.samples) == pytest.approx(250, abs=3)


def test_a_checkpoint_is_a_path_a_name_or_an_id(make_fake_spec: Callable[..., SystemSpec], tmp_path: Path) -> None:
    spec = make_fake_spec()
    mine = tmp_path / "models" / "fake" / "mine"
    mine.parent.mkdir(parents=True)
    mine.write_text(spec.bundled.read_text())
    engine = Engine((spec,), device="cpu", library=Library((spec,), tmp_path / "models"))
    for checkpoint in (mine, str(mine), "mine", "fake/mine"):
        assert engine.say("Hello.", checkpoint=checkpoint).request.checkpoint == mine
        assert engine.voice("fake", "bass", checkpoint=checkpoint).name == "bass"
    assert engine.say("Hello.").request.checkpoint is None


def test_an_option_that_python_has_a_keyword_for_takes_an_underscore(fake_spec: SystemSpec) -> None:
    @dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
    class Options(FakeOptions):
        break_: float = dataclasses.field(
            default=0.0, metadata=next(f.metadata for f in dataclasses.fields(FakeOptions) if f.name == "level")
        )

    engine = Engine((dataclasses.replace(fake_spec, options=Options),), device="cpu")
    assert engine.say("Hello.", break_=0.5).request.options == Options(break_=0.5)


@pytest.mark.parametrize("spec", registry.systems(), ids=lambda spec: spec.id)
def test_no_option_of_a_system_has_the_name_of_an_argument(spec: SystemSpec) -> None:
    arguments = {name for method in (Engine.say, Engine.stream) for name in inspect.signature(method).parameters}
    assert not arguments & {option.name for option in declared(spec.options)}


@pytest.mark.parametrize(
    ("arguments", "error", "words"),
    [
        ({"system": "nope"}, UnknownSystem, "the systems are fake"),
        ({"sed": 7}, OptionError, "no option 'sed'; the options are level"),
        ({"level": 7}, OptionError, "Level must be between 0 and 1; it was 7"),
        ({"seed": -1}, OptionError, "Seed must be between 0 and .*; it was -1"),
        ({"language": "tlh"}, OptionError, "does not speak 'tlh'"),
        ({"text": "..."}, TextError, "nothing in the text"),
        ({"voice": "tenor"}, VoiceError, "no voice 'tenor'"),
        ({"voice": "no.safetensors"}, VoiceError, "no voice file"),
        ({"voice": Path("no.pt")}, VoiceError, "no voice file"),
        ({"transcript": "la"}, OptionError, "give it as well"),
        ({"recording": "no.wav"}, AudioError, "no.wav"),
        ({"recording": b"x", "voice": "alto"}, VoiceError, "choose one"),
        ({"checkpoint": "no/such"}, WeightsMissing, "no/such does not exist"),
        ({"checkpoint": "fake/nothing"}, WeightsMissing, "no model 'fake/nothing'"),
        ({"checkpoint": "x" * 5000}, WeightsMissing, "cannot be a path"),
    ],
)
def test_mistakes_are_named(engine: Engine, arguments: dict, error: type[EngineError], words: str) -> None:
    with pytest.raises(error, match=words):
        engine.say(**{"text": "Hello.", **arguments})
    assert engine.say("Hello.").samples.size


def test_an_engine_without_arguments_sees_what_the_command_line_sees(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("POLYPHONE_MODELS_DIR", str(tmp_path / "mine"))
    assert Engine().library.folder == tmp_path / "mine"
    monkeypatch.delenv("POLYPHONE_MODELS_DIR")
    assert Engine().library.folder == default_folder(os.environ)


def test_an_engine_for_systems_of_ones_own_keeps_nothing(fake_spec: SystemSpec) -> None:
    assert Engine((fake_spec,)).library.folder is None


def test_the_first_line_of_a_newcomer_speaks(tmp_path: Path) -> None:
    code = "from engine import Engine; Engine().say('Hello there.').save('hello.wav')"
    environment = {"PYTHONPATH": str(ROOT), "PATH": "", "HOME": str(tmp_path)}
    subprocess.run([sys.executable, "-c", code], cwd=tmp_path, env=environment, check=True, timeout=240)
    samples, rate = soundfile.read(tmp_path / "hello.wav")
    assert 0.3 < len(samples) / rate < 3
    assert np.abs(samples).max() > 0.05


def test_of_several_checkpoints_the_one_is_taken_that_has_the_voice(
    make_fake_spec: Callable[..., SystemSpec], tmp_path: Path
) -> None:
    def check(name: str, checkpoint: Path | None) -> None:
        if name == "tuba" and checkpoint != mine:
            raise VoiceError("no tuba")

    spec = dataclasses.replace(make_fake_spec(), check_name=check)
    mine = tmp_path / "models" / "fake" / "mine"
    mine.parent.mkdir(parents=True)
    mine.write_text(spec.bundled.read_text().replace("bass", "tuba"))
    engine = Engine((spec,), device="cpu", library=Library((spec,), tmp_path / "models"))
    assert engine.fitting("fake", "tuba", "en") == mine
    assert engine.fitting("fake", "alto", "en") is None
    assert engine.say("Hello.", voice="alto").request.checkpoint is None
    with pytest.raises(VoiceError, match="there is no voice 'tuba'"):
        engine.say("Hello.", voice="tuba")  # the fake model has none, yet it is that one which was asked
    assert engine.fitting("fake", "tuba", "xx") is None, "a language that is none of the system's is told, not followed"
