"""What a request may set: the controls of VALL-E X (docs/codec-lm.md#the-order-of-sampling)."""

from dataclasses import dataclass

from engine.options import choice, slider, toggle

SAMPLING, TEXT, MODEL = "Sampling", "Text", "Model"
NO_ACCENT = "no-accent"
# As the reference's page names them.
ACCENTS = {"English": "en", "中文": "zh", "日本語": "ja"}
FIXED, SLIDING = "fixed-prompt", "sliding-window"
AUTO = "auto"


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """The defaults are those of the reference's own procedure; ``compat`` restores how it does the rest."""

    temperature: float = slider(
        1.0, 0.0, 2.0, step=0.01, help="Higher is livelier, lower is steadier; 0 always takes the likeliest."
    )
    best_of: int = slider(1, 1, 8, step=1, help="Speak each sentence so many times at once and keep the likeliest.")
    accent: str = choice(NO_ACCENT, (NO_ACCENT, *ACCENTS), help="Speak with the accent of this language.")
    top_k: int = slider(-100, -100, 1025, step=1, help="Choose among so many codes; below 1, all.", group=SAMPLING)
    top_p: float = slider(
        1.0, 0.0, 1.0, step=0.01, help="Choose among the likeliest codes, up to this sum.", group=SAMPLING
    )
    length_penalty: float = slider(
        1.0, 0.0, 2.0, step=0.01, help="With best of: below 1 favours short takes, above 1 long ones.", group=SAMPLING
    )
    max_audio_s: float = slider(
        30.0, 1.0, 120.0, step=0.5, help="The longest that a sentence may be, in seconds; compat has its own bound.",
        group=SAMPLING,
    )  # fmt: skip
    repetition_guard: bool = toggle(
        True, help="Speak a sentence again that went round in circles, fell silent or never ended.", group=SAMPLING
    )
    long_text: str = choice(
        FIXED, (FIXED, SLIDING), help="Give each sentence the voice's sample, or the sentence before it.", group=TEXT
    )
    decoder: str = choice(
        AUTO, (AUTO, "vocos", "encodec"), help="What makes sound of the codes. Auto takes Vocos where it is there.",
        group=MODEL,
    )  # fmt: skip
    weights: str = choice(
        AUTO, (AUTO, "full", "8-bit"),
        help="On a processor: 8-bit weights speak faster, almost the same. Auto takes them; compat never does.",
        group=MODEL,
    )  # fmt: skip
    compat: bool = toggle(
        False, help="Exactly as the reference does it, with its faults: for comparisons.", group=MODEL
    )
