"""The controls of a request."""

import pytest

from engine.errors import OptionError
from engine.options import parse
from engine.systems.vits import SPEC


def test_options_have_the_published_defaults_and_bounds():
    options = parse(SPEC.options, {})
    assert (options.noise_scale, options.noise_scale_w, options.length_scale) == (0.667, 0.8, 1.0)
    parse(SPEC.options, {"noise_scale": "0", "noise_scale_w": 1.2, "length_scale": 1.1, "compat": "true"})
    for name, value in (("noise_scale", 1.3), ("noise_scale_w", -0.1), ("length_scale", 0.4)):
        with pytest.raises(OptionError, match=name):
            parse(SPEC.options, {name: value})
