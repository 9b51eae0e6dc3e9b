"""What the rules of every language do to a text at their end: white space, and signs and digits by their names."""

import re
from collections.abc import Mapping

_WORD = re.compile(r"[^\W\d_]+")


def words_of(text: str) -> frozenset[str]:
    """The runs of letters in ``text``, each once: a rule whose words are not among them need not look for them."""
    return frozenset(_WORD.findall(text))


def like(text: str, said: str) -> str:
    """``said`` with the white space around it that ``text`` has."""
    stripped = text.strip()
    if not stripped:
        return text
    start = text.index(stripped)
    return text[:start] + said.strip() + text[start + len(stripped) :]


def spell_symbols(text: str, names: Mapping[str, str]) -> str:
    """``text`` with symbols by their names."""
    return text.translate({ord(sign): name for sign, name in names.items()})


def spell_digits(text: str, names: Mapping[str, str]) -> str:
    """``text`` with the digits by their names that no rule has taken: whatever else they are, they are digits."""
    return re.sub("[0-9]", lambda match: names[match[0]], text)
