"""A speed means the same for every system: its own option as far as it goes, and the rest is left for the sound."""

import pytest

from engine import registry
from engine.options import Slider, declared, values
from engine.pace import paced
from engine.system import SystemSpec

PACED = [spec for spec in registry.systems() if spec.pace]


@pytest.mark.parametrize("spec", PACED, ids=lambda spec: spec.id)
def test_the_option_is_a_slider_and_the_rest_makes_up_for_its_bounds(spec: SystemSpec) -> None:
    name = spec.pace.option
    control = next(option.control for option in declared(spec.options) if option.name == name)
    assert isinstance(control, Slider)
    usual = spec.options()
    for speed in (0.25, 0.5, 0.9, 1.0, 1.7, 2.0, 4.0):
        options, left = paced(spec, usual, speed)
        assert control.minimum <= values(options)[name] <= control.maximum
        own = values(options)[name] / values(usual)[name]
        assert left * (1 / own if spec.pace.slowness else own) == pytest.approx(speed)
        assert values(options) | {name: 0} == values(usual) | {name: 0}
        assert left == pytest.approx(1.0) or speed in (0.25, 4.0)


def test_a_speed_that_somebody_has_set_is_the_usual_one(fake_spec: SystemSpec) -> None:
    kokoro = next(spec for spec in PACED if not spec.pace.slowness)
    options, left = paced(kokoro, kokoro.options(speed=0.8), 2.0)
    assert (options.speed, left) == (pytest.approx(1.6), 1.0)
    plain = fake_spec.options()
    assert paced(fake_spec, plain, 2.0) == (plain, 2.0)
