"""What a request may set: the controls of Kokoro."""

from dataclasses import dataclass

from engine.options import toggle
from engine.style_tts import options as prosody

EXPERT = "For experts"


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """The defaults are those of the reference."""

    speed: float = prosody.speed()
    f0_shift: float = prosody.f0_shift()
    energy_scale: float = prosody.energy_scale()
    cleaned: bool = toggle(
        False, label="Text in phonemes", group=EXPERT,
        help="On: the text is in phonemes already, in the model's own symbols.",
    )  # fmt: skip
    compat: bool = toggle(
        False, label="As the reference does it", group=EXPERT,
        help="On: exactly so, with its faults: numbers are read as they stand, and long sentences may lose their ends. "
        "For comparisons.",
    )  # fmt: skip
