"""What a request may set: the controls of ChatTTS (docs/systems/chattts.md#sampling-order)."""

from dataclasses import dataclass

from engine.options import choice, slider, text, toggle

MAX_TEXT_SEED = 2**32 - 1
REFINING, SAMPLING, TEXT, STREAMING, MODEL = "Refining", "Sampling", "Reading the text", "Streaming", "Computing"
# A trait of voices that are a speaker and no sample of a recording.
SPEAKER = "speaker"
# How the text may be refined, as the prompts that the levels make.
MANNERS = (
    ("Read aloud", "[oral_0][laugh_0][break_4]"),
    ("In conversation", "[oral_2][laugh_0][break_6]"),
    ("Thinking aloud", "[oral_6][laugh_0][break_7]"),
    ("Amused", "[oral_3][laugh_2][break_5]"),
)
# What the three levels of refining need: tokens of the user's own take their place.
LEVELS = ("refine", "not refine_prompt")
SPEEDS = (("Slow", "[speed_2]"), ("Fast", "[speed_8]"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """The defaults are the reference's, but that it refines every text; ``compat`` restores how it does things."""

    refine: bool = toggle(
        False, label="Refine the text", help="On: the model first writes laughter, pauses and fillers into the text."
    )
    speed: int = slider(
        5, -1, 9, step=1, label="Speed",
        help="Higher: faster, if only a little: the model takes it for a hint. -1 leaves it to the model.",
    )  # fmt: skip
    temperature: float = slider(
        0.3, 0.00001, 2.0, step=0.00001, label="Liveliness",
        help="Higher: livelier, with more surprises. Lower: steadier; at the least the likeliest is always taken.",
    )  # fmt: skip
    oral: int = slider(
        -1, -1, 9, step=1, label="Fillers", group=REFINING, needs=LEVELS,
        help="Higher: more filler words and slips of the tongue. -1 leaves it to the model.",
    )  # fmt: skip
    laugh: int = slider(
        -1, -1, 2, step=1, label="Laughter", group=REFINING, needs=LEVELS,
        help="Higher: more laughter. -1 leaves it to the model.",
    )  # fmt: skip
    break_: int = slider(
        -1, -1, 7, step=1, label="Pauses", group=REFINING, needs=LEVELS,
        help="Higher: more pauses. -1 leaves it to the model.",
    )  # fmt: skip
    refine_prompt: str = text(
        "", max_length=200, label="Manner in tokens", suggestions=MANNERS, group=REFINING, needs=("refine",),
        help="Instead of fillers, laughter and pauses: tokens of your own.",
    )  # fmt: skip
    refine_temperature: float = slider(
        0.7, 0.00001, 2.0, step=0.00001, label="Liveliness of the wording", group=REFINING, needs=("refine",),
        help="Higher: more is rewritten, and more boldly. Lower: more predictable.",
    )  # fmt: skip
    refine_top_p: float = slider(
        0.7, 0.001, 1.0, step=0.001, label="Choice of words by chance (top-p)", group=REFINING, needs=("refine",),
        help="Higher: rarer words come in. A word is chosen among the likeliest, up to this sum of their chances.",
    )  # fmt: skip
    refine_top_k: int = slider(
        20, 1, 100, step=1, label="Choice of words by number (top-k)", group=REFINING, needs=("refine",),
        help="Higher: rarer words come in. A word is chosen among this many; never among fewer than 3.",
    )  # fmt: skip
    refine_repetition_penalty: float = slider(
        1.0, 1.0, 2.0, step=0.01, label="Variety of words", group=REFINING, needs=("refine",),
        help="Higher: words are repeated less. 1 does nothing.",
    )  # fmt: skip
    refine_max_new_tokens: int = slider(
        384, 1, 2048, step=1, label="Longest refined piece", group=REFINING, needs=("refine",),
        help="Higher: more may be written. The most tokens that a piece of text becomes.",
    )  # fmt: skip
    refine_min_new_tokens: int = slider(
        0, 0, 2048, step=1, label="Shortest refined piece", group=REFINING, needs=("refine",),
        help="Higher: more must be written. The fewest tokens that a piece of text becomes.",
    )  # fmt: skip
    refine_seed: int = slider(
        42, 0, MAX_TEXT_SEED, step=1, label="Seed of the wording", group=REFINING, needs=("refine",),
        help="Another number, another wording; equal seeds write the same.",
    )  # fmt: skip
    top_p: float = slider(
        0.7, 0.001, 1.0, step=0.001, label="Choice of sounds by chance (top-p)", group=SAMPLING,
        help="Higher: rarer sounds come in. A sound is chosen among the likeliest, up to this sum of their chances.",
    )  # fmt: skip
    top_k: int = slider(
        20, 1, 100, step=1, label="Choice of sounds by number (top-k)", group=SAMPLING,
        help="Higher: rarer sounds come in. A sound is chosen among this many; never among fewer than 3.",
    )  # fmt: skip
    repetition_penalty: float = slider(
        1.05, 1.0, 2.0, step=0.01, label="Variety of sounds", group=SAMPLING,
        help="Higher: sounds are repeated less. 1 does nothing.",
    )  # fmt: skip
    max_new_tokens: int = slider(
        2048, 1, 4000, step=1, label="Longest piece", group=SAMPLING,
        help="Higher: a piece may last longer: 47 make a second.",
    )  # fmt: skip
    min_new_tokens: int = slider(
        0, 0, 4000, step=1, label="Shortest piece", group=SAMPLING,
        help="Higher: a piece must last longer: 47 make a second.",
    )  # fmt: skip
    ensure_non_empty: bool = toggle(
        True, label="No empty pieces", help="On: a piece never ends before it has begun.", group=SAMPLING
    )
    retries: int = slider(
        2, 0, 5, step=1, label="Further tries", group=SAMPLING, needs=("not compat",),
        help="Higher: a piece that came out empty or never ended is tried again more often.",
    )  # fmt: skip
    prompt: str = text(
        "", max_length=200, label="Tokens before the text", suggestions=SPEEDS, group=TEXT,
        help="Control tokens before every text; a [speed_n] replaces the speed.",
    )  # fmt: skip
    normalize: bool = toggle(
        True, label="Write out numbers", group=TEXT,
        help="On: numbers, dates, units, money, addresses and formulas are said in words. Off: digits are lost.",
    )  # fmt: skip
    homophones: bool = toggle(
        True, label="Common characters for rare ones", group=TEXT,
        help="On: rare characters, which are misread, become common ones of the same sound.",
    )  # fmt: skip
    split_text: bool = toggle(True, label="Speak in pieces", help="On: long text is spoken in pieces.", group=TEXT)
    max_split_batch: int = slider(
        4, 1, 32, step=1, label="Pieces at once", group=TEXT,
        needs=("not compat or split_text", "not compat or not stream"),
        help="Higher: more pieces are spoken at once, which is faster as a whole and takes more memory.",
    )  # fmt: skip
    first_as_prompt: bool = toggle(
        True, label="One voice throughout", group=TEXT, needs=(SPEAKER, "not compat or split_text"),
        help="On: the first piece sets the voice of all others, so that it stays the same over a long text.",
    )  # fmt: skip
    stream_batch: int = slider(
        24, 1, 512, step=1, label="Tokens between two looks", group=STREAMING, needs=("not compat or stream",),
        help="Higher: sound leaves in longer portions, and less often.",
    )  # fmt: skip
    stream: bool = toggle(
        False, label="Stream by the schedule", group=STREAMING, needs=("compat",),
        help="On: sound leaves by the reference's schedule. Without the reference's ways it always leaves at once.",
    )  # fmt: skip
    stream_speed: int = slider(
        12_000, 256, 120_000, step=1, label="Samples at a look", group=STREAMING, needs=("compat", "stream"),
        help="Higher: more sound leaves at each look.",
    )  # fmt: skip
    pass_first_n_batches: int = slider(
        2, 0, 20, step=1, label="Silent looks", group=STREAMING, needs=("compat", "stream"),
        help="Higher: the first sound comes later. So many looks let nothing out.",
    )  # fmt: skip
    weights: str = choice(
        "auto", ("auto", "full", "8-bit"), label="Weights", group=MODEL, needs=("not compat",),
        help="On a processor: 8-bit weights speak twice as fast, almost the same. Auto takes them.",
    )  # fmt: skip
    use_decoder: bool = toggle(
        True, label="Sound from hidden states", group=MODEL,
        help="On: sound is made from the network's hidden states; off: from the audio codes alone.",
    )  # fmt: skip
    compat: bool = toggle(
        False, label="As the reference does it", help="On: exactly so, with its faults. For comparisons.", group=MODEL
    )
