"""espeak-ng in a process of its own, which some texts bring down: `engine.text.espeak` starts it and asks it.

Its arguments are the paths of espeak-ng's library and data; each line of its input is a question in JSON, each line of
its output the answer:

- ``["clauses", voice, text]``: a list of how many bytes were read by each clause's end, and its phonemes;
- ``["pieces", [language, stress, flags, tie], separated, [piece, ...]]``: the phonemes of each piece, by phonemizer.

``{"error": ...}`` answers where there is no such voice.
"""

import ctypes
import json
import logging
import os
import re
import sys
from collections.abc import Callable
from functools import cache, partial
from typing import Any

# Of espeak-ng's speak_lib.h (1.52): sound goes nowhere, a missing voice ends nothing, text is UTF-8, phonemes are IPA.
RETRIEVAL, DONT_EXIT, UTF8, IPA = 1, 0x8000, 1, 0x02
# Nothing is a mark to phonemizer itself: what it sets apart it loses where a mark stands in a number as well.
NO_MARK = re.compile("(?!)")


@cache
def started(library_path: str, data_path: str) -> Any:
    """The library, ready. Raises OSError and AttributeError where it is another, or cannot be started."""
    library = ctypes.CDLL(library_path)
    library.espeak_Initialize.argtypes = [ctypes.c_int, ctypes.c_int, ctypes.c_char_p, ctypes.c_int]
    library.espeak_SetVoiceByName.argtypes = [ctypes.c_char_p]
    library.espeak_TextToPhonemes.argtypes = [ctypes.POINTER(ctypes.c_void_p), ctypes.c_int, ctypes.c_int]
    library.espeak_TextToPhonemes.restype = ctypes.c_char_p
    if library.espeak_Initialize(RETRIEVAL, 0, data_path.encode(), DONT_EXIT) < 0:
        raise OSError("it does not start")
    return library


def clauses(paths: tuple[str, str], voice: str, text: str) -> list[tuple[int, str]]:
    """Where each clause ends, in bytes of UTF-8, with its phonemes. Raises OSError as `started`, and for no voice."""
    library = started(*paths)
    if library.espeak_SetVoiceByName(voice.encode()) != 0:
        raise OSError("it has no such voice")
    data = text.encode()
    held = ctypes.create_string_buffer(data)
    begin = ctypes.addressof(held)
    place = ctypes.c_void_p(begin)
    found: list[tuple[int, str]] = []
    while place.value:
        phonemes = library.espeak_TextToPhonemes(ctypes.byref(place), UTF8, IPA) or b""
        found.append((place.value - begin if place.value else len(data), phonemes.decode("utf-8", "replace").strip()))
    return found


def pieces(paths: tuple[str, str], how: list[Any], separated: bool, parts: list[str]) -> list[str]:
    """The phonemes of each part. Raises RuntimeError and OSError for a language that espeak-ng does not know."""
    from phonemizer.separator import Separator

    read = partial(
        backend(paths, *how).phonemize, separator=Separator(phone="|", word="_") if separated else None, strip=True
    )
    lines: list[str] = read(parts)
    if len(lines) == len(parts):
        return lines
    # One of them came back as several lines, or as none.
    return [("_" if separated else " ").join(read([part])) for part in parts]


@cache
def backend(paths: tuple[str, str], language: str, stress: bool, flags: bool, tie: str) -> Any:
    """phonemizer's, made once for each language and manner, because each copies the library to disk."""
    from phonemizer.backend import EspeakBackend
    from phonemizer.backend.espeak.wrapper import EspeakWrapper

    # phonemizer warns of every word that changes language, which we ask it to do.
    logger = logging.getLogger("espeak")
    logger.setLevel(logging.ERROR)
    library, data = paths
    EspeakWrapper.set_library(library)
    EspeakWrapper.set_data_path(data)
    return EspeakBackend(
        language,
        preserve_punctuation=False,
        punctuation_marks=NO_MARK,
        with_stress=stress,
        tie=tie or False,
        language_switch="keep-flags" if flags else "remove-flags",
        logger=logger,
    )


KINDS: dict[str, Callable[..., Any]] = {"clauses": clauses, "pieces": pieces}


def main() -> None:
    """Answer line by line until the input ends."""
    paths = (sys.argv[1], sys.argv[2])
    # What a library prints is no answer.
    answers = os.fdopen(os.dup(1), "wb", buffering=0)
    os.dup2(2, 1)
    for line in sys.stdin.buffer:
        kind, *question = json.loads(line)
        try:
            answer = KINDS[kind](paths, *question)
        except (RuntimeError, OSError, AttributeError, ImportError) as error:
            answer = {"error": str(error)}
        answers.write(json.dumps(answer).encode() + b"\n")


if __name__ == "__main__":
    main()
