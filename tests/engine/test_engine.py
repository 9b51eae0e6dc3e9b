"""The engine over the fake system: events in order, the same samples for the same request, cleaning up."""

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest

from engine import registry
from engine.engine import Engine
from engine.errors import Busy, OptionError, OutOfMemory, TextError, UnknownSystem, VoiceError, WeightsMissing
from engine.events import AudioChunk, Notice, Progress, Started
from engine.library import Library
from engine.options import declared, slider, toggle
from engine.request import SynthesisRequest, Voice, VoicePrompt
from engine.steps import finish
from tests.conftest import FAKE_RATE, FakeOptions
from tests.timing import until


def request(text: str = "One two three. Four five six.", **fields) -> SynthesisRequest:
    return SynthesisRequest(**{"system": "fake", "text": text, "options": FakeOptions(), **fields})


def sound(events: list) -> np.ndarray:
    return np.concatenate([event.samples for event in events if isinstance(event, AudioChunk)])


@pytest.fixture
def engine(fake_spec) -> Engine:
    return Engine((fake_spec,), device="cpu")


def test_events_come_as_progress_then_started_then_sound(engine: Engine) -> None:
    events = list(engine.synthesize(request(seed=7)))
    started = next(event for event in events if isinstance(event, Started))
    before = events[: events.index(started)]
    assert all(isinstance(event, Progress) for event in before)
    assert any(event.label == "loading" for event in before)
    assert (started.sample_rate, started.device, started.dtype, started.seed) == (FAKE_RATE, "cpu", "float32", 7)
    assert not any(isinstance(event, AudioChunk) for event in before)
    assert sound(events).dtype == np.float32


def test_the_same_request_gives_the_same_samples_and_another_seed_does_not(engine: Engine) -> None:
    first, again, other = (sound(list(engine.synthesize(request(seed=seed)))) for seed in (1, 1, 2))
    np.testing.assert_array_equal(first, again)
    assert not np.array_equal(first, other)


def test_raw_samples_are_what_the_system_gave_and_finished_ones_have_pauses(engine: Engine) -> None:
    raw = sound(list(engine.synthesize(request("Hello there.", raw=True))))
    assert len(raw) == round(len("Hello there.") * 0.02 * FAKE_RATE)
    long = "The first sentence is here. The second sentence is here as well, and it is longer than the first one."
    finished, plain = (sound(list(engine.synthesize(request(long, raw=flag)))) for flag in (False, True))
    assert len(finished) > len(plain)


def test_the_text_goes_as_it_stands_where_the_options_want_it_verbatim(engine: Engine) -> None:
    def samples(options: FakeOptions) -> int:
        return len(sound(list(engine.synthesize(request("ﬁsh", options=options, raw=True)))))

    # A ligature is two letters, unless it is to stay one character.
    assert samples(FakeOptions()) * 3 == samples(FakeOptions(compat=True)) * 4


@pytest.mark.parametrize("spec", registry.systems(), ids=lambda spec: spec.id)
def test_every_system_says_which_of_its_options_want_the_text_verbatim(spec) -> None:
    verbatim = {option.name for option in declared(spec.options)} & {"compat", "cleaned"}
    assert "compat" in verbatim
    assert spec.verbatim(spec.options()) is False
    for name in verbatim:
        assert spec.verbatim(spec.options(**{name: True})) is True


def test_a_model_is_loaded_once_and_a_second_request_starts_at_once(make_fake_spec) -> None:
    log: list[str] = []
    engine = Engine((make_fake_spec(log=log),), device="cpu")
    list(engine.prepare("fake"))
    list(engine.synthesize(request()))
    list(engine.synthesize(request()))
    assert log.count("loaded") == 1
    assert engine.unload() == 1
    list(engine.synthesize(request()))
    assert log.count("loaded") == 2


def test_what_is_loaded_says_what_where_and_how_much(make_fake_spec, tmp_path: Path) -> None:
    specs = (make_fake_spec(), make_fake_spec("other"))
    engine = Engine(specs, device="cpu", models=2)
    assert engine.loaded() == ()
    list(engine.prepare("other"))
    events = engine.synthesize(request())
    next(event for event in events if isinstance(event, Started))
    idle, busy = engine.loaded()
    assert (idle.system, idle.checkpoint, idle.device, idle.dtype) == ("other", specs[1].bundled, "cpu", "float32")
    assert (idle.bytes, idle.requests, busy.system, busy.requests, busy.idle_s) == (4000, 0, "fake", 1, 0)
    assert engine.unload("fake") == 0
    events.close()
    assert engine.unload("fake", tmp_path / "elsewhere") == 0
    assert engine.unload("fake", specs[0].bundled) == 1
    assert [model.system for model in engine.loaded()] == ["other"]
    assert engine.unload() == 1


