"""In which language a system speaks when it is asked for one, and what of a text it cannot: the same at every door."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from engine.errors import OptionError, TextError
from engine.message import Message
from engine.system import SystemSpec
from engine.text.script import Found, remarks, strange, survey

# A Chinese character says about as much as three letters of an alphabet, and so do the syllables of Korean.
_WEIGHTS = {"zh": 3.0, "ja": 3.0, "ko": 3.0}
# So much of a text is in the language that it is clearly in.
_CLEAR = 2 / 3
_TAG = re.compile(r"([a-z]{2,8})([-_][a-z0-9]{1,8})*", re.IGNORECASE)


def spoken(spec: SystemSpec, asked: str, checkpoint: Path | None = None) -> str:
    """The code of the language of ``asked``, a tag such as ``en``, ``en-GB`` or ``zh_hans_CN``; "" is the first.

    Only the language counts: not the region or script behind it, and not the case. With a ``checkpoint`` of the user's
    own that may be one which the system's facts do not know. Raises OptionError.
    """
    if not asked:
        return spec.languages[0]
    tag = _TAG.fullmatch(asked)
    if tag is None:
        raise OptionError(
            "Language must be the code of one, such as {languages}; it was {asked!r}",
            asked=asked[:20],
            languages=", ".join(spec.languages),
        )
    code = tag[1].lower()
    if checkpoint is None and code not in spec.languages:
        raise OptionError(
            "{spec} does not speak {asked!r}; it speaks {languages}",
            spec=spec.name,
            asked=asked[:20],
            languages=", ".join(spec.languages),
        )
    return code


def unread(text: str, spec: SystemSpec, languages: Sequence[str], *, verbatim: bool) -> list[Message]:
    """What to tell of ``text`` that is in none of the ``languages`` that a checkpoint of the system speaks.

    Raises TextError where that is all of it; of a ``verbatim`` text, which may be phonemes or is to be read as the
    reference reads it, this is only told.
    """
    try:
        told = remarks(text, spec.name, languages)
    except TextError as error:
        if verbatim:
            return [error.message]
        raise
    return [] if verbatim else told


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """In which languages a text is: the ``parts`` of it, the most letters first, and those that are ``unread``.

    ``speaks`` are the languages of the checkpoint that is to speak, empty where nobody knows; ``language`` is the one
    of them that the text is clearly in, "" where that is none.
    """

    speaks: tuple[str, ...]
    parts: tuple[Found, ...]
    unread: tuple[Found, ...] = ()
    language: str = ""

    def describe(self) -> dict[str, Any]:
        """As plain data: {"speaks", "language", "parts": [{"language", "letters", "read"}]}; "xx" is any language."""
        parts = [
            {"language": part.language, "letters": part.letters, "read": part not in self.unread} for part in self.parts
        ]
        return {"speaks": list(self.speaks), "language": self.language, "parts": parts}


def written(text: str, spec: SystemSpec, languages: Sequence[str], *, verbatim: bool) -> Written:
    """In which languages ``text`` is, for a checkpoint of the system that speaks ``languages``. Takes linear time.

    Of a ``verbatim`` text, which may be phonemes, something is unread only where nothing can be read.
    """
    parts = survey(text)
    unread_parts = strange(parts, languages)
    if unread_parts and verbatim and not unread(text, spec, languages, verbatim=True):
        unread_parts = ()
    return Written(
        speaks=tuple(languages), parts=parts, unread=unread_parts, language="" if verbatim else _clear(parts, languages)
    )


def _clear(parts: Sequence[Found], languages: Sequence[str]) -> str:
    """The one of ``languages`` that nearly all of what is in any of them is in; "" where there is none."""
    weights = {
        part.language: part.letters * _WEIGHTS.get(part.language, 1.0) for part in parts if part.language in languages
    }
    most = max(weights, key=weights.__getitem__, default="")
    return most if most and weights[most] >= _CLEAR * sum(weights.values()) else ""
