"""Text to phonemes through espeak-ng: one cached backend for each language and set of options, one lock for all.

espeak keeps its state in the library, so two threads at once get wrong phonemes without any error; and each backend
object copies the library to disk, so they are made once. Both are why every call goes through `phonemize`.
"""

import logging
import re
from functools import cache
from threading import Lock
from typing import Any

from engine.errors import EngineError

_ESPEAK = Lock()
_NO_MARK = re.compile("(?!)")
# espeak answers a whole string that holds a newline with nothing.
_BREAKS = re.compile(r"[\x01-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]+")


def phonemize(text: str, language: str = "en-us", *, punctuation: bool = True, stress: bool = True) -> str:
    """IPA of ``text`` as espeak-ng reads it in ``language`` (an espeak voice: en-us, en-gb, de, cmn, ...).

    Digits are read as numbers. ``punctuation`` keeps the marks ``;:,.!?¡¿—…"«»“”(){}[]`` where they stand, and the
    text between them is read piece by piece; ``stress`` keeps ˈ and ˌ. A word that espeak reads in another language
    carries no flag. Text in which nothing can be read gives "", and a NUL ends the text as it does in the published
    vectors (`engine.text.sanitize` has removed it from what users write). Safe to call from any thread.

    Raises EngineError when the phonemizer or espeak-ng is not installed or does not know the language.
    """
    return _read(text, language, punctuation, stress)


def transcribe(text: str, language: str = "en-us", *, flags: bool = False) -> str:
    """IPA with stress of ``text``, which goes to espeak-ng in one piece and with whatever marks it has.

    ``flags`` encloses what espeak reads in another language as in ``(ko)…(en-us)``. Otherwise as `phonemize`.
    """
    return _read(text, language, False, True, flags, _NO_MARK)


def _read(text: str, *how: Any) -> str:
    text = _BREAKS.sub(" ", text.partition("\0")[0]).strip()
    if not text:
        return ""
    with _ESPEAK:
        lines = _backend(*how).phonemize([text], strip=True)
    return lines[0] if lines else ""


@cache
def _backend(
    language: str, punctuation: bool, stress: bool, flags: bool = False, marks: re.Pattern[str] | None = None
) -> Any:
    """Under the lock. ``marks`` instead of the usual ones where given."""
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
            preserve_punctuation=punctuation,
            with_stress=stress,
            language_switch="keep-flags" if flags else "remove-flags",
            logger=logger,
            **({} if marks is None else {"punctuation_marks": marks}),
        )
    except (RuntimeError, OSError) as error:
        raise EngineError("espeak-ng cannot read {language!r}: {error}", language=language, error=error) from error
