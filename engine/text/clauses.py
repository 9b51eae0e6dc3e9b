"""Text as espeak-ng takes it in: clause by clause, each with its phonemes and the mark that ends it.

espeak's own call (speak_lib.h of espeak-ng 1.52: ``espeak_TextToPhonemes``) reads one clause of a text and moves the
pointer behind it, so that what it has passed over tells where it saw an end and which mark made it. It reads one
character further than the clause, where there is one. This is a library of its own beside phonemizer's: both keep
their state in themselves.
"""

import ctypes
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from threading import Lock
from typing import Any

from engine.errors import EngineError
from engine.message import Message
from engine.text.phonemes import LONG_WORD, MOST_OF_A_CLAUSE, broken_up

_LOCK = Lock()
_UTF8, _IPA = 1, 0x02
_RETRIEVAL = 1  # audio goes nowhere
_DONT_EXIT = 0x8000  # a missing voice must not end the process
# What a clause ends with, by every mark that espeak knows for it.
_MARKS = {
    ".": ".", "?": "?", "!": "!", ",": ",", ":": ":", ";": ";", "。": ".", "？": "?", "！": "!", "，": ",", "、": ",",
    "：": ":", "；": ";", "،": ",", "؛": ";", "؟": "?", "—": ";", "–": ";",
}  # fmt: skip
_CLOSERS = "\"'”’»›)\\]}」』）】》"
_END = re.compile(rf"(?:(?P<marks>[{re.escape(''.join(_MARKS))}…]+)[{_CLOSERS}]*|\n)(?P<rest>[\s{_CLOSERS}]*\S?)$")
_CONTROLS = re.compile(r"[\x01-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]+")
# Before a letter, three or more end the process in some languages: da, hi, vi.
_HYPHENS = re.compile("--+(?=-)")
# Where a text that is too long for one call is cut, the best first: between sentences, clauses, words.
_CUTS = (re.compile(r"[.?!]\s+(?=[^\Wa-z])"), re.compile(r"[,;:]\s+"), re.compile(r"\s+"))


@dataclass(frozen=True, slots=True)
class Clause:
    """A stretch of ``text`` (all of them joined are the text), its ``phonemes`` (IPA with stress), and its ``mark``.

    The mark is one of ``. ? ! , : ;`` or, where a line, an ellipsis or the text ends, "".
    """

    text: str
    phonemes: str
    mark: str


def clauses(text: str, voice: str) -> list[Clause]:
    """The clauses of ``text`` as espeak-ng reads them with ``voice`` (en-us, de, cmn, ...). Safe in any thread.

    What it reads in another language stands between flags as ``(en)…(de)``. Raises EngineError when espeak-ng is not
    installed or does not know the voice.
    """
    found: list[Clause] = []
    is_cut = False
    for part in _parts(text):
        with _LOCK:
            read = list(_read(part, voice))
        if is_cut and found and read:
            before, first = found.pop(), read.pop(0)
            phonemes = " ".join(filter(None, (before.phonemes, first.phonemes)))
            found.append(Clause(before.text + first.text, phonemes, first.mark))
        found += read
        # Within a clause, espeak was kept from reading on.
        is_cut = bool(read) and not read[-1].mark
    return found


def _parts(text: str) -> Iterator[str]:
    """The text in parts that espeak holds: it writes into buffers of fixed size, and some texts run over them."""
    text = _HYPHENS.sub("-", _CONTROLS.sub(" ", text.partition("\0")[0]))
    text = LONG_WORD.sub(broken_up, text)
    while len(text) > MOST_OF_A_CLAUSE:
        window = text[:MOST_OF_A_CLAUSE]
        ends = next((ends for cut in _CUTS if (ends := [match.end() for match in cut.finditer(window)])), [])
        # A word of letters alone may be longer.
        blank = re.compile(r"\s").search(text, MOST_OF_A_CLAUSE)
        end = ends[-1] if ends else blank.end() if blank else len(text)
        yield text[:end]
        text = text[end:]
    if text:
        yield text


def _read(text: str, voice: str) -> Iterator[Clause]:
    """Under the lock: the clauses of a text that is not too long."""
    library = _library()
    if library.espeak_SetVoiceByName(voice.encode()) != 0:
        raise EngineError(
            "espeak-ng cannot read {language!r}: {error}", language=voice, error=Message("it has no such voice")
        )
    data = text.encode()
    held = ctypes.create_string_buffer(data)
    begin = ctypes.addressof(held)
    place = ctypes.c_void_p(begin)
    at, carried = 0, ""
    while place.value:
        phonemes = library.espeak_TextToPhonemes(ctypes.byref(place), _UTF8, _IPA) or b""
        end = place.value - begin if place.value else len(data)
        passed = carried + data[at:end].decode("utf-8", "ignore")
        at = end
        ending = _END.search(passed)
        carried = ending["rest"].lstrip() if ending and place.value else ""
        passed = passed.removesuffix(carried)
        yield Clause(passed, phonemes.decode("utf-8", "replace").strip(), _mark(ending))


def _mark(ending: re.Match[str] | None) -> str:
    """The mark that several in a row come to: the first, and none where they are an ellipsis."""
    marks = (ending and ending["marks"]) or ""
    return "" if not marks or "…" in marks or ".." in marks else _MARKS[marks[0]]


@cache
def _library() -> Any:
    """Under the lock."""
    try:
        import espeakng_loader
    except ImportError as error:
        raise EngineError(
            "reading text as phonemes needs the package {error}; install requirements.txt, or give "
            "phonemes yourself with the option cleaned",
            error=error.name,
        ) from error
    try:
        library = ctypes.CDLL(espeakng_loader.get_library_path())
        library.espeak_Initialize.argtypes = [ctypes.c_int, ctypes.c_int, ctypes.c_char_p, ctypes.c_int]
        library.espeak_SetVoiceByName.argtypes = [ctypes.c_char_p]
        library.espeak_TextToPhonemes.argtypes = [ctypes.POINTER(ctypes.c_void_p), ctypes.c_int, ctypes.c_int]
        library.espeak_TextToPhonemes.restype = ctypes.c_char_p
        started = library.espeak_Initialize(_RETRIEVAL, 0, espeakng_loader.get_data_path().encode(), _DONT_EXIT)
    except (OSError, AttributeError) as error:
        raise EngineError("espeak-ng cannot be started: {error}", error=error) from error
    if started < 0:
        raise EngineError("espeak-ng cannot be started: {error}", error=started)
    return library
