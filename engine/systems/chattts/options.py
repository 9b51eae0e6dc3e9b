"""What a request may set: the controls of ChatTTS (specification, sections 5.3, 6.1 and 8)."""

from dataclasses import dataclass

from engine.options import slider, text, toggle

MAX_TEXT_SEED = 2**32 - 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """The defaults are the reference's, but that it refines every text; ``compat`` restores how it does things."""

    refine: bool = toggle(False, help="Let the model write laughter, pauses and fillers into the text first.")
    oral: int = slider(-1, -1, 9, step=1, help="Refining: filler words and slips. -1 leaves it to the model.")
    laugh: int = slider(-1, -1, 2, step=1, help="Refining: how much laughter. -1 leaves it to the model.")
    break_: int = slider(-1, -1, 7, step=1, help="Refining: how many pauses. -1 leaves it to the model.")
    refine_prompt: str = text(
        "", max_length=200, help="Refining: instead of these three, tokens of your own, such as [oral_2][break_6]."
    )
    refine_temperature: float = slider(
        0.7, 0.00001, 2.0, step=0.00001, help="Refining: higher is livelier, lower is steadier."
    )
    refine_top_p: float = slider(0.7, 0.001, 1.0, step=0.001, help="Refining: how much of the probability is open.")
    refine_top_k: int = slider(20, 1, 100, step=1, help="Refining: choose among this many; never among fewer than 3.")
    refine_repetition_penalty: float = slider(1.0, 1.0, 2.0, step=0.01, help="Refining: above 1, repeats get rare.")
    refine_max_new_tokens: int = slider(384, 1, 2048, step=1, help="Refining: the most tokens that a text becomes.")
    refine_min_new_tokens: int = slider(0, 0, 2048, step=1, help="Refining: the fewest tokens that a text becomes.")
    refine_seed: int = slider(42, 0, MAX_TEXT_SEED, step=1, help="Refining: equal seeds write the same.")
    speed: int = slider(5, -1, 9, step=1, help="How fast, by the token [speed_n], a weak one. -1 leaves it out.")
    prompt: str = text("", max_length=200, help="Control tokens before every text; a [speed_n] replaces the speed.")
    temperature: float = slider(
        0.3,
        0.00001,
        2.0,
        step=0.00001,
        help="Higher is livelier, lower is steadier; the least always takes the likeliest.",
    )
    top_p: float = slider(0.7, 0.001, 1.0, step=0.001, help="Choose sounds among the likeliest, up to this sum.")
    top_k: int = slider(20, 1, 100, step=1, help="Choose sounds among this many; never among fewer than 3.")
    repetition_penalty: float = slider(1.05, 1.0, 2.0, step=0.01, help="Above 1, repeating sounds become unlikely.")
    max_new_tokens: int = slider(2048, 1, 4000, step=1, help="The longest that a piece may be: 47 make a second.")
    min_new_tokens: int = slider(0, 0, 4000, step=1, help="The shortest that a piece may be: 47 make a second.")
    ensure_non_empty: bool = toggle(True, help="A piece never ends before it has begun.")
    retries: int = slider(2, 0, 5, step=1, help="How often a piece that came out empty or never ended is tried again.")
    use_decoder: bool = toggle(True, help="Sound from the network's hidden states; off, from the audio codes alone.")
    split_text: bool = toggle(True, help="Speak long text in pieces.")
    max_split_batch: int = slider(4, 1, 32, step=1, help="How many pieces are spoken at once.")
    first_as_prompt: bool = toggle(
        True, help="The first piece sets the voice of all others, so that it stays the same over a long text."
    )
    normalize: bool = toggle(
        True, help="Numbers, dates, units, money, addresses and formulas in words. Off, digits are lost."
    )
    homophones: bool = toggle(True, help="Common characters for rare ones of the same sound, which are misread.")
    stream: bool = toggle(
        False, help="Under compat: let sound out by the schedule below. Otherwise it always leaves at once."
    )
    stream_batch: int = slider(24, 1, 512, step=1, help="Streaming: look at the sound every so many tokens.")
    stream_speed: int = slider(12_000, 256, 120_000, step=1, help="Streaming under compat: samples let out at a look.")
    pass_first_n_batches: int = slider(2, 0, 20, step=1, help="Streaming under compat: looks that let nothing out.")
    compat: bool = toggle(False, help="Exactly as the reference does it, with its faults: for comparisons.")
