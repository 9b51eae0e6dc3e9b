"""Whether what is typed of a recording can be what is said in it: is it there, as long, and in the language?

Systems that continue a recording take its transcript word for word: what is missing or too much in it is spoken again,
and one in another language gives the voice an accent.
"""

import numpy as np

from engine.audio.activity import HOP_S, activity
from engine.audio.prompt_check import FAIR, GOOD, POOR, Finding
from engine.message import Message
from engine.text.script import strange, survey

# Syllables a second that somebody may speak: slowly with pauses, and as fast as anybody is understood.
SLOWEST, FASTEST = 1.0, 9.0
# Letters of an alphabet that make a syllable; any other script writes about one with each character.
_LETTERS = 2.8
_WITH_SYLLABLES = {"zh", "ja", "ko"}
# A digit is read as a syllable and a half.
_DIGIT = 1.5
# So much of a transcript in another language is no loan word.
_OTHER = 0.5


def check_transcript(text: str, language: str, samples: np.ndarray, sample_rate: int) -> tuple[Finding, ...]:
    """What there is to say of ``text``, which is typed of mono ``samples`` (n,), and of its length.

    ``language`` is that of the recording, "" where nobody says. Takes time linear in both.
    """
    if not text.strip():
        message = Message("Nothing is typed of what is said in it; word for word, the voice gets closer.")
        return (Finding(name="transcript", grade=FAIR, message=message),)
    heard = activity(samples, sample_rate)
    first, last = heard.span()
    seconds = (last - first) * HOP_S if heard.has_speech else len(samples) / sample_rate
    found = [_length(syllables(text), seconds)]
    parts = survey(text)
    others = strange(parts, [language]) if language else ()
    if sum(part.letters for part in others) > _OTHER * sum(part.letters for part in parts):
        message = Message("What is typed is not in the language that is chosen; the voice would get an accent.")
        found.append(Finding(name="language", grade=POOR, message=message))
    return tuple(found)


def syllables(text: str) -> float:
    """About how many syllables ``text`` has when it is read."""
    letters = sum(
        part.letters / (1 if part.language.partition("-")[0] in _WITH_SYLLABLES else _LETTERS) for part in survey(text)
    )
    return letters + _DIGIT * sum(map(str.isdecimal, text))


def _length(count: float, seconds: float) -> Finding:
    if count > FASTEST * seconds:
        message = Message(
            "What is typed is too long to be said in {seconds:.1f} s; leave out the rest.", seconds=seconds
        )
        return Finding(name="transcript", grade=POOR, message=message)
    if count < SLOWEST * seconds:
        message = Message(
            "What is typed is short for {seconds:.1f} s of speech; type all that is said.", seconds=seconds
        )
        return Finding(name="transcript", grade=POOR, message=message)
    message = Message("What is typed is about as long as what is said.")
    return Finding(name="transcript", grade=GOOD, message=message)
