"""The best of several takes: the rule, what is told of it, and that it is the same every time."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from engine.engine import MAX_SEED, Engine
from engine.errors import OptionError, WeightsMissing
from engine.events import AudioChunk, Notice, Progress, Started, Tried
from engine.library import Library
from engine.registry import recognisers
from engine.request import SynthesisRequest
from engine.speech import collect
from engine.systems.kokoro import SPEC as KOKORO
from tests.conftest import FAKE_PITCHES

TEXT = "The kettle is on."


@pytest.fixture
def engine(tmp_path: Path, fake_spec) -> Engine:
    specs = (KOKORO, fake_spec)
    return Engine(specs, device="cpu", library=Library(specs, tmp_path / "models", recognisers=recognisers()))


def request(engine: Engine, text: str, system: str = "kokoro", **more) -> SynthesisRequest:
    return SynthesisRequest(system=system, text=text, options=engine.options(system, {}), language="en", **more)


def test_a_take_that_is_understood_is_the_last(engine: Engine) -> None:
    asked = request(engine, TEXT, voice="af_clara", seed=5, tries=4)
    events = list(engine.synthesize(asked))
    (tried,) = (event for event in events if isinstance(event, Tried))
    assert [(each.seed, each.heard, each.errors, each.total) for each in tried.tries] == [(5, TEXT, 0, 4)]
    assert tried.kept == 0
    (started,) = (event for event in events if isinstance(event, Started))
    assert started.seed == 5
    assert not any(isinstance(event, Notice) for event in events)
    alone = [event.samples for event in engine.synthesize(replace(asked, tries=1)) if isinstance(event, AudioChunk)]
    found = [event.samples for event in events if isinstance(event, AudioChunk)]
    np.testing.assert_array_equal(np.concatenate(found), np.concatenate(alone))


def test_the_fewest_errors_win_the_earliest_of_equal_ones_and_it_is_told(engine: Engine) -> None:
    """Tones hold no words, so that every try is as wrong as the first."""
    asked = request(engine, "Hello there, world.", "fake", seed=MAX_SEED, tries=3, voice=next(iter(FAKE_PITCHES)))
    speech = collect(engine.synthesize(asked), asked)
    assert [each.seed for each in speech.tried.tries] == [MAX_SEED, 0, 1]
    errors = [each.errors for each in speech.tried.tries]
    assert speech.tried.kept == errors.index(min(errors))
    assert any("best of 3 takes" in notice for notice in speech.notices)
    again = collect(engine.synthesize(asked), asked)
    np.testing.assert_array_equal(again.samples, speech.samples)
    assert again.tried == speech.tried


def test_what_nobody_can_check_is_not_said_several_times(engine: Engine) -> None:
    work = engine.synthesize(replace(request(engine, TEXT, tries=2), language="ja"))
    with pytest.raises(WeightsMissing, match="knows 'ja'"):
        next(work)


@pytest.mark.parametrize("tries", [0, -1, 9])
def test_the_number_of_tries_is_bounded(engine: Engine, tries: int) -> None:
    with pytest.raises(OptionError, match="between 1 and 8"):
        next(engine.synthesize(request(engine, TEXT, tries=tries)))


def test_closing_it_frees_the_model_and_the_recogniser(engine: Engine) -> None:
    work = engine.synthesize(request(engine, TEXT, tries=4))
    for event in work:
        if isinstance(event, Progress) and event.label == "listening":
            break
    work.close()
    assert [model.requests for model in engine.loaded()] == [0, 0]