def test_a_model_that_nobody_uses_goes_after_the_limit(engine: Engine, make_fake_spec) -> None:
    short = Engine((make_fake_spec(),), device="cpu", idle_s=0.05)
    for each in (short, engine):
        list(each.prepare("fake"))
        each.close() if each is engine else None
    until(lambda: short.loaded() == ())
    assert engine.loaded() == (), "closing drops what is idle"


def test_a_checkpoint_that_changes_on_disk_is_loaded_again_and_a_copy_beside_it_is_no_change(make_fake_spec) -> None:
    log: list[str] = []
    spec = make_fake_spec(log=log)
    engine = Engine((spec,), device="cpu")
    list(engine.prepare("fake"))
    hidden = spec.bundled.parent / ".polyphone"
    hidden.mkdir()
    (hidden / "copy.safetensors").write_text("x")
    list(engine.prepare("fake"))
    assert log.count("loaded") == 1
    spec.bundled.write_text(spec.bundled.read_text() + " ")
    list(engine.prepare("fake"))
    assert log.count("loaded") == 2


def test_closing_stops_the_system_and_frees_the_place(make_fake_spec) -> None:
    log: list[str] = []
    engine = Engine((make_fake_spec(log=log),), device="cpu", places=1, queue=0)
    events = engine.synthesize(request("A long text. " * 50))
    next(event for event in events if isinstance(event, AudioChunk))
    with pytest.raises(Busy):
        list(engine.synthesize(request()))
    events.close()
    assert log[-1] == "closed"
    assert sound(list(engine.synthesize(request()))).size


def test_a_failure_in_the_middle_frees_the_place(make_fake_spec) -> None:
    engine = Engine((make_fake_spec(failure=MemoryError("no more")),), device="cpu", places=1, queue=0)
    for _ in range(2):
        with pytest.raises(OutOfMemory, match="shorter text"):
            list(engine.synthesize(request()))


def test_notices_of_the_system_come_through(engine: Engine) -> None:
    notices = [event for event in engine.synthesize(request("Snow ☃ falls.")) if isinstance(event, Notice)]
    assert any("☃" in notice.message for notice in notices)


@pytest.mark.parametrize(
    ("fields", "error", "words"),
    [
        ({"system": "nope"}, UnknownSystem, "the systems are fake"),
        ({"options": object()}, OptionError, "FakeOptions"),
        ({"seed": -1}, OptionError, "Seed must be between 0 and .*; it was -1"),
        ({"seed": 2**63}, OptionError, "Seed must be between"),
        ({"text": ""}, TextError, "empty|nothing"),
        ({"text": "\x00\x01 \n"}, TextError, "nothing|empty"),
        ({"text": "a" * 1_000_000}, TextError, "1,000,000"),
        ({"text": 5}, TextError, "text"),
        ({"language": "xx"}, OptionError, "does not speak 'xx'"),
        ({"voice": "tenor"}, VoiceError, "alto, bass"),
        ({"voice": Voice(system="other", name="x")}, VoiceError, "belongs to other"),
        ({"checkpoint": Path("/no/such/place")}, WeightsMissing, "does not exist"),
    ],
)
def test_mistakes_are_named_and_the_engine_goes_on(engine: Engine, fields: dict, error: type, words: str) -> None:
    with pytest.raises(error, match=words):
        list(engine.synthesize(request(**fields)))
    assert sound(list(engine.synthesize(request()))).size


def test_a_system_without_a_checkpoint_says_so(make_fake_spec) -> None:
    engine = Engine((make_fake_spec(bundled=False),), device="cpu")
    assert engine.systems()[0].state == "needs a checkpoint"
    with pytest.raises(WeightsMissing, match="needs a checkpoint"):
        list(engine.synthesize(request()))


