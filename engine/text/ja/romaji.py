"""Japanese as Open JTalk reads it, in Latin letters with accents, and that in IPA: as published cleaners write it.

docs/systems/vallex.md#japanese
"""

import re
from collections.abc import Sequence
from itertools import pairwise

from unidecode import unidecode

from engine.text.ja.open_jtalk import Phoneme, phonemes

# What Open JTalk is given; the rest is marks.
READ = re.compile(r"([A-Za-z\d\u3005\u3040-\u30ff\u4e00-\u9fff\uff11-\uff19\uff21-\uff3a\uff41-\uff5a\uff66-\uff9d]+)")
_NAMES = (("ch", "ʧ"), ("sh", "ʃ"), ("cl", "Q"))
# The geminate and the nasal as what follows them sounds, over marks of pitch.
_RULES = tuple(
    (re.compile(pattern), replacement)
    for pattern, replacement in (
        (r"Q([↑↓]*[kg])", r"k#\1"),
        (r"Q([↑↓]*[tdjʧ])", r"t#\1"),
        (r"Q([↑↓]*[sʃ])", r"s\1"),
        (r"Q([↑↓]*[pb])", r"p#\1"),
        (r"N([↑↓]*[pbm])", r"m\1"),
        (r"N([↑↓]*[ʧʥj])", r"n^\1"),
        (r"N([↑↓]*[tdn])", r"n\1"),
        (r"N([↑↓]*[kg])", r"ŋ\1"),
    )
)
_IPA = (
    ("u", "ɯ"), ("ʧ", "tʃ"), ("j", "dʑ"), ("y", "j"), ("ni", "n^i"), ("nj", "n^"), ("hi", "çi"), ("hj", "ç"),
    ("f", "ɸ"), ("I", "i*"), ("U", "ɯ*"), ("r", "ɾ"),
)  # fmt: skip


def romaji(text: str) -> str:
    """The phonemes of ``text`` as Open JTalk names them, a space between words, and the marks as ASCII has them.

    Raises PackageMissing where the optional package is missing.
    """
    said = ""
    for index, part in enumerate(READ.split(text)):
        if index % 2:
            said += " " if said else ""
            said += accented(phonemes(part))
        else:
            said += unidecode(part).replace(" ", "")
    return said


def accented(spoken: Sequence[Phoneme]) -> str:
    """Phonemes in a row, with ↑ and ↓ where the pitch rises and falls, and a space where an accent phrase ends."""
    said = ""
    for phoneme, after in pairwise(spoken):
        if phoneme.is_pause:
            continue
        name = short_names(phoneme.name)
        next_place = -1 if after.is_pause else after.place
        if phoneme.left == 1 and next_place == 1:
            name += " "
        elif phoneme.from_accent == 0 and next_place == phoneme.place + 1:
            name += "↓"
        elif phoneme.place == 1 and next_place == 2:
            name += "↑"
        said += name
    return said


def short_names(name: str) -> str:
    """A phoneme of Open JTalk in the letters of models, one for ch and sh, Q for the geminate."""
    for written, symbol in _NAMES:
        name = name.replace(written, symbol)
    return name


def geminates(text: str) -> str:
    """Q and N as what follows them sounds."""
    for pattern, replacement in _RULES:
        text = pattern.sub(replacement, text)
    return text


def ipa(text: str) -> str:
    """What `romaji` gives, in IPA."""
    text = geminates(text.replace("...", "…"))
    for written, symbols in _IPA:
        text = text.replace(written, symbols)
    return text
