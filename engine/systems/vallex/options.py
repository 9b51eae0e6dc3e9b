"""What a request may set: the controls of VALL-E X (docs/codec-lm.md#the-order-of-sampling)."""

from dataclasses import dataclass

from engine.codec_lm.options import AUTO, MODEL, Controls
from engine.options import choice, slider

NO_ACCENT = "no-accent"
# As the reference's page names them.
ACCENTS = {"English": "en", "中文": "zh", "日本語": "ja"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Options(Controls):
    """Those of every model of this kind, the accent, and which codec makes the sound."""

    best_of: int = slider(
        1, 1, 8, step=1, label="Tries for each sentence", needs=("temperature or compat",),
        help="Higher: fewer slips, and slower. Each sentence is spoken so many times at once, and the likeliest kept.",
    )  # fmt: skip
    accent: str = choice(
        NO_ACCENT, (NO_ACCENT, *ACCENTS), label="Accent", help="Another: the voice speaks as if this were its language."
    )
    decoder: str = choice(
        AUTO, (AUTO, "vocos", "encodec"), label="Decoder", group=MODEL,
        help="Another: other sound from the same codes. Auto takes Vocos where it is there.",
    )  # fmt: skip
