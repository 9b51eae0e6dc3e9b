"""What a voice is for these models: the codes of a few seconds of speech. Imports no torch."""

import numpy as np

from engine.codec_lm.guard import FRAME_RATE
from engine.errors import VoiceError

CODES, CODEBOOKS = 1024, 8
# What is recommended is 3 to 10 s; the reference refuses more than this.
MAX_PROMPT_S = 15.0


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


def check_length(seconds: float) -> None:
    """Raises VoiceError for a recording that is too long to be a prompt."""
    if seconds > MAX_PROMPT_S:
        raise VoiceError(
            "the recording takes {seconds:.0f} s; cut it to 3 to 10 s of one speaker, at most {most:g}",
            seconds=seconds,
            most=MAX_PROMPT_S,
        )
