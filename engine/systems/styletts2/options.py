"""What a request may set: the controls of StyleTTS 2."""

from dataclasses import dataclass

from engine.options import slider, text, toggle
from engine.style_tts import options as prosody

STYLE, EXPERT = "Style", "For experts"
# Traits of a voice: it has a style of its own, or its model samples one for each text.
STYLED, STYLELESS = "styled", "styleless"
# Where nothing of a voice's own style is left to the text, none is sampled.
SAMPLED = f"alpha or beta or {STYLELESS}"
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
        0.3, 0.0, 1.0, step=0.01, label="Freedom of the sound", group=STYLE, needs=(STYLED,),
        help="Higher: the sound of the voice leaves its recording to suit the text. 0 keeps the recording's.",
    )  # fmt: skip
    beta: float = slider(
        0.7, 0.0, 1.0, step=0.01, label="Freedom of the melody", group=STYLE, needs=(STYLED,),
        help="Higher: the melody leaves its recording: 0 speaks in the mood of the recording, 1 in that of the text.",
    )  # fmt: skip
    embedding_scale: float = slider(
        1.0, 0.0, 5.0, step=0.05, label="Strength of feeling", group=STYLE, needs=(SAMPLED,),
        help="Higher: the mood of the text is heard more. 1 is natural, 1.5 to 2 is full of feeling, more is theatre. "
        "Any but 1 takes twice as long to sample, and a word or two alone are always spoken at 1.",
    )  # fmt: skip
    style_text: str = text(
        "", max_length=400, label="Mood of another text", suggestions=MOODS, group=STYLE, needs=(SAMPLED, "not compat"),
        help="Speak in the mood of this text instead of that of what is said. It is not spoken itself.",
    )  # fmt: skip
    style_carry: float = slider(
        0.7, 0.0, 1.0, step=0.01, label="Steadiness of the mood", group=STYLE, needs=(SAMPLED,),
        help="Higher: each sentence keeps more of the mood of the one before. 0 lets every sentence begin anew, "
        "1 keeps the first one's to the end.",
    )  # fmt: skip
    speed: float = prosody.speed()
    f0_shift: float = prosody.f0_shift()
    energy_scale: float = prosody.energy_scale()
    diffusion_steps: int = slider(
        5, 2, 50, step=1, label="Sampling steps", group=EXPERT, needs=(SAMPLED,),
        help="Higher: styles are sampled with more care, take longer and vary more. 5 to 10 are usual.",
    )  # fmt: skip
    cleaned: bool = toggle(
        False, label="Text in phonemes", group=EXPERT,
        help="On: the text is in phonemes already: IPA with stress, blanks around marks.",
    )  # fmt: skip
    compat: bool = toggle(
        False, label="As the reference does it", group=EXPERT,
        help="On: exactly so, with its faults, and a text of several sentences is split at its full stops. "
        "For comparisons.",
    )  # fmt: skip
