"""From pinyin to Chinese characters that are read so: how a reading is told to whoever reads only characters.

A character stands for a syllable if it has no other reading, or hardly ever in the phrases of pypinyin (MIT); of
several, the one that most phrases hold.
"""

import re
from collections.abc import Mapping
from functools import lru_cache

from engine.errors import OptionError
from engine.text import homophones
from engine.text.zh.pinyin import DIGITS, readings, spelling

MOST_SYLLABLES = 20
_SYLLABLE = re.compile(r"[a-z]{1,6}[1-5]")
# Of the neutral tone nearly all characters have another reading in some phrase; these are the commonest words.
_PARTICLES = {
    "de5": "的", "le5": "了", "zhe5": "着", "ma5": "吗", "ba5": "吧", "ne5": "呢", "me5": "么", "a5": "啊", "zi5": "子",
}  # fmt: skip
_SPELLED = {"u:": "v", "ü": "v"}


def characters(pinyin: str) -> str:
    """Characters that are read as ``pinyin``: syllables with the numbers of their tones (5 the neutral one) and spaces.

    Raises OptionError for what is none, and for a syllable that no character in daily use stands for; EngineError
    without pypinyin.
    """
    syllables = pinyin.lower().split()
    if not 0 < len(syllables) <= MOST_SYLLABLES:
        raise OptionError("pinyin has 1 to {most} syllables with spaces between them", most=MOST_SYLLABLES)
    said = ""
    for written in syllables:
        syllable = _spelled(written)
        if not _SYLLABLE.fullmatch(syllable):
            raise OptionError(
                "{syllable!r} is no syllable of pinyin with the number of its tone, such as hao3 or de5",
                syllable=written[:12],
            )
        if syllable not in _faithful():
            raise OptionError(
                "no Chinese character in daily use is always read {syllable}; give a respelling instead",
                syllable=written,
            )
        said += _faithful()[syllable]
    read = [reading for _, reading in readings(said, DIGITS)]
    if read != [_spelled(syllable) for syllable in syllables]:
        raise OptionError(
            "the characters {said} for {pinyin} would be read otherwise beside each other; give a respelling instead",
            said=said,
            pinyin=pinyin[:60],
        )
    return said


def _spelled(syllable: str) -> str:
    """With v for ü, as it is typed."""
    for other, letter in _SPELLED.items():
        syllable = syllable.replace(other, letter)
    return syllable


@lru_cache(maxsize=1)
def _faithful() -> Mapping[str, str]:
    """A character for each syllable that has one."""
    spell = spelling(DIGITS)
    found = {syllable: (-1, particle) for syllable, particle in _PARTICLES.items()}
    for character, (reading, uses) in homophones.faithful().items():
        syllable = spell(reading)
        found[syllable] = max(found.get(syllable, (-1, "")), (uses, character), key=lambda each: each[0])
    return {syllable: character for syllable, (_, character) in found.items()}
