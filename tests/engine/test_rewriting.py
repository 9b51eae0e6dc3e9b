"""A text is written anew and never spoken."""

from dataclasses import replace

import pytest

from engine.engine import Engine
from engine.errors import OptionError, TextError
from engine.events import AudioChunk, Rewritten, Started
from engine.request import SynthesisRequest
from engine.rewriting import rewriting, rewriting_options


def test_the_last_event_is_the_text_and_nothing_is_made_of_it(make_fake_spec) -> None:
    log: list[str] = []
    spec = make_fake_spec(log=log)
    options = spec.options(**rewriting_options(spec, {"hum": "Oh,"}))
    request = SynthesisRequest(system="fake", text="Hello there.", options=options)
    events = list(rewriting(Engine((spec,), device="cpu").synthesize(request)))
    assert events[-1] == Rewritten(text="Oh, Hello there.", options={"rewrite": False})
    assert any(isinstance(event, Started) for event in events)
    assert not any(isinstance(event, AudioChunk) for event in events)
    assert log == ["loaded", "started"]


def test_a_text_that_is_spoken_as_it_is_was_not_rewritten(fake_spec) -> None:
    request = SynthesisRequest(system="fake", text="Hello there.", options=fake_spec.options())
    with pytest.raises(TextError, match="nothing to rewrite"):
        list(rewriting(Engine((fake_spec,), device="cpu").synthesize(request)))


def test_a_system_that_rewrites_nothing_says_so(make_fake_spec) -> None:
    with pytest.raises(OptionError, match="choose another system"):
        rewriting_options(replace(make_fake_spec(), rewrites=""), {})
