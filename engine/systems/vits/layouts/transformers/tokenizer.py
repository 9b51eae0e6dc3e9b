"""Text to ids as transformers' VITS models are given it: docs/systems/vits.md#mms-tts. Imports no torch."""

import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from engine.systems.vits.text import Encoded, with_blanks
from engine.text.phonemes import phonemize
from engine.text.romanize import romanize
from engine.text.sanitize import is_spoken

# Letters of Romanian with the comma that they should have, for those with the cedilla that models were trained with.
_ROMANIAN = str.maketrans("ț", "ţ")
# What people type for the apostrophe that vocabularies have.
_APOSTROPHES = "’‘ʼ＇`´"


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenizerConfig:
    """What tokenizer_config.json and vocab.json say.

    ``vocabulary`` gives the id of each entry; those of more than one character are never looked up. ``normalize``: to
    lower case, and what is not in the vocabulary is left out. ``language`` is an ISO 639-3 code, as a rule; "" where it
    is not said.
    """

    vocabulary: Mapping[str, int]
    add_blank: bool = True
    normalize: bool = True
    phonemize: bool = False
    is_uroman: bool = False
    language: str = ""


class Tokenizer:
    """Prepares text and looks its characters up."""

    def __init__(self, config: TokenizerConfig) -> None:
        self.config = config
        self._ids = {entry: number for entry, number in config.vocabulary.items() if len(entry) == 1}
        self._lengths = sorted({len(entry) for entry in config.vocabulary}, reverse=True)

    @property
    def leaves_out(self) -> bool:
        """Whether the reference leaves out what the vocabulary does not have; elsewhere it fails."""
        return self.config.normalize and not self.config.phonemize

    def prepare(self, text: str) -> str:
        """``text`` as the reference has it before characters are looked up. Raises EngineError for what is missing.

        Takes time linear in the text, but for the romanisation.
        """
        config = self.config
        if config.normalize:
            text = "".join(self._lowered(text))
        if config.language == "ron":
            text = text.translate(_ROMANIAN)
        if config.is_uroman:
            text = romanize(text)
        if config.phonemize:
            return " ".join(phonemize(text, punctuation=True, stress=True).split())
        return text

    def fitted(self, text: str) -> str:
        """Prepared ``text`` with other spellings for what the vocabulary does not have, so that less is left out.

        They are a straight apostrophe, and a letter and its accents one by one, of which it may lack some.
        """
        return text if self._ids.keys() >= set(text) else "".join(map(self._fit, text))

    def encode(self, text: str) -> Encoded:
        """The ids of prepared ``text``; what has none is left out, and of marks and spaces only ``silent`` tells."""
        known = "".join(character for character in text if character in self._ids)
        if self.leaves_out:
            known = known.strip()
        ids = [self._ids[character] for character in known]
        missing = dict.fromkeys(character for character in text if character not in self._ids)
        return Encoded(
            ids=tuple(with_blanks(ids)) if self.config.add_blank else tuple(ids),
            symbols=known,
            spoken=sum(map(str.isalnum, known)),
            unknown=tuple(character for character in missing if _says(character)),
            silent=tuple(character for character in missing if not _says(character) and not character.isspace()),
        )

    def _lowered(self, text: str) -> Iterator[str]:
        """Each entry of the vocabulary as it is, the longest that fits first, and any other character in lower case."""
        at = 0
        while at < len(text):
            pieces = (text[at : at + length] for length in self._lengths)
            piece = next((piece for piece in pieces if piece in self.config.vocabulary), "")
            yield piece or text[at].lower()
            at += len(piece) or 1

    def close(self, text: str, mark: str) -> str:
        """Prepared ``text``, with ``mark`` after it when it ends in none and the vocabulary has it."""
        text = text.strip()
        return text + mark if text and text[-1].isalnum() and mark in self._ids else text

    def _fit(self, character: str) -> str:
        if character in self._ids:
            return character
        if character in _APOSTROPHES and "'" in self._ids:
            return "'"
        parts = unicodedata.normalize("NFD", character)
        return parts if parts[0] in self._ids else character


def _says(character: str) -> bool:
    """Whether something is lost without it: of marks and spaces nothing is, for a model that knows none."""
    return is_spoken(character) or unicodedata.category(character)[0] == "M"
