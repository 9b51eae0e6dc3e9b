"""The published Japanese cleaners: Latin letters with accents, IPA, or triphones. docs/systems/vits.md#cleaners

All raise EngineError without Open JTalk.
"""

import re

from unidecode import unidecode

from engine.text.ja.open_jtalk import phonemes
from engine.text.ja.romaji import READ, geminates, ipa, romaji, short_names

_LATIN_AT_END = re.compile(r"(?<=[A-Za-z])\Z")
_PERCENT = ("％", "パーセント")
# One after the other, as published.
_IPA = (
    ("ts", "ʦ"), ("u", "ɯ"), ("j", "ʥ"), ("y", "j"), ("ni", "n^i"), ("nj", "n^"), ("hi", "çi"), ("hj", "ç"),
    ("f", "ɸ"), ("I", "i*"), ("U", "ɯ*"), ("r", "ɾ"),
)  # fmt: skip
_NARROW = (("n^", "ȵ"), ("ʃ", "ɕ"), ("*", "\u0325"), ("#", "\u031a"))
_LONG = re.compile(r"([aiueo])\1+")
_LONG_NARROW = re.compile(r"([aiɯeo])\1+")
_ASPIRATED = re.compile(r"(?<!\S)(ts|tɕ|k|p|t)")
_VOICELESS = str.maketrans("AIUEO", "aiueo")


def japanese_cleaners(text: str) -> str:
    """Latin letters with ↑ and ↓ where the pitch rises and falls; a full stop where the text ends in a letter."""
    return _LATIN_AT_END.sub(".", japanese_to_romaji_with_accent(text))


def japanese_cleaners2(text: str) -> str:
    """The same with one symbol for ts and one for three full stops."""
    return japanese_cleaners(text).replace("ts", "ʦ").replace("...", "…")


def japanese_triphone_cleaners(text: str) -> str:
    """Every sound with its neighbours, as in ``k+o k-o+N o-N``; without accents."""
    said = ""
    for index, part in enumerate(READ.split(text)):
        said += _triphones(part) if index % 2 else unidecode(part).replace(" ", "")
    return _LATIN_AT_END.sub(".", said)


def japanese_to_romaji_with_accent(text: str) -> str:
    """Latin letters with accents, marks as in ASCII."""
    return romaji(text.replace(*_PERCENT))


def japanese_to_ipa(text: str) -> str:
    """IPA with long vowels and affricates in one symbol."""
    said = japanese_to_romaji_with_accent(text).replace("...", "…")
    said = geminates(_LONG.sub(_lengthened, said))
    for written, symbols in _IPA:
        said = said.replace(written, symbols)
    return said


def japanese_to_ipa2(text: str) -> str:
    """IPA with long vowels and affricates in two symbols."""
    return ipa(japanese_to_romaji_with_accent(text))


def japanese_to_ipa3(text: str) -> str:
    """Narrow IPA: long vowels, alveolo-palatals, devoiced and unreleased sounds, aspiration where words begin."""
    said = japanese_to_ipa2(text)
    for written, symbols in _NARROW:
        said = said.replace(written, symbols)
    return _ASPIRATED.sub(r"\1ʰ", _LONG_NARROW.sub(_lengthened, said))


def _lengthened(match: re.Match[str]) -> str:
    return match[1] + "ː" * (len(match[0]) - 1)


def _triphones(part: str) -> str:
    names = (short_names(phoneme.name) for phoneme in phonemes(part) if not phoneme.is_pause)
    sounds = "".join(name.translate(_VOICELESS) for name in names)
    last = len(sounds) - 1
    return " ".join(
        (f"{sounds[at - 1]}-" if at else "") + sound + (f"+{sounds[at + 1]}" if at < last else "")
        for at, sound in enumerate(sounds)
    )
