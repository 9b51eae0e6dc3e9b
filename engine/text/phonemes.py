"""Text to phonemes through espeak-ng: one cached backend for each language and set of options, one lock for all.

espeak keeps its state in the library, so two threads at once get wrong phonemes without any error; and each backend
object copies the library to disk, so they are made once. Both are why every call goes through `phonemize`.
"""

import logging
import re
from collections.abc import Iterator
from functools import cache
from threading import Lock
from typing import Any

from engine.errors import EngineError

_ESPEAK = Lock()
# Nothing is a mark to phonemizer itself: what it sets apart it loses where a mark stands in a number as well.
_NO_MARK = re.compile("(?!)")
# The marks of phonemizer with the blanks around them. Between two digits a full stop and a comma are of the number.
_MARK = r"(?:[;:!?¡¿—…\"«»“”(){}\[\]]|(?<![0-9])[,.]|[,.](?![0-9]))"
# From the first blank of a row only, or each of many would be looked behind.
_MARKS = re.compile(rf"((?<!\s)\s*+{_MARK}(?:{_MARK}|\s)*+)")
# Those that phonemizer 3.2.1 knew, which cut numbers as well.
_OLD_MARK = '[;:,.!?¡¿—…"«»“”]'
_OLD_MARKS = re.compile(rf"((?<!\s)\s*+{_OLD_MARK}(?:{_OLD_MARK}|\s)*+)")
# espeak answers a whole string that holds a newline with nothing.
_BREAKS = re.compile(r"[\x01-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]+")
# espeak writes a word and a clause into buffers of fixed size. Some run over them and end the whole process: a word of
# 140 characters such as 'S'S'S, a clause of 380 such as A.A.A.
LONG_WORD = re.compile(r"\S{101,}")
_MOST_OF_A_WORD = re.compile(r"(\S{100})(?=\S)")
MOST_OF_A_CLAUSE = 200


def phonemize(
    text: str, language: str = "en-us", *, punctuation: bool = True, stress: bool = True, tie: str = ""
) -> str:
    """IPA of ``text`` as espeak-ng reads it in ``language`` (an espeak voice: en-us, en-gb, de, cmn, ...).

    Digits are read as numbers. ``punctuation`` keeps the marks ``;:,.!?¡¿—…"«»“”(){}[]`` where they stand, and the
    text between them is read piece by piece; ``stress`` keeps ˈ and ˌ. A word that espeak reads in another language
    carries no flag. Text in which nothing can be read gives "", and a NUL ends the text as it does in the published
    vectors (`engine.text.sanitize` has removed it from what users write). Safe to call from any thread.

    Raises EngineError when the phonemizer or espeak-ng is not installed or does not know the language.
    """
    parts = _MARKS.split(_in_one_line(text))
    if not punctuation:
        return _read([" ".join(parts[::2])], language, stress, False, tie)[0]
    parts[::2] = _read(parts[::2], language, stress, False, tie)
    return "".join(parts)


def transcribe(text: str, language: str = "en-us", *, flags: bool = False) -> str:
    """IPA with stress of ``text``, which goes to espeak-ng in one piece and with whatever marks it has.

    ``flags`` encloses what espeak reads in another language as in ``(ko)…(en-us)``. Otherwise as `phonemize`.
    """
    return _read([_in_one_line(text)], language, True, flags)[0]


def phones(text: str, language: str = "en-us") -> str:
    """IPA of ``text`` without stress, ``|`` between phones and ``_`` between words: ``h|ə|l|oʊ_w|ɜː|l|d``.

    As phonemizer 3.2.1 gives it: the marks ``;:,.!?¡¿—…"«»“”`` stay where they stand, also within numbers, with white
    space at them as ``_``, and the text between them is read piece by piece. Otherwise as `phonemize`.
    """
    parts = _OLD_MARKS.split(_in_one_line(text))
    parts[::2] = _read(parts[::2], language, False, True, separated=True)
    parts[1::2] = (re.sub(r"\s+", "_", mark) for mark in parts[1::2])
    return "".join(parts)


def _in_one_line(text: str) -> str:
    return LONG_WORD.sub(broken_up, _BREAKS.sub(" ", text.partition("\0")[0]).strip())


def broken_up(word: re.Match[str]) -> str:
    """Letters alone run over nothing: espeak leaves out what is too much, as the published vectors have it."""
    return word[0] if word[0].isalnum() else _MOST_OF_A_WORD.sub(r"\1 ", word[0])


def _read(pieces: list[str], *how: Any, separated: bool = False) -> list[str]:
    """The phonemes of each piece, "" of what has none; ``separated`` from each other where it is asked for."""
    asked = [list(_short(piece)) for piece in pieces]
    parts = [part for each in asked for part in each]
    if not parts:
        return [""] * len(pieces)
    with _ESPEAK:
        backend = _backend(*how)
        separator, gap = (_separator(), "_") if separated else (None, " ")
        lines = backend.phonemize(parts, separator=separator, strip=True)
        if len(lines) != len(parts):
            # One of them came back as several lines, or as none.
            lines = [gap.join(backend.phonemize([part], separator=separator, strip=True)) for part in parts]
    read = iter(lines)
    return [gap.join(filter(None, (next(read) for _ in each))) for each in asked]


def _short(piece: str) -> Iterator[str]:
    """The piece in parts that espeak holds, cut at blanks; none where there is nothing in it."""
    while len(piece) > MOST_OF_A_CLAUSE:
        end = piece.rfind(" ", 0, MOST_OF_A_CLAUSE) + 1 or piece.find(" ", MOST_OF_A_CLAUSE) + 1 or len(piece)
        if part := piece[:end].strip():
            yield part
        piece = piece[end:]
    if piece.strip():
        yield piece


def _separator() -> Any:
    from phonemizer.separator import Separator

    return Separator(phone="|", word="_")


@cache
def _backend(language: str, stress: bool, flags: bool = False, tie: str = "") -> Any:
    """Under the lock."""
    try:
        import espeakng_loader
        from phonemizer.backend import EspeakBackend
        from phonemizer.backend.espeak.wrapper import EspeakWrapper
    except ImportError as error:
        raise EngineError(
            "reading text as phonemes needs the package {error}; install requirements.txt, or give "
            "phonemes yourself with the option cleaned",
            error=error.name,
        ) from error
    # phonemizer warns of every word that changes language, which we ask it to do.
    logger = logging.getLogger(f"{__name__}.espeak")
    logger.setLevel(logging.ERROR)
    try:
        EspeakWrapper.set_library(espeakng_loader.get_library_path())
        EspeakWrapper.set_data_path(espeakng_loader.get_data_path())
        return EspeakBackend(
            language,
            preserve_punctuation=False,
            punctuation_marks=_NO_MARK,
            with_stress=stress,
            tie=tie or False,
            language_switch="keep-flags" if flags else "remove-flags",
            logger=logger,
        )
    except (RuntimeError, OSError) as error:
        raise EngineError("espeak-ng cannot read {language!r}: {error}", language=language, error=error) from error
