"""What a voice is for these models: the codes of a few seconds of speech. Imports no torch."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np

from engine.codec_lm.guard import FRAME_RATE
from engine.errors import VoiceError
from engine.events import Notice
from engine.message import Message
from engine.request import Voice

CODES, CODEBOOKS = 1024, 8
# What is recommended is 3 to 10 s; the reference refuses more than this.
MAX_PROMPT_S = 15.0
# Of less nobody could tell whose voice it is; below the second number that is told.
SHORTEST_PROMPT_S, SHORT_PROMPT_S = 0.2, 2.0


def checked_codes(codes: np.ndarray) -> np.ndarray:
    """``codes`` (T, 8) of 0..1023 as int16. Raises VoiceError for anything else, and for more than a minute of them."""
    if codes.ndim != 2 or codes.shape[1] != CODEBOOKS or not 1 <= len(codes) <= 60 * FRAME_RATE:
        raise VoiceError(
            "the voice holds codes of the shape {shape}; they must be 1..{most} x {books}",
            shape=list(codes.shape),
            most=60 * FRAME_RATE,
            books=CODEBOOKS,
        )
    if not np.issubdtype(codes.dtype, np.integer):
        raise VoiceError("the voice holds {dtype} instead of whole numbers; it holds no codes", dtype=codes.dtype)
    if codes.min() < 0 or codes.max() >= CODES:
        raise VoiceError("the voice holds the code {code}; codes are 0..1023", code=int(np.abs(codes).max()))
    return codes.astype(np.int16)


def joined(voices: Sequence[Voice]) -> Voice:
    """The first of several ``voices`` with the codes (T, 8) of all in a row, and what is said in them.

    Raises VoiceError where one has no codes or no text and another has, and for more than a prompt takes.
    """
    if any("codes" not in voice.tensors for voice in voices):
        raise VoiceError("only voices of recordings can be joined")
    codes = np.concatenate([checked_codes(voice.tensors["codes"]) for voice in voices])
    check_length(len(codes) / FRAME_RATE)
    said = [voice.meta.get("transcript", "").strip() for voice in voices]
    if any(said) and not all(said):
        raise VoiceError("of some of the recordings it is not known what is said; give the text of each, or of none")
    first = voices[0]
    return replace(
        first, tensors={**first.tensors, "codes": codes}, meta={**first.meta, "transcript": " ".join(said).strip()}
    )


def remarks(frames: int, *, told: bool) -> Iterator[Notice]:
    """What there is to say of a sample of so many ``frames``, of which it is ``told`` what is said in it, or not."""
    if 0 < frames < SHORT_PROMPT_S * FRAME_RATE:
        yield Notice(
            message=Message(
                "the sample takes only {seconds:.1f} s; from 3 s on the voice is likened better",
                seconds=frames / FRAME_RATE,
            )
        )
    if frames and not told:
        yield Notice(message="what is said in the sample is not known; with its text the voice is likened better")


def check_length(seconds: float) -> None:
    """Raises VoiceError for a recording that is too long to be a prompt."""
    if seconds > MAX_PROMPT_S:
        raise VoiceError(
            "the recording takes {seconds:.0f} s; cut it to 3 to 10 s of one speaker, at most {most:g}",
            seconds=seconds,
            most=MAX_PROMPT_S,
        )
