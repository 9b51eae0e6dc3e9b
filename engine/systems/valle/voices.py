"""Voices: the codes of a few seconds of speech, with what is said in them. Imports no torch."""

from engine.codec_lm.prompts import checked_codes
from engine.errors import VoiceError
from engine.request import Voice

SYSTEM = "valle"
NOBODY = "none"


def check(voice: Voice) -> None:
    """Raises VoiceError for a voice that holds something, and no codes."""
    if "codes" in voice.tensors:
        checked_codes(voice.tensors["codes"])
    elif voice.tensors:
        raise VoiceError(
            "the voice {voice} holds {tensors}, and no codes", voice=voice.name, tensors=", ".join(voice.tensors)
        )


def parse(name: str) -> Voice:
    """The voice that a string stands for: "" and ``none`` are nobody's, which few models can speak with.

    Raises VoiceError for any other.
    """
    if name.lower() in ("", NOBODY):
        return Voice(system=SYSTEM, name=NOBODY)
    raise VoiceError("there is no voice {name!r}; give a recording of 3 to 10 s and its text", name=name[:60])
