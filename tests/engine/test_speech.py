"""Events become one result: whole or stopped, with times that count the engine's work and nobody else's."""

import math
import time
from collections.abc import Generator
from dataclasses import FrozenInstanceError
from pathlib import Path

import numpy as np
import pytest
import soundfile

from engine.audio.label import facts
from engine.engine import Engine
from engine.errors import EngineError, SaveError
from engine.events import AudioChunk, Event, Notice, Progress, Rewritten, Started
from engine.request import SynthesisRequest
from engine.speech import Collector, Speech, collect
from tests.conftest import FakeOptions

REQUEST = SynthesisRequest(system="fake", text="Hello.", options=FakeOptions(), voice="bass", seed=7)
WORK_S = 0.05


def chunk(value: float) -> AudioChunk:
    return AudioChunk(samples=np.full(10, value, np.float32), sample_rate=100)


def events(log: list[str] | None = None, *, work_s: float = 0.0) -> Generator[Event, None, None]:
    """One of every kind, and two of some; ``work_s`` seconds go by before each. ``log`` hears of the end."""
    started = Started(sample_rate=100, device="cpu", dtype="float32", seed=7, segments=2, load_s=1.5)
    script: list[Event] = [
        Progress(done=0, total=1, label="loading"),
        started,
        Notice(message="one"),
        Rewritten(text="first", options={}),
        chunk(0.1),
        Progress(done=1, total=2, label="speaking"),
        Rewritten(text="last", options={"refine": False}),
        Notice(message="two"),
        chunk(0.2),
    ]
    try:
        for event in script:
            time.sleep(work_s)
            yield event
    finally:
        if log is not None:
            log.append("closed")


def test_everything_is_in_the_result() -> None:
    speech = collect(events(), REQUEST)
    np.testing.assert_array_equal(speech.samples, np.repeat(np.array([0.1, 0.2], np.float32), 10))
    assert speech.samples.dtype == np.float32
    assert (speech.request, speech.sample_rate, speech.segments) == (REQUEST, 100, 2)
    assert (speech.device, speech.dtype, speech.notices, speech.stopped) == ("cpu", "float32", ("one", "two"), False)
    assert speech.rewritten == Rewritten(text="last", options={"refine": False})
    assert (speech.timings.load_s, speech.audio_s) == (1.5, 0.2)
    assert speech.rtf == speech.timings.synth_s / 0.2
    with pytest.raises(FrozenInstanceError):
        speech.segments = 3


def test_progress_is_shown_on_the_way_and_a_failure_to_show_it_closes_the_events() -> None:
    shown: list[str] = []
    collect(events(), REQUEST, lambda progress: shown.append(progress.label))
    assert shown == ["loading", "speaking"]
    log: list[str] = []

    def show(progress: Progress) -> None:
        raise KeyboardInterrupt(progress.label)

    with pytest.raises(KeyboardInterrupt):
        collect(events(log), REQUEST, show)
    assert log == ["closed"]


def test_times_count_work_since_the_start_and_not_the_listener() -> None:
    collector = Collector(REQUEST)
    began = time.perf_counter()
    for _ in collector.watch(events(work_s=WORK_S)):
        time.sleep(3 * WORK_S)
    everything = time.perf_counter() - began
    times = collector.speech().timings
    # Seven of the nine events come after Started, the third of them is the first sound.
    assert 3 * WORK_S <= times.first_audio_s < times.synth_s
    assert 7 * WORK_S <= times.synth_s < everything - 9 * 3 * WORK_S


def test_what_is_watched_passes_as_it_is_and_closing_keeps_what_was_there() -> None:
    log: list[str] = []
    collector = Collector(REQUEST)
    watched = collector.watch(events(log))
    assert next(watched) == Progress(done=0, total=1, label="loading")
    assert collector.speech() is None, "the model is not there yet"
    assert isinstance(next(watched), Started)
    silent = collector.speech(stopped=True)
    assert (silent.samples.shape, silent.audio_s, silent.rtf, silent.notices) == ((0,), 0, math.inf, ())
    for event in watched:
        if isinstance(event, AudioChunk):
            break
    assert log == []
    watched.close()
    assert log == ["closed"]
    partial = collector.speech(stopped=True)
    np.testing.assert_array_equal(partial.samples, np.full(10, 0.1, np.float32))
    assert (partial.stopped, partial.notices, partial.rewritten.text) == (True, ("one",), "first")


def test_errors_of_the_engine_come_through_and_events_without_a_start_are_none() -> None:
    def failing() -> Generator[Event, None, None]:
        yield from events()
        raise EngineError("gone")

    collector = Collector(REQUEST)
    with pytest.raises(EngineError, match="gone"):
        list(collector.watch(failing()))
    assert len(collector.speech().samples) == 20
    with pytest.raises(EngineError, match="no synthesis"):
        collect((event for event in [chunk(0.1)]), REQUEST)


@pytest.fixture
def spoken(fake_spec) -> Speech:
    return collect(Engine((fake_spec,), device="cpu").synthesize(REQUEST), REQUEST)


@pytest.mark.parametrize("ending", ["wav", "flac", "mp3", "ogg", "opus"])
def test_a_file_of_every_kind_carries_its_label(spoken: Speech, tmp_path: Path, ending: str) -> None:
    spoken.save(str(tmp_path / f"a.{ending}"))
    with soundfile.SoundFile(tmp_path / f"a.{ending}") as file:
        found = facts(file.comment)
        assert file.frames / file.samplerate == pytest.approx(spoken.audio_s, abs=0.1)
    assert (found["ai_generated"], found["system"], found["voice"], found["seed"]) == (True, "fake", "bass", 7)


def test_raw_sound_is_saved_untouched(fake_spec, tmp_path: Path) -> None:
    request = SynthesisRequest(system="fake", text="Hello.", options=FakeOptions(), raw=True)
    speech = collect(Engine((fake_spec,), device="cpu").synthesize(request), request)
    speech.save(tmp_path / "a.wav")
    np.testing.assert_array_equal(soundfile.read(tmp_path / "a.wav", dtype="float32")[0], speech.samples)
    with pytest.raises(SaveError, match="raw samples"):
        speech.save(tmp_path / "a.flac")


def test_a_place_that_cannot_be_written_is_named(spoken: Speech, tmp_path: Path) -> None:
    for path, words in ((tmp_path / "a.xyz", "no known format"), (tmp_path / "no" / "a.wav", "no folder")):
        with pytest.raises(SaveError, match=words):
            spoken.save(path)
    collector = Collector(REQUEST)
    watched = collector.watch(events())
    next(event for event in watched if isinstance(event, Started))
    with pytest.raises(SaveError, match="no sound"):
        collector.speech().save(tmp_path / "a.wav")
    assert list(tmp_path.glob("a.*")) == []
