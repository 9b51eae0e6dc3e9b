"""What has no sound, and what espeak-ng says nothing for."""

import unicodedata
from functools import lru_cache

from engine.text.phonemes import phones
from engine.text.sanitize import is_spoken


def unread_by_espeak(text: str) -> list[str]:
    """The characters of ``text``, each once, that espeak-ng has no words for in English."""
    return [character for character in dict.fromkeys(text) if not character.isascii() and _is_mute(character)]


def says(symbol: str) -> bool:
    """Modifiers (accents, apostrophes, tones of skin) say nothing by themselves."""
    return any(is_spoken(sign) and unicodedata.category(sign) not in ("Lm", "Sk", "Mn") for sign in symbol)


@lru_cache(maxsize=4096)
def _is_mute(character: str) -> bool:
    """Whether espeak says nothing for a character, or only of which script a letter is."""
    if not says(character):
        return False
    is_foreign = character.isalpha() and "LATIN" not in unicodedata.name(character, "")
    return is_foreign or not phones(character).strip("_ ")
