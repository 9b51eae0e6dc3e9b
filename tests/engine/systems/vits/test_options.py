"""The controls of a request."""

import dataclasses
import json

import numpy as np
import pytest

from engine.errors import OptionError
from engine.options import declared, parse, unheeded
from engine.systems.vits import SPEC
from engine.systems.vits.options import RANDOM_DURATIONS
from tests.engine.systems.vits.speech import CLEANED, events_of, sound


def test_options_have_the_published_defaults_and_bounds():
    options = parse(SPEC.options, {})
    assert (options.noise_scale, options.noise_scale_w, options.length_scale) == (0.667, 0.8, 1.0)
    parse(SPEC.options, {"noise_scale": "0", "noise_scale_w": 1.2, "length_scale": 1.1, "compat": "true"})
    for name, value in (("noise_scale", 1.3), ("noise_scale_w", -0.1), ("length_scale", 0.4)):
        with pytest.raises(OptionError, match=name):
            parse(SPEC.options, {name: value})


def test_what_a_checkpoint_ignores_changes_nothing_and_the_rest_does(checkpoint, system):
    assert {option.name for option in declared(SPEC.options) if option.needs} == {"noise_scale_w"}
    for model, ignored in (("mb_det", True), ("mb_sdp", False)):
        options = [dataclasses.replace(CLEANED, noise_scale_w=value) for value in (0.0, 1.2)]
        traits = SPEC.traits(checkpoint(model), system(model).voice(""))
        assert [option.name for option in unheeded(options[0], traits)] == (["noise_scale_w"] if ignored else [])
        first, second = (sound(events_of(system(model), "həlˈoʊ wˈɜːld", each)) for each in options)
        assert np.array_equal(first, second) == ignored


def test_durations_are_random_as_the_configuration_says_or_else_the_weights(folder):
    for model, random in (("mb_det", False), ("mb_sdp", True)):
        path = folder(model) / "config.json"
        assert (RANDOM_DURATIONS in SPEC.traits(path.parent, None)) == random
        raw = json.loads(path.read_text())
        raw["model"].pop("use_sdp", None)
        path.write_text(json.dumps(raw))
        assert (RANDOM_DURATIONS in SPEC.traits(path.parent, None)) == random
