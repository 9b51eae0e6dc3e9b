"""What a request may set: the controls of ChatTTS (docs/systems/chattts.md#sampling-order)."""

from dataclasses import dataclass

from engine.options import choice, slider, text, toggle

MAX_TEXT_SEED = 2**32 - 1
REFINING, SAMPLING, TEXT, STREAMING, MODEL = "Refining", "Sampling", "Text", "Streaming", "Model"
# How the text may be refined, as the prompts that the levels make.
MANNERS = (
    ("Read aloud", "[oral_0][laugh_0][break_4]"),
    ("In conversation", "[oral_2][laugh_0][break_6]"),
    ("Thinking aloud", "[oral_6][laugh_0][break_7]"),
    ("Amused", "[oral_3][laugh_2][break_5]"),
)
SPEEDS = (("Slow", "[speed_2]"), ("Fast", "[speed_8]"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """The defaults are the reference's, but that it refines every text; ``compat`` restores how it does things."""

    refine: bool = toggle(False, help="Let the model write laughter, pauses and fillers into the text first.")
    speed: int = slider(5, -1, 9, step=1, help="How fast, by the token [speed_n], a weak one. -1 leaves it out.")
    temperature: float = slider(
        0.3,
        0.00001,
        2.0,
        step=0.00001,
        help="Higher is livelier, lower is steadier; the least always takes the likeliest.",
    )
    oral: int = slider(-1, -1, 9, step=1, help="Filler words and slips. -1 leaves it to the model.", group=REFINING)
    laugh: int = slider(-1, -1, 2, step=1, help="How much laughter. -1 leaves it to the model.", group=REFINING)
    break_: int = slider(-1, -1, 7, step=1, help="How many pauses. -1 leaves it to the model.", group=REFINING)
    refine_prompt: str = text(
        "", max_length=200, help="Instead of these three levels, tokens of your own.", suggestions=MANNERS,
        group=REFINING,
    )  # fmt: skip
    refine_temperature: float = slider(
        0.7, 0.00001, 2.0, step=0.00001, help="Higher is livelier, lower is steadier.", group=REFINING
    )
    refine_top_p: float = slider(
        0.7, 0.001, 1.0, step=0.001, help="Choose words among the likeliest, up to this sum.", group=REFINING
    )
    refine_top_k: int = slider(
        20, 1, 100, step=1, help="Choose words among this many; never among fewer than 3.", group=REFINING
    )
    refine_repetition_penalty: float = slider(
        1.0, 1.0, 2.0, step=0.01, help="Above 1, repeating words become unlikely.", group=REFINING
    )
    refine_max_new_tokens: int = slider(
        384, 1, 2048, step=1, help="The most tokens that a piece of text becomes.", group=REFINING
    )
    refine_min_new_tokens: int = slider(
        0, 0, 2048, step=1, help="The fewest tokens that a piece of text becomes.", group=REFINING
    )
    refine_seed: int = slider(42, 0, MAX_TEXT_SEED, step=1, help="Equal seeds write the same.", group=REFINING)
    top_p: float = slider(
        0.7, 0.001, 1.0, step=0.001, help="Choose sounds among the likeliest, up to this sum.", group=SAMPLING
    )
    top_k: int = slider(
        20, 1, 100, step=1, help="Choose sounds among this many; never among fewer than 3.", group=SAMPLING
    )
    repetition_penalty: float = slider(
        1.05, 1.0, 2.0, step=0.01, help="Above 1, repeating sounds become unlikely.", group=SAMPLING
    )
    max_new_tokens: int = slider(
        2048, 1, 4000, step=1, help="The longest that a piece may be: 47 make a second.", group=SAMPLING
    )
    min_new_tokens: int = slider(
        0, 0, 4000, step=1, help="The shortest that a piece may be: 47 make a second.", group=SAMPLING
    )
    ensure_non_empty: bool = toggle(True, help="A piece never ends before it has begun.", group=SAMPLING)
    retries: int = slider(
        2, 0, 5, step=1, help="How often a piece that came out empty or never ended is tried again.", group=SAMPLING
    )
    prompt: str = text(
        "", max_length=200, help="Control tokens before every text; a [speed_n] replaces the speed.",
        suggestions=SPEEDS, group=TEXT,
    )  # fmt: skip
    normalize: bool = toggle(
        True, help="Numbers, dates, units, money, addresses and formulas in words. Off, digits are lost.", group=TEXT
    )
    homophones: bool = toggle(
        True, help="Common characters for rare ones of the same sound, which are misread.", group=TEXT
    )
    split_text: bool = toggle(True, help="Speak long text in pieces.", group=TEXT)
    max_split_batch: int = slider(4, 1, 32, step=1, help="How many pieces are spoken at once.", group=TEXT)
    first_as_prompt: bool = toggle(
        True,
        help="The first piece sets the voice of all others, so that it stays the same over a long text.",
        group=TEXT,
    )
    stream_batch: int = slider(24, 1, 512, step=1, help="Look at the sound every so many tokens.", group=STREAMING)
    stream: bool = toggle(
        False, help="Under compat: let sound out by the schedule. Otherwise it always leaves at once.", group=STREAMING
    )
    stream_speed: int = slider(
        12_000, 256, 120_000, step=1, help="Under compat: samples let out at a look.", group=STREAMING
    )
    pass_first_n_batches: int = slider(
        2, 0, 20, step=1, help="Under compat: looks that let nothing out.", group=STREAMING
    )
    weights: str = choice(
        "auto",
        ("auto", "full", "8-bit"),
        help="On a processor: 8-bit weights speak twice as fast, almost the same. Auto takes them; compat never does.",
        group=MODEL,
    )
    use_decoder: bool = toggle(
        True, help="Sound from the network's hidden states; off, from the audio codes alone.", group=MODEL
    )
    compat: bool = toggle(
        False, help="Exactly as the reference does it, with its faults: for comparisons.", group=MODEL
    )
