"""Chinese in bopomofo, and that in IPA, as published cleaners write it. docs/systems/vallex.md#chinese"""

import re
from collections.abc import Callable, Iterable

_HAN = re.compile("[\u4e00-\u9fff]")
# A syllable of the first tone carries no mark in bopomofo.
_FIRST_TONE = re.compile("([\u3105-\u3129])$")
# The names of Latin letters.
LETTERS = {
    "a": "ㄟˉ", "b": "ㄅㄧˋ", "c": "ㄙㄧˉ", "d": "ㄉㄧˋ", "e": "ㄧˋ", "f": "ㄝˊㄈㄨˋ", "g": "ㄐㄧˋ",
    "h": "ㄝˇㄑㄩˋ", "i": "ㄞˋ", "j": "ㄐㄟˋ", "k": "ㄎㄟˋ", "l": "ㄝˊㄛˋ", "m": "ㄝˊㄇㄨˋ", "n": "ㄣˉ",
    "o": "ㄡˉ", "p": "ㄆㄧˉ", "q": "ㄎㄧㄡˉ", "r": "ㄚˋ", "s": "ㄝˊㄙˋ", "t": "ㄊㄧˋ", "u": "ㄧㄡˉ",
    "v": "ㄨㄧˉ", "w": "ㄉㄚˋㄅㄨˋㄌㄧㄡˋ", "x": "ㄝˉㄎㄨˋㄙˋ", "y": "ㄨㄞˋ", "z": "ㄗㄟˋ",
}  # fmt: skip
# One after the other over the whole text, longer ones first where they overlap.
_IPA = (
    ("ㄅㄛ", "p⁼wo"), ("ㄆㄛ", "pʰwo"), ("ㄇㄛ", "mwo"), ("ㄈㄛ", "fwo"),
    ("ㄅ", "p⁼"), ("ㄆ", "pʰ"), ("ㄇ", "m"), ("ㄈ", "f"), ("ㄉ", "t⁼"), ("ㄊ", "tʰ"), ("ㄋ", "n"), ("ㄌ", "l"),
    ("ㄍ", "k⁼"), ("ㄎ", "kʰ"), ("ㄏ", "x"), ("ㄐ", "tʃ⁼"), ("ㄑ", "tʃʰ"), ("ㄒ", "ʃ"),
    ("ㄓ", "ts`⁼"), ("ㄔ", "ts`ʰ"), ("ㄕ", "s`"), ("ㄖ", "ɹ`"), ("ㄗ", "ts⁼"), ("ㄘ", "tsʰ"), ("ㄙ", "s"),
    ("ㄚ", "a"), ("ㄛ", "o"), ("ㄜ", "ə"), ("ㄝ", "ɛ"), ("ㄞ", "aɪ"), ("ㄟ", "eɪ"), ("ㄠ", "ɑʊ"), ("ㄡ", "oʊ"),
    ("ㄧㄢ", "jɛn"), ("ㄩㄢ", "ɥæn"), ("ㄢ", "an"), ("ㄧㄣ", "in"), ("ㄩㄣ", "ɥn"), ("ㄣ", "ən"),
    ("ㄤ", "ɑŋ"), ("ㄧㄥ", "iŋ"), ("ㄨㄥ", "ʊŋ"), ("ㄩㄥ", "jʊŋ"), ("ㄥ", "əŋ"), ("ㄦ", "əɻ"),
    ("ㄧ", "i"), ("ㄨ", "u"), ("ㄩ", "ɥ"),
    ("ˉ", "→"), ("ˊ", "↑"), ("ˇ", "↓↑"), ("ˋ", "↓"), ("˙", ""),
    ("，", ","), ("。", "."), ("！", "!"), ("？", "?"), ("—", "-"),
)  # fmt: skip
# Glides before vowels, and the vowel that only colours a sibilant.
_RULES = tuple(
    (re.compile(pattern), replacement)
    for pattern, replacement in (
        (r"i([aoe])", r"j\1"),
        (r"u([aoəe])", r"w\1"),
        (r"([sɹ]`[⁼ʰ]?)([→↓↑ ]+|$)", r"\1ɹ`\2"),
        ("ɻ", "ɹ`"),
        (r"([s][⁼ʰ]?)([→↓↑ ]+|$)", r"\1ɹ\2"),
    )
)


def bopomofo(words: Iterable[str], read: Callable[[str], str]) -> str:
    """Chinese ``words`` through ``read``, each behind a space; what has no Chinese character as it is."""
    said = ""
    for word in words:
        if _HAN.search(word):
            said += " " if said else ""
            word = read(word)
        said += word
    return said


def with_first_tone(syllable: str) -> str:
    """A syllable of bopomofo with ``ˉ`` where it has no mark of tone."""
    return _FIRST_TONE.sub(r"\1ˉ", syllable)


def spell_letters(text: str) -> str:
    """``text`` with Latin letters by their names in Chinese, in bopomofo."""
    return text.translate({ord(each): name for letter, name in LETTERS.items() for each in (letter, letter.upper())})


def ipa(text: str) -> str:
    """Bopomofo as IPA, with marks of tone: → ↑ ↓↑ ↓ for the first to the fourth. Other characters stay."""
    for sign, symbols in _IPA:
        text = text.replace(sign, symbols)
    for pattern, replacement in _RULES:
        text = pattern.sub(replacement, text)
    return text