def test_a_recording_becomes_a_voice_and_does_not_go_with_a_named_one(engine: Engine) -> None:
    tone = np.sin(2 * np.pi * 300 * np.arange(16_000) / 16_000).astype(np.float32)
    prompt = VoicePrompt(samples=tone, sample_rate=16_000)
    assert sound(list(engine.synthesize(request(prompt=prompt)))).size
    with pytest.raises(VoiceError, match="choose one"):
        list(engine.synthesize(request(prompt=prompt, voice="alto")))


def test_voices_are_listed_without_loading(engine: Engine, tmp_path: Path) -> None:
    assert engine.voices("fake") == ("alto", "bass")
    assert engine.voices("fake", tmp_path / "nothing") == ()


def test_checkpoints_of_the_users_own_stand_behind_the_one_that_ships(make_fake_spec, tmp_path: Path) -> None:
    mine = tmp_path / "models" / "fake" / "mine"
    mine.parent.mkdir(parents=True)
    spec = make_fake_spec()
    mine.write_text(spec.bundled.read_text().replace("bass", "tuba"))
    engine = Engine((spec,), device="cpu", library=Library((spec,), tmp_path / "models"))
    assert list(engine.checkpoints("fake")) == ["built-in", "mine"]
    assert engine.voices("fake", engine.checkpoints("fake")["mine"]) == ("alto", "tuba")
    bare = (make_fake_spec(bundled=False),)
    bare = Engine(bare, device="cpu", library=Library(bare, tmp_path / "models"))
    assert sound(list(bare.synthesize(request()))).size


def test_a_voice_is_made_of_a_name_or_of_a_recording_and_the_model_is_free_again(engine: Engine) -> None:
    tone = np.sin(2 * np.pi * 300 * np.arange(FAKE_RATE) / FAKE_RATE).astype(np.float32)
    prompt = VoicePrompt(samples=tone, sample_rate=FAKE_RATE, transcript="la")
    assert finish(engine.make_voice("fake", "bass")).name == "bass"
    assert finish(engine.make_voice("fake", prompt)).tensors["pitch"][0] == pytest.approx(300, abs=2)
    with pytest.raises(VoiceError, match="no voice 'tenor'"):
        finish(engine.make_voice("fake", "tenor"))
    assert [model.requests for model in engine.loaded()] == [0]


def test_text_that_a_system_cannot_read_is_told_of_and_refused_where_nothing_else_is_left(fake_spec):
    engine = Engine((fake_spec,))

    def told(text, **options):
        request = SynthesisRequest(system=fake_spec.id, text=text, options=fake_spec.options(**options))
        return [event.message for event in engine.synthesize(request) if isinstance(event, Notice)]

    assert told("Hello there, my friend.") == []
    assert told("Hello Привет") == [f"{fake_spec.name} speaks English and Chinese; 6 characters are Russian"]
    german = f"{fake_spec.name} speaks English and Chinese; the text looks German"
    assert told("Das ist ein sehr schöner Tag.") == [german]
    with pytest.raises(TextError, match="the text is Korean; choose another system"):
        told("안녕하세요")
    # A text that is read as the reference reads it is told of, and read.
    assert "the text is Korean" in told("안녕하세요", compat=True)[0]
    assert engine.loaded()[0].requests == 0


@dataclass(frozen=True, slots=True, kw_only=True)
class DependingOptions(FakeOptions):
    """Two that count only sometimes."""

    depth: float = slider(0.5, 0.0, 1.0, step=0.1, help="Higher: deeper.", needs=("rewrite",))
    choral: bool = toggle(False, help="On: many.", needs=("choir",))


def test_what_was_set_and_changes_nothing_is_told_of_and_nothing_else(fake_spec) -> None:
    spec = replace(fake_spec, options=DependingOptions, traits=lambda *_: frozenset({"choir"}))
    engine = Engine((spec,), device="cpu")

    def told(**options) -> list[str]:
        asked = request(options=DependingOptions(**options))
        spoken = [event.message for event in engine.synthesize(asked) if isinstance(event, Notice)]
        read = [event.message for event in engine.reading(asked) if isinstance(event, Notice)]
        assert [message for message in read if "hum" not in message] == spoken
        return spoken

    assert told() == told(choral=True) == told(rewrite=True, depth=0.1) == []
    (message,) = told(depth=0.1)
    assert message == "depth changes nothing with this model, this voice and these options"
