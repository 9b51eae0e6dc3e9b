"""What a request may set: the controls of the VITS family, named as published: docs/systems/vits.md#random-numbers."""

from collections.abc import Mapping
from dataclasses import dataclass

from engine.options import Slider, declared, slider, toggle

# A trait of checkpoints whose durations are drawn at random; of the others they are always the same.
RANDOM_DURATIONS = "random_durations"


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """The defaults are those of the published demonstrations."""

    noise_scale: float = slider(
        0.667, 0.0, 1.2, step=0.001, label="Liveliness",
        help="Higher: the voice varies more, and sounds livelier. Lower: steadier and duller.",
    )  # fmt: skip
    noise_scale_w: float = slider(
        0.8, 0.0, 1.2, step=0.001, label="Liveliness of the rhythm", needs=(RANDOM_DURATIONS,),
        help="Higher: sounds and pauses differ more in length. Lower: an even beat.",
    )  # fmt: skip
    length_scale: float = slider(
        1.0, 0.5, 2.0, step=0.01, label="Slowness",
        help="Higher: slower. At 2 everything takes twice as long, at 0.5 half as long.",
    )  # fmt: skip
    cleaned: bool = toggle(
        False, label="Text in phonemes", help="On: the text is already in the model's own symbols, phonemes as a rule."
    )
    compat: bool = toggle(
        False,
        label="As the reference does it",
        help="On: exactly so, the whole text at once, and an unknown symbol is an error. For comparisons.",
    )


def within_bounds(recommended: Mapping[str, float]) -> dict[str, float]:
    """What a checkpoint recommends, by the names of options: what is beyond their bounds a user could not ask for."""
    controls = {option.name: option.control for option in declared(Options)}
    return {
        name: min(max(value, control.minimum), control.maximum)
        for name, value in recommended.items()
        if isinstance(control := controls[name], Slider)
    }
