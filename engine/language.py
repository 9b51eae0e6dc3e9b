"""In which language a system speaks when it is asked for one, and what of a text it cannot: the same at every door."""

import re
from collections.abc import Sequence
from pathlib import Path

from engine.errors import OptionError, TextError
from engine.message import Message
from engine.system import SystemSpec
from engine.text.script import remarks

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
            "language={asked!r} is no code of a language; {spec} speaks {languages}",
            asked=asked[:20],
            spec=spec.name,
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
