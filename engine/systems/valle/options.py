"""What a request may set: the controls of VALL-E (docs/codec-lm.md#the-order-of-sampling)."""

from dataclasses import dataclass

from engine.codec_lm.options import AUTO, FIXED, MODEL, SAMPLE, SLIDING, TEXT, Controls
from engine.options import choice, narrowed, toggle

# A recording that is continued is neither drawn nor cut into pieces.
SPOKEN = "not continual"


@dataclass(frozen=True, slots=True, kw_only=True)
class Options(Controls):
    """Those of every model of this kind, whether a recording is continued, and which codec makes the sound."""

    temperature: float = narrowed(Controls, "temperature", SPOKEN)
    best_of: int = narrowed(Controls, "best_of", SPOKEN)
    top_k: int = narrowed(Controls, "top_k", SPOKEN)
    top_p: float = narrowed(Controls, "top_p", SPOKEN)
    length_penalty: float = narrowed(Controls, "length_penalty", SPOKEN)
    max_audio_s: float = narrowed(Controls, "max_audio_s", SPOKEN)
    repetition_guard: bool = narrowed(Controls, "repetition_guard", SPOKEN)
    weights: str = narrowed(Controls, "weights", SPOKEN)
    continual: bool = toggle(
        False, label="Continue the recording", group=TEXT,
        help="On: the rest of the recording is made anew, after its first half or three seconds. The text is all that "
        "is said in it.",
    )  # fmt: skip
    long_text: str = choice(
        FIXED, (FIXED, SLIDING), label="Long texts", group=TEXT, needs=(SAMPLE, "not compat", SPOKEN),
        help="Another: each sentence goes on from the one before, instead of from the voice's sample.",
    )  # fmt: skip
    decoder: str = choice(
        AUTO, (AUTO, "encodec", "vocos"), label="Decoder", group=MODEL,
        help="Another: other sound from the same codes. Auto takes EnCodec where it is there.",
    )  # fmt: skip
