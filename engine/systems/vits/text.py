"""Text to symbol ids: cleaners by name, the symbol table, blanks (specification, section 3)."""

import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from engine.errors import ConfigError
from engine.systems.vits.config import TextConfig
from engine.text import english
from engine.text.initials import spell_initials
from engine.text.normalize import normalize
from engine.text.sanitize import is_spoken

CLEANERS: dict[str, Callable[[str], str]] = {
    "basic_cleaners": english.basic_cleaners,
    "transliteration_cleaners": english.transliteration_cleaners,
    "english_cleaners": english.english_cleaners,
    "english_cleaners2": english.english_cleaners2,
}
# The only one after which no punctuation is left, so that its models have never seen any.
UNPUNCTUATED = "english_cleaners"


@dataclass(frozen=True, slots=True)
class Encoded:
    """The ids of a text, blanks included, and the characters that the model has no symbol for, each once."""

    ids: tuple[int, ...]
    unknown: tuple[str, ...]
    spoken: int


class SymbolEncoder:
    """Cleans text and looks its characters up, as a configuration says."""

    def __init__(self, config: TextConfig) -> None:
        self._config = config
        # A symbol that stands twice in the list has its last number: the apostrophe does, and models were trained so.
        self._ids = {symbol: number for number, symbol in enumerate(config.symbols)}

    def check_cleaners(self) -> None:
        """Raises ConfigError when the checkpoint wants a cleaner that is not there."""
        for name in self._config.cleaners:
            if name not in CLEANERS:
                there = ", ".join(CLEANERS)
                raise ConfigError(
                    f"this checkpoint reads text through {name!r}, which is not there yet (there are {there}); "
                    "give it text in its own symbols with cleaned=true (for training, data.cleaned_text)"
                )

    def clean(self, text: str) -> str:
        """The text in the model's symbols. Raises ConfigError for an unknown cleaner."""
        self.check_cleaners()
        for name in self._config.cleaners:
            text = CLEANERS[name](text)
        return text

    def unread(self, text: str) -> tuple[str, ...]:
        """The letters, digits and symbols of ``text`` that the cleaners leave out without a word, each once."""
        candidates = dict.fromkeys(character for character in text if not character.isascii() or character in "<>|")
        return tuple(character for character in candidates if _says(character) and not self.clean(character).strip())

    def close(self, text: str, mark: str) -> str:
        """``text``, with ``mark`` after it when it ends in none: models mumble the end of what has no end."""
        text = text.strip()
        if not text or not text[-1].isalnum() or mark not in self._ids or UNPUNCTUATED in self._config.cleaners:
            return text
        return text + mark

    def encode(self, text: str) -> Encoded:
        """The ids of cleaned ``text``; what has none is left out."""
        ids = [self._ids[symbol] for symbol in text if symbol in self._ids]
        unknown = tuple(dict.fromkeys(symbol for symbol in text if symbol not in self._ids))
        spoken = sum(symbol.isalnum() for symbol in text if symbol in self._ids)
        return Encoded(tuple(with_blanks(ids)) if self._config.add_blank else tuple(ids), unknown, spoken)


def in_words(text: str, language: str) -> str:
    """English ``text`` with numbers and symbols in words and initials spelled; the cleaners would read them anyhow.

    Text of other languages stays as it is. To be called before the text is cut: what an abbreviation or a mark means
    shows in what is around it.
    """
    if language.lower().replace("_", "-").partition("-")[0] not in ("", "en"):
        return text
    return spell_initials(normalize(text, "en", contractions=False))


def _says(character: str) -> bool:
    """Modifiers (accents, apostrophes, tones of skin) say nothing by themselves."""
    return is_spoken(character) and unicodedata.category(character) not in ("Lm", "Sk")


def with_blanks(ids: Sequence[int]) -> list[int]:
    """0 before, between and after ``ids``."""
    blanked = [0] * (2 * len(ids) + 1)
    blanked[1::2] = ids
    return blanked
