"""The English cleaners that VITS checkpoints name in ``data.text_cleaners``: text in, phonemes or plain text out.

They are the published ones: docs/systems/vits.md#text-and-symbols. No number is expanded here: espeak reads digits.
"""

import re

from unidecode import unidecode

from engine.text.phonemes import phonemize

# In this order: each is applied to what the ones before it have left.
_ABBREVIATIONS = tuple(
    (re.compile(rf"\b{short}\.", re.IGNORECASE), full)
    for short, full in (
        ("mrs", "misess"),
        ("mr", "mister"),
        ("dr", "doctor"),
        ("st", "saint"),
        ("co", "company"),
        ("jr", "junior"),
        ("maj", "major"),
        ("gen", "general"),
        ("drs", "doctors"),
        ("rev", "reverend"),
        ("lt", "lieutenant"),
        ("hon", "honorable"),
        ("sgt", "sergeant"),
        ("capt", "captain"),
        ("esq", "esquire"),
        ("ltd", "limited"),
        ("col", "colonel"),
        ("ft", "fort"),
    )
)
_SPACES = re.compile(r"\s+")


def basic_cleaners(text: str) -> str:
    """Lower case, every run of white space one space."""
    return _collapse(text.lower())


def transliteration_cleaners(text: str) -> str:
    """ASCII, lower case, every run of white space one space."""
    return _collapse(unidecode(text).lower())


def english_cleaners(text: str) -> str:
    """American English phonemes without punctuation and without stress."""
    return _collapse(phonemize(plain_english(text), punctuation=False, stress=False))


def english_cleaners2(text: str) -> str:
    """American English phonemes with punctuation and stress: what nearly every public English checkpoint reads."""
    return _collapse(phonemize(plain_english(text), punctuation=True, stress=True))


def plain_english(text: str) -> str:
    """ASCII in lower case, with the abbreviations before full stops in words."""
    text = unidecode(text).lower()
    for pattern, full in _ABBREVIATIONS:
        text = pattern.sub(full, text)
    return text


def _collapse(text: str) -> str:
    return _SPACES.sub(" ", text)
