"""How fast a text is said, as a number that means the same for every system: 2 is twice as fast as usual."""

from dataclasses import replace
from typing import TYPE_CHECKING, TypeVar

from engine.options import Slider, declared
from engine.system import SystemSpec

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

T = TypeVar("T", bound="DataclassInstance")


def paced(spec: SystemSpec, options: T, speed: float) -> tuple[T, float]:
    """The options with which a system speaks ``speed`` times as fast as with ``options``, as far as it can.

    The second is by how much its sound must still be made faster (`engine.audio.tempo`), beyond the bounds of the
    system's own option, or all of it where the system has none.
    """
    if spec.pace is None or speed == 1.0:
        return options, speed
    control = next(each.control for each in declared(spec.options) if each.name == spec.pace.option)
    assert isinstance(control, Slider), "a pace is a number"
    usual = getattr(options, spec.pace.option)
    wanted = usual / speed if spec.pace.slowness else usual * speed
    own = min(max(wanted, control.minimum), control.maximum)
    left = own / wanted if spec.pace.slowness else wanted / own
    return replace(options, **{spec.pace.option: own}), left
