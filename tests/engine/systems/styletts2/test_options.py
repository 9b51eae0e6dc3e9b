"""The controls of a request: which count for which voice, against what the decoder is given."""

import pytest
import torch

from engine.options import declared, parse, unheeded
from engine.systems.styletts2 import SPEC
from engine.systems.styletts2.options import Options
from tests.engine.style_tts.closeness import LIBRI, LJ
from tests.engine.systems.styletts2.spoken import events

MOOD = "How dare you! Get out!"
KEPT = {"alpha": 0, "beta": 0}  # nothing of the voice's own style is left to the text
# Option, model, the other options, two values that differ.
IDLE = [
    ("alpha", LJ, {}, (0, 1)),
    ("beta", LJ, {}, (0, 1)),
    ("embedding_scale", LIBRI, KEPT, (1, 3)),
    ("style_text", LIBRI, KEPT, ("", MOOD)),
    ("style_text", LJ, {"compat": True}, ("", MOOD)),
    ("style_carry", LIBRI, KEPT, (0, 1)),
    ("diffusion_steps", LIBRI, KEPT, (3, 5)),
]
COUNTING = [
    ("alpha", LIBRI, {}, (0, 1)),
    ("beta", LIBRI, {}, (0, 1)),
    ("embedding_scale", LJ, KEPT, (1, 3)),
    ("embedding_scale", LIBRI, {"alpha": 0}, (1, 3)),
    ("style_text", LJ, {}, ("", MOOD)),
    ("style_carry", LJ, {}, (0, 1)),
    ("diffusion_steps", LIBRI, {"beta": 0}, (3, 5)),
]


def test_every_option_that_needs_something_is_tried_both_ways():
    needing = {option.name for option in declared(Options) if option.needs}
    assert {case[0] for case in IDLE} == {case[0] for case in COUNTING} == needing


@pytest.mark.parametrize("idle", [True, False])
@pytest.mark.parametrize("number", range(7))
def test_an_option_that_a_voice_ignores_changes_nothing_and_any_other_does(
    checkpoint, systems, voice, played, number, idle
):
    name, model, others, values = (IDLE if idle else COUNTING)[number]
    own = voice(model)
    traits = SPEC.traits(checkpoint(model), own)
    assert traits <= SPEC.traits(checkpoint(model), None)
    told = {option.name for option in unheeded(parse(Options, others), traits)}
    assert (name in told) == idle
    given = []
    for value in values:
        found = played(systems(model))
        events(systems(model), "Hello, world. Good morning.", own, **others, **{name: value})
        given.append([(inputs.pitch, inputs.energy, style) for inputs, style in found])
    same = [torch.equal(a, b) for one, two in zip(*given, strict=True) for a, b in zip(one, two, strict=True)]
    assert all(same) == idle


def test_ways_to_a_voice_that_a_model_does_not_have_are_not_offered(checkpoint):
    one, many = (SPEC.voicing_of(checkpoint(name)) for name in (LJ, LIBRI))
    assert (one.prompt_audio, one.random, one.presets) == (False, True, False)
    assert (many.prompt_audio, many.random, many.presets) == (True, False, True)  # it has no recordings to mix
