"""The controls of a request: which count for which voice and beside which others, against what is heard."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from engine.codec_lm.speaking import manner
from engine.events import AudioChunk, Notice
from engine.options import declared, parse, unheeded
from engine.request import Voice
from engine.steps import finish
from engine.systems.valle import SPEC
from engine.systems.valle.options import Options
from engine.systems.valle.system import load
from engine.systems.valle.voices import SYSTEM
from tests.valle import arrays, valle_checkpoint

TEXT = "So it. " * 40
# A model of random weights never ends, so nothing is drawn again and texts are short.
SHORT = {"max_audio_s": 1.0, "repetition_guard": False}
STEADY, PUBLISHED, CONTINUED = {"temperature": 0}, {"compat": True}, {"continual": True}
# Option, whether there is a voice, the other options, two values that differ.
IDLE = [
    ("best_of", True, STEADY, (1, 3)),
    ("top_k", True, STEADY, (-100, 40)),
    ("top_p", True, STEADY, (0.2, 1)),
    ("max_audio_s", True, PUBLISHED, (1, 2)),
    ("repetition_guard", True, PUBLISHED, (False, True)),
    ("long_text", False, {}, ("fixed-prompt", "sliding-window")),
    ("long_text", True, PUBLISHED, ("fixed-prompt", "sliding-window")),
    ("weights", True, PUBLISHED, ("full", "8-bit")),
    ("temperature", True, CONTINUED, (0, 2)),
    ("best_of", True, CONTINUED, (1, 3)),
    ("top_k", True, CONTINUED, (-100, 2)),
    ("top_p", True, CONTINUED, (0.2, 1)),
    ("length_penalty", True, CONTINUED, (0, 2)),
    ("max_audio_s", True, CONTINUED, (1, 30)),
    ("repetition_guard", True, CONTINUED, (False, True)),
    ("long_text", True, CONTINUED, ("fixed-prompt", "sliding-window")),
    ("weights", True, CONTINUED, ("full", "8-bit")),
]
COUNTING = [
    ("temperature", True, {}, (0.5, 1)),
    ("best_of", True, {}, (1, 3)),
    ("top_k", True, {}, (-100, 2)),
    ("top_p", True, {}, (0.2, 1)),
    ("max_audio_s", True, {}, (1, 1.5)),
    ("repetition_guard", True, {}, (False, True)),
    ("long_text", True, {}, ("fixed-prompt", "sliding-window")),
]


@pytest.fixture(scope="module")
def spoken(tmp_path_factory):
    """A reduced model that speaks with a voice and without, and a voice."""
    folder = valle_checkpoint(tmp_path_factory.mktemp("valle"), "valle_p1_bos")
    system = finish(load(folder, torch.device("cpu"), torch.float32))
    codes = arrays("e2e_valle")["prompt_codes"][0].T.numpy().astype(np.int16)
    sample = Voice(system=SYSTEM, name="x", tensors={"codes": codes}, meta={"transcript": "Hour."})
    return system, {True: sample, False: system.voice("")}


def heard(system, voice, options):
    """The sound, and what is told beside it."""
    segments = system.segment(TEXT, "en", options)[:2]
    events = list(system.synthesize(segments, voice, options, torch.Generator().manual_seed(1)))
    told = [str(event.message) for event in events if isinstance(event, Notice)]
    return np.concatenate([event.samples for event in events if isinstance(event, AudioChunk)]), told


def test_every_option_that_needs_something_is_tried_both_ways():
    needing = {option.name for option in declared(Options) if option.needs}
    assert {case[0] for case in IDLE} == {*(case[0] for case in COUNTING), "weights", "length_penalty"} == needing


def test_the_preferred_length_counts_unless_a_recording_is_continued():
    """Which of the takes it prefers, the goldens of the reference say."""
    assert manner(parse(Options, {"length_penalty": 0.5})).length_penalty == 0.5


def test_weights_in_eight_bits_count_unless_the_reference_s_way_is_asked_for():
    """Of a reduced model they choose the same codes."""
    assert manner(parse(Options, {"weights": "8-bit"})).weights == "8-bit"
    assert manner(parse(Options, {"weights": "8-bit", "compat": True})).weights == "full"


@pytest.mark.parametrize("case", [*IDLE, *COUNTING], ids=lambda case: f"{case[0]} {case[1]} {case[2]}")
def test_an_option_that_is_said_to_be_ignored_changes_nothing_and_any_other_does(spoken, case):
    name, voiced, others, tried = case
    system, voices = spoken
    options = [parse(Options, {**SHORT, **others, name: value}) for value in tried]
    traits = SPEC.traits(None, voices[voiced])
    assert traits <= SPEC.traits(None, None)
    idle = name in {option.name for option in unheeded(options[0], traits)}
    assert idle == (case in IDLE)
    voice = replace(voices[True], meta={}) if others is CONTINUED else voices[voiced]
    (one, told), (two, told_two) = (heard(system, voice, each) for each in options)
    assert (told == told_two and np.array_equal(one, two)) == idle
