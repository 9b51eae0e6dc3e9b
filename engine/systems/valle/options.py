"""What a request may set: the controls of VALL-E (docs/codec-lm.md#the-order-of-sampling)."""

from dataclasses import dataclass

from engine.codec_lm.options import AUTO, FIXED, MODEL, SAMPLE, SLIDING, TEXT, Controls
from engine.options import choice


@dataclass(frozen=True, slots=True, kw_only=True)
class Options(Controls):
    """Those of every model of this kind, and which codec makes the sound."""

    long_text: str = choice(
        FIXED, (FIXED, SLIDING), label="Long texts", group=TEXT, needs=(SAMPLE, "not compat"),
        help="Another: each sentence goes on from the one before, instead of from the voice's sample.",
    )  # fmt: skip
    decoder: str = choice(
        AUTO, (AUTO, "encodec", "vocos"), label="Decoder", group=MODEL,
        help="Another: other sound from the same codes. Auto takes EnCodec where it is there.",
    )  # fmt: skip
