"""What a request may set: the controls of the VITS family, named as published: docs/systems/vits.md#random-numbers."""

from dataclasses import dataclass

from engine.options import slider, toggle


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """The defaults are those of the published demonstrations."""

    noise_scale: float = slider(
        0.667, 0.0, 1.2, step=0.001, help="How much the voice varies: higher is livelier, lower is steadier and duller."
    )
    noise_scale_w: float = slider(
        0.8, 0.0, 1.2, step=0.001, help="How much the rhythm varies. Only voices with random durations heed it."
    )
    length_scale: float = slider(1.0, 0.5, 2.0, step=0.01, help="How long everything takes: 2 is half as fast.")
    cleaned: bool = toggle(False, help="The text is already in the model's own symbols, phonemes as a rule.")
    compat: bool = toggle(
        False, help="Exactly as the reference does it: the whole text at once, and an unknown symbol is an error."
    )
