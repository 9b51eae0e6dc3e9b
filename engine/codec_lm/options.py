"""The controls that every model of this kind has (docs/codec-lm.md#the-order-of-sampling). Imports no torch."""

from dataclasses import dataclass

from engine.options import choice, slider, toggle

SAMPLING, TEXT, MODEL = "Sampling", "Reading the text", "Computing"
FIXED, SLIDING = "fixed-prompt", "sliding-window"
AUTO = "auto"
# A trait of voices that are a sample of a recording. Without one each sentence always follows the one before it.
SAMPLE = "sample"


@dataclass(frozen=True, slots=True, kw_only=True)
class Controls:
    """The defaults are those of the reference's own procedure; ``compat`` restores how it does the rest.

    A system declares anew what counts otherwise with it, and adds which codecs make the sound.
    """

    temperature: float = slider(
        1.0, 0.0, 2.0, step=0.01, label="Liveliness",
        help="Higher: livelier, with more surprises. Lower: steadier; 0 always takes the likeliest.",
    )  # fmt: skip
    best_of: int = slider(
        1, 1, 8, step=1, label="Tries for each sentence", needs=("temperature",),
        help="Higher: fewer slips, and slower. Each sentence is spoken so many times at once, and the likeliest kept.",
    )  # fmt: skip
    top_k: int = slider(
        -100, -100, 1025, step=1, label="Choice of sounds by number (top-k)", group=SAMPLING, needs=("temperature",),
        help="Higher: rarer sounds come in. A sound is chosen among this many; below 1, among all.",
    )  # fmt: skip
    top_p: float = slider(
        1.0, 0.0, 1.0, step=0.01, label="Choice of sounds by chance (top-p)", group=SAMPLING, needs=("temperature",),
        help="Higher: rarer sounds come in. A sound is chosen among the likeliest, up to this sum of their chances.",
    )  # fmt: skip
    length_penalty: float = slider(
        1.0, 0.0, 2.0, step=0.01, label="Preferred length", group=SAMPLING,
        needs=("best_of > 1", "temperature or compat"),
        help="Higher: of several tries a longer one is kept. Below 1, a shorter one.",
    )  # fmt: skip
    max_audio_s: float = slider(
        30.0, 1.0, 120.0, step=0.5, label="Longest sentence in seconds", group=SAMPLING, needs=("not compat",),
        help="Higher: a sentence may take longer.",
    )  # fmt: skip
    repetition_guard: bool = toggle(
        True, label="Guard against loops", group=SAMPLING, needs=("not compat",),
        help="On: a sentence that goes round in circles, falls silent or never ends is spoken again.",
    )  # fmt: skip
    long_text: str = choice(
        FIXED, (FIXED, SLIDING), label="Long texts", group=TEXT, needs=(SAMPLE,),
        help="Another: each sentence goes on from the one before, instead of from the voice's sample.",
    )  # fmt: skip
    weights: str = choice(
        AUTO, (AUTO, "full", "8-bit"), label="Weights", group=MODEL, needs=("not compat",),
        help="On a processor: 8-bit weights speak faster, almost the same. Auto takes them.",
    )  # fmt: skip
    compat: bool = toggle(
        False, label="As the reference does it", group=MODEL,
        help="On: exactly so, with its faults. For comparisons.",
    )  # fmt: skip
