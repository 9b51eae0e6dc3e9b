"""espeak-ng in a process of its own, which some texts bring down: `engine.text.clauses` starts it and asks it.

A program of the standard library alone: its arguments are the paths of espeak-ng's library and data; each line of its
input is a JSON list of a voice and a text, each line of its output the answer: a list of how many bytes were read by
each clause's end, and its phonemes; or null where there is no such voice.
"""

import ctypes
import json
import sys
from typing import Any

# Of espeak-ng's speak_lib.h (1.52): sound goes nowhere, a missing voice ends nothing, text is UTF-8, phonemes are IPA.
RETRIEVAL, DONT_EXIT, UTF8, IPA = 1, 0x8000, 1, 0x02


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


def clauses(library: Any, voice: str, text: str) -> list[tuple[int, str]] | None:
    """Where each clause ends, in bytes of UTF-8, with its phonemes; None where there is no such voice."""
    if library.espeak_SetVoiceByName(voice.encode()) != 0:
        return None
    data = text.encode()
    held = ctypes.create_string_buffer(data)
    begin = ctypes.addressof(held)
    place = ctypes.c_void_p(begin)
    found: list[tuple[int, str]] = []
    while place.value:
        phonemes = library.espeak_TextToPhonemes(ctypes.byref(place), UTF8, IPA) or b""
        found.append((place.value - begin if place.value else len(data), phonemes.decode("utf-8", "replace").strip()))
    return found


def main() -> None:
    """Answer line by line until the input ends."""
    library = started(*sys.argv[1:])
    for line in sys.stdin.buffer:
        answer = clauses(library, *json.loads(line))
        sys.stdout.buffer.write(json.dumps(answer).encode() + b"\n")
        sys.stdout.buffer.flush()


if __name__ == "__main__":
    main()
