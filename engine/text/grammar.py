"""What the grammars of wetext are given and give back, for the languages that use them."""

import re
from collections.abc import Mapping
from typing import Any

# The grammar would write backslashes, or nothing.
_UNPARSABLE = re.compile(r"([\"\\\n\t\[\]{}\ud800-\udfff]+)")
_LONG = re.compile(r".{1,80}(?:\s|$)|.{1,80}", re.DOTALL)


def like(text: str, said: str) -> str:
    """``said`` with the white space around it that ``text`` has."""
    stripped = text.strip()
    if not stripped:
        return text
    start = text.index(stripped)
    return text[:start] + said.strip() + text[start + len(stripped) :]


def through(grammar: object, text: str) -> str:
    """``text`` through a grammar of wetext, in pieces: without what that cannot parse, and short.

    Its time grows with the square of the length.
    """
    return "".join(
        piece if index % 2 else "".join(_parsed(grammar, part) for part in _LONG.findall(piece))
        for index, piece in enumerate(_UNPARSABLE.split(text))
    )


def _parsed(grammar: Any, text: str) -> str:
    if not any(character.isdigit() or not character.isalpha() for character in text.strip()):
        return text
    try:
        return like(text, grammar.normalize(text.strip()))
    # It asserts that it can read its own output, which it cannot for symbols that it has no rule for.
    except AssertionError:
        words = re.split(r"(\s+)", text)
        return "".join(_parsed(grammar, word) for word in words) if len(words) > 1 else text


def spell_symbols(text: str, names: Mapping[str, str]) -> str:
    """``text`` with symbols by their names."""
    return text.translate({ord(sign): name for sign, name in names.items()})


def spell_digits(text: str, names: dict[str, str]) -> str:
    """``text`` with the digits by their names that no rule has taken: whatever else they are, they are digits."""
    return re.sub("[0-9]", lambda match: names[match[0]], text)
