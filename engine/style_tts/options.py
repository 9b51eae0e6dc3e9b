"""The controls of speed, pitch and energy, which every system of the family has. Imports no torch."""

from typing import Any

from engine.options import slider

PROSODY = "Speed, pitch and energy"


def speed() -> Any:
    """The field ``speed``."""
    return slider(
        1.0, 0.5, 2.0, step=0.01, label="Speed", group=PROSODY,
        help="Higher: faster. 2 is twice as fast, 0.5 half as fast.",
    )  # fmt: skip


def f0_shift() -> Any:
    """The field ``f0_shift``, in semitones."""
    return slider(
        0.0, -12.0, 12.0, step=0.1, label="Pitch", group=PROSODY,
        help="Higher: a higher voice, by so many semitones; 12 are an octave.",
    )  # fmt: skip


def energy_scale() -> Any:
    """The field ``energy_scale``."""
    return slider(
        1.0, 0.25, 4.0, step=0.05, label="Energy", group=PROSODY,
        help="Higher: the voice speaks up. Below 1 it is kept down.",
    )  # fmt: skip
