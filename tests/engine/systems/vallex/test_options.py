"""The controls of a request: which count for which voice and beside which others, against what is heard."""

import numpy as np
import pytest
import torch

from engine.codec_lm.speaking import manner
from engine.events import AudioChunk, Notice
from engine.options import declared, parse, unheeded
from engine.steps import finish
from engine.systems.vallex import SPEC
from engine.systems.vallex.options import Options
from engine.systems.vallex.system import load
from tests.valle import vallex_checkpoint

# Under compat it is long enough to be cut.
TEXT = "This sentence is one of many. " * 12
# A model of random weights never ends, so nothing is drawn again and texts are short.
SHORT = {"max_audio_s": 1.0, "repetition_guard": False}
STEADY, PUBLISHED = {"temperature": 0}, {"compat": True}
# Option, whether there is a voice, the other options, two values that differ.
IDLE = [
    ("best_of", True, STEADY, (1, 3)),
    ("length_penalty", True, {}, (0.5, 2)),
    ("top_k", True, STEADY, (-100, 40)),
    ("top_p", True, STEADY, (0.2, 1)),
    ("max_audio_s", True, PUBLISHED, (1, 2)),
    ("repetition_guard", True, PUBLISHED, (False, True)),
    ("long_text", False, {}, ("fixed-prompt", "sliding-window")),
    ("long_text", False, PUBLISHED, ("fixed-prompt", "sliding-window")),
    ("weights", True, PUBLISHED, ("full", "8-bit")),
]
COUNTING = [
    ("best_of", True, {}, (1, 3)),
    ("top_k", True, {}, (-100, 2)),
    ("top_p", True, {}, (0.2, 1)),
    ("max_audio_s", True, {}, (1, 1.5)),
    ("repetition_guard", True, {}, (False, True)),
    ("long_text", True, {}, ("fixed-prompt", "sliding-window")),
    ("long_text", True, PUBLISHED, ("fixed-prompt", "sliding-window")),
    ("best_of", True, {**PUBLISHED, **STEADY, "long_text": "sliding-window"}, (1, 3)),
]


@pytest.fixture(scope="module")
def spoken(tmp_path_factory):
    """The reduced model, a voice, and none."""
    folder = vallex_checkpoint(tmp_path_factory.mktemp("vallex"))
    system = finish(load(folder, torch.device("cpu"), torch.float32))
    return system, {True: system.voice("golden"), False: system.voice("")}


def heard(system, voice, options):
    """The sound, and what is told beside it."""
    segments = system.segment(TEXT, "en", options)[:2]
    events = list(system.synthesize(segments, voice, options, torch.Generator().manual_seed(1)))
    told = [str(event.message) for event in events if isinstance(event, Notice)]
    return np.concatenate([event.samples for event in events if isinstance(event, AudioChunk)]), told


def test_every_option_that_needs_something_is_tried_both_ways():
    needing = {option.name for option in declared(Options) if option.needs}
    # Of takes that are equally long, as those of random weights are, any penalty picks the same.
    assert {case[0] for case in IDLE} == {*(case[0] for case in COUNTING), "weights", "length_penalty"} == needing


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
    (one, told), (two, told_two) = (heard(system, voices[voiced], each) for each in options)
    assert (told == told_two and np.array_equal(one, two)) == idle
