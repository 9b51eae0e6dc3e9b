"""What a request may set: the controls of StyleTTS 2."""

from dataclasses import dataclass

from engine.options import slider, text, toggle

STYLE, PROSODY, EXPERT = "Style", "Speed, pitch and energy", "For experts"
# A text in each mood for the sampler to take its style from.
MOODS = (
    ("Happy", "Oh, this is wonderful! I have never been so happy, come here and let me hug you!"),
    ("Sad", "She is gone, and nothing that I could have said would have kept her here. I miss her so much."),
    ("Angry", "How dare you! I told you to keep your hands off it, and you did it anyway! Get out!"),
    ("Afraid", "Did you hear that? Somebody is in the house. Please, don't open that door!"),
    ("Surprised", "Wait, what? You are the one who sent it? I would never have guessed!"),
    ("Calm", "Close your eyes and breathe slowly. There is nowhere that you have to be, and nothing to be done."),
    ("Earnest", "The committee has examined the evidence with care, and these are its findings."),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """The defaults are those of the reference's demonstration."""

    alpha: float = slider(
        0.3,
        0.0,
        1.0,
        step=0.01,
        help="How far the sound of the voice may leave its recording to suit the text. 0 keeps the recording's. "
        "Only voices with a style of their own heed it.",
        group=STYLE,
    )
    beta: float = slider(
        0.7,
        0.0,
        1.0,
        step=0.01,
        help="The same for the melody: 0 speaks in the mood of the recording, 1 in that of the text.",
        group=STYLE,
    )
    embedding_scale: float = slider(
        1.0,
        0.0,
        5.0,
        step=0.05,
        help="How strongly the mood of the text is heard: 1 is natural, 1.5 to 2 is full of feeling, more is theatre. "
        "Any but 1 takes twice as long to sample, and a word or two alone are always spoken at 1.",
        group=STYLE,
    )
    style_text: str = text(
        "",
        max_length=400,
        help="Speak in the mood of this text instead of that of what is said. It is not spoken itself.",
        suggestions=MOODS,
        group=STYLE,
    )
    style_carry: float = slider(
        0.7,
        0.0,
        1.0,
        step=0.01,
        help="How much of its style each sentence takes over from the one before: 0 lets every sentence begin anew, "
        "1 keeps the first one's to the end.",
        group=STYLE,
    )
    speed: float = slider(1.0, 0.5, 2.0, step=0.01, help="2 is twice as fast, 0.5 half as fast.", group=PROSODY)
    f0_shift: float = slider(
        0.0, -12.0, 12.0, step=0.1, help="Higher or lower by so many semitones; 12 are an octave.", group=PROSODY
    )
    energy_scale: float = slider(
        1.0,
        0.25,
        4.0,
        step=0.05,
        help="Above 1 speaks up, below 1 keeps the voice down.",
        group=PROSODY,
    )
    diffusion_steps: int = slider(
        5,
        2,
        50,
        step=1,
        help="How carefully a style is sampled: 5 to 10 are usual; more take longer and vary more.",
        group=EXPERT,
    )
    cleaned: bool = toggle(
        False, help="The text is in phonemes already: IPA with stress, blanks around marks.", group=EXPERT
    )
    compat: bool = toggle(
        False,
        help="Exactly as the reference does it, with its faults: for comparisons. A text of several sentences is split "
        "at its full stops.",
        group=EXPERT,
    )
