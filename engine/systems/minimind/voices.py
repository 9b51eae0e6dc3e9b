"""Voices: the codes of a few seconds of speech, with what is said in them. Imports no torch."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from engine.codec_lm.prompts import check_length
from engine.errors import VoiceError
from engine.request import Voice

SYSTEM = "minimind"
NOBODY = "none"
# Of less nobody could tell whose voice it is.
SHORTEST_S = 0.2
# What no voice goes beyond: a minute of 75 codes a second.
MOST_CODES, MOST_KINDS = 4500, 1 << 16


def check(voice: Voice) -> None:
    """Raises VoiceError for a voice that holds something, and no codes."""
    if "codes" in voice.tensors:
        checked_codes(voice.tensors["codes"])
    elif voice.tensors:
        raise VoiceError(
            "the voice {voice} holds {tensors}, and no codes", voice=voice.name, tensors=", ".join(voice.tensors)
        )


def checked_codes(codes: np.ndarray) -> np.ndarray:
    """``codes`` (1, T) as uint16. Raises VoiceError for anything else, and for more than a minute of them."""
    if codes.ndim != 2 or codes.shape[0] != 1 or not 1 <= codes.shape[1] <= MOST_CODES:
        raise VoiceError(
            "the voice holds codes of the shape {shape}; they must be 1 x 1..{most}",
            shape=list(codes.shape),
            most=MOST_CODES,
        )
    if not np.issubdtype(codes.dtype, np.integer):
        raise VoiceError("the voice holds {dtype} instead of whole numbers; it holds no codes", dtype=codes.dtype)
    if codes.min() < 0 or codes.max() >= MOST_KINDS:
        raise VoiceError("the voice holds the code {code}, which no codec has", code=int(np.abs(codes).max()))
    return codes.astype(np.uint16)


def parse(name: str) -> Voice:
    """The voice that a string stands for: "" and ``none`` are whoever the model makes up.

    Raises VoiceError for any other.
    """
    if name.lower() in ("", NOBODY):
        return Voice(system=SYSTEM, name=NOBODY)
    raise VoiceError("there is no voice {name!r}; give a recording of 3 to 10 s and its text", name=name[:60])


def joined(voices: Sequence[Voice]) -> Voice:
    """The first of several ``voices`` with the codes of all in a row, and what is said in them.

    Raises VoiceError where one is no recording, one is of another codec, or of some it is not known what is said.
    """
    if any("codes" not in voice.tensors for voice in voices):
        raise VoiceError("only voices of recordings can be joined")
    if len({voice.meta.get("codec") for voice in voices}) > 1:
        raise VoiceError("the voices were made with different codecs; make all of them with the same model")
    codes = np.concatenate([checked_codes(voice.tensors["codes"]) for voice in voices], axis=1)
    first = voices[0]
    check_length(codes.shape[1] / float(first.meta.get("rate", "75")))
    said = [voice.meta.get("transcript", "").strip() for voice in voices]
    if any(said) and not all(said):
        raise VoiceError("of some of the recordings it is not known what is said; give the text of each, or of none")
    return replace(
        first, tensors={**first.tensors, "codes": codes}, meta={**first.meta, "transcript": " ".join(said).strip()}
    )
