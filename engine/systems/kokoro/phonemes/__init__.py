"""Text in words to the phonemes of Kokoro's alphabet, by languages. docs/systems/kokoro.md#languages"""

import re
from typing import NamedTuple

from engine.text import phonemes as espeak

VOICES = {
    "a": "en-us", "b": "en-gb", "e": "es", "f": "fr-fr", "h": "hi", "i": "it", "p": "pt-br", "j": "ja", "z": "cmn",
}  # fmt: skip
_JOINED = {"aɪ": "I", "aʊ": "W", "dʒ": "ʤ", "eɪ": "A", "oʊ": "O", "tʃ": "ʧ", "ɔɪ": "Y", "ɐ": "ə", "-": ""}
_WORD = re.compile(r"\S+")


class Word(NamedTuple):
    """A word of a text, and where its phonemes begin and end."""

    text: str
    start: int
    end: int


class Phonemes(NamedTuple):
    """Phonemes with their marks, and the words that they are of, in order."""

    string: str
    words: tuple[Word, ...]


def phonemize(text: str, language: str, vocabulary: frozenset[str]) -> Phonemes:  # noqa: ARG001
    """The phonemes of ``text`` in the ``language`` of a letter, as voices have it. Raises EngineError."""
    string = espeak.phonemize(text, VOICES[language])
    for plain, joined in _JOINED.items():
        string = string.replace(plain, joined)
    spans = list(_WORD.finditer(string))
    said = text.split()
    named = said if len(said) == len(spans) else [span[0] for span in spans]
    return Phonemes(string, tuple(Word(word, *span.span()) for word, span in zip(named, spans, strict=True)))
