"""What a request may set, of any checkpoint (docs/systems/minimind.md#drawing)."""

from dataclasses import dataclass

from engine.options import choice, slider, toggle

SAMPLING, TEXT, MODEL = "Sampling", "Reading the text", "Computing"
AUTO = "auto"


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """``compat`` reads text as the reference does, and draws without guards.

    A checkpoint may recommend others of these numbers in the JSON file beside it.
    """

    temperature: float = slider(
        0.8, 0.0, 2.0, step=0.01, label="Liveliness",
        help="Higher: livelier, with more surprises. Lower: steadier; 0 always takes the likeliest.",
    )  # fmt: skip
    top_k: int = slider(
        25, 0, 4097, step=1, label="Choice of sounds by number (top-k)", group=SAMPLING, needs=("temperature",),
        help="Higher: rarer sounds come in. A sound is chosen among this many; 0: among all.",
    )  # fmt: skip
    top_p: float = slider(
        1.0, 0.01, 1.0, step=0.01, label="Choice of sounds by chance (top-p)", group=SAMPLING, needs=("temperature",),
        help="Higher: rarer sounds come in. A sound is chosen among the likeliest, up to this sum of their chances.",
    )  # fmt: skip
    repetition_penalty: float = slider(
        1.0, 1.0, 2.0, step=0.01, label="Variety of sounds", group=SAMPLING, needs=("not compat",),
        help="Higher: sounds are repeated less. 1 does nothing.",
    )  # fmt: skip
    max_audio_s: float = slider(
        30.0, 1.0, 120.0, step=0.5, label="Longest sentence in seconds", group=SAMPLING, needs=("not compat",),
        help="Higher: a sentence may take longer.",
    )  # fmt: skip
    max_new_tokens: int = slider(
        0, 0, 8192, step=1, label="Longest piece", group=SAMPLING,
        help="Higher: a piece may last longer: 40 or 75 make a second. 0: as long as its text can take.",
    )  # fmt: skip
    repetition_guard: bool = toggle(
        True, label="Guard against loops", group=SAMPLING, needs=("not compat",),
        help="On: a sentence that ends too soon or goes round in circles is spoken again, or ends there.",
    )  # fmt: skip
    normalize: bool = toggle(
        True, label="Write out numbers", group=TEXT,
        help="On: numbers, dates, units, money, addresses and formulas are said in words. Off: the text is as it is.",
    )  # fmt: skip
    weights: str = choice(
        AUTO, (AUTO, "full", "8-bit"), label="Weights", group=MODEL, needs=("not compat",),
        help="On a processor: 8-bit weights speak faster, almost the same. Auto takes them.",
    )  # fmt: skip
    compat: bool = toggle(
        False, label="As the reference does it", group=MODEL,
        help="On: exactly so, with its faults. For comparisons.",
    )  # fmt: skip
