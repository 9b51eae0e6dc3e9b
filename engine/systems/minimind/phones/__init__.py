"""Text to the 732 phones of the reference: Chinese initials and finals, ARPAbet, and Japanese phonemes.

docs/systems/minimind.md#the-phones-of-the-reference

The reference carries these front ends without feeding a model with them. Nobody has written down how it reads Korean
and Cantonese, of which it has symbols as well.
"""

import re
from collections.abc import Iterator

from engine.systems.minimind.phones.tables import SYMBOLS, Said
from engine.text.sanitize import is_spoken

__all__ = ["IDS", "SYMBOLS", "Said", "say"]

IDS = {symbol: index for index, symbol in enumerate(SYMBOLS)}

# An apostrophe at the end of a word is a quotation mark more often than not.
_LATIN = re.compile("([A-Za-z]+(?:'[A-Za-z]+)*)")


def say(text: str, language: str) -> Said:
    """``text`` in ``language``, ``en``, ``zh`` or ``ja``, as phones that are all among SYMBOLS.

    Chinese characters and Latin letters are read each in their own way in English and in Chinese; in Japanese all is
    Japanese. Raises EngineError or PackageMissing where a package that the language needs is missing.
    """
    if language.startswith("ja"):
        from engine.systems.minimind.phones import japanese

        parts = [japanese.say(text, with_accents=True)]
    else:
        parts = list(_parts(text))
    return Said(
        phones=tuple(phone for part in parts for phone in part.phones),
        counts=tuple(count for part in parts for count in part.counts),
        left_out=tuple(dict.fromkeys(sign for part in parts for sign in part.left_out if is_spoken(sign))),
    )


def _parts(text: str) -> Iterator[Said]:
    from engine.systems.minimind.phones import chinese, english
    from engine.text.en.dictionary import plain

    for index, part in enumerate(_LATIN.split(plain(text))):
        if index % 2:
            yield english.say(part)
        elif part:
            yield chinese.say(part)
