"""Sanskrit: its digits by their names, and Devanagari in the Latin letters of its studies (IAST).

Consonants carry an a unless a sign takes it away.
"""

import re

_CONSONANTS = {
    "क": "k", "ख": "kh", "ग": "g", "घ": "gh", "ङ": "ṅ", "च": "c", "छ": "ch", "ज": "j", "झ": "jh", "ञ": "ñ", "ट": "ṭ",
    "ठ": "ṭh", "ड": "ḍ", "ढ": "ḍh", "ण": "ṇ", "त": "t", "थ": "th", "द": "d", "ध": "dh", "न": "n", "प": "p", "फ": "ph",
    "ब": "b", "भ": "bh", "म": "m", "य": "y", "र": "r", "ल": "l", "ळ": "l\u0324", "व": "v", "श": "ś", "ष": "ṣ", "स": "s",
    "ह": "h",
}  # fmt: skip
_VOWELS = {
    "अ": "a", "आ": "ā", "इ": "i", "ई": "ī", "उ": "u", "ऊ": "ū", "ऋ": "ṛ", "ॠ": "ṝ", "ऌ": "ḷ", "ॡ": "ḹ", "ए": "e",
    "ऐ": "ai", "ओ": "o", "औ": "au",
}  # fmt: skip
_SIGNS = {
    "ा": "ā", "ि": "i", "ी": "ī", "ु": "u", "ू": "ū", "ृ": "ṛ", "ॄ": "ṝ", "ॢ": "ḷ", "ॣ": "ḹ", "े": "e", "ै": "ai",
    "ो": "o", "ौ": "au", "्": "",
}  # fmt: skip
_OTHERS = {"ं": "ṃ", "ँ": "~", "ः": "ḥ", "ऽ": "'", **dict(zip("०१२३४५६७८९", "0123456789", strict=True))}
DANDA = "।"
_DIGIT_NAMES = dict(
    zip("0123456789", ["शून्यम्", "एकम्", "द्वे", "त्रीणि", "चत्वारि", "पञ्च", "षट्", "सप्त", "अष्ट", "नव"], strict=True)
)


def in_sanskrit(text: str) -> str:
    """``text`` with digits by their names, one by one."""
    return re.sub("[0-9]+", lambda match: " ".join(_DIGIT_NAMES[digit] for digit in match[0]), text)


def iast(text: str) -> str:
    """``text`` with Devanagari in Latin letters; what is none stays."""
    said: list[str] = []
    bare = False
    for character in text:
        if bare and character in _SIGNS:
            said.append(_SIGNS[character])
            bare = False
            continue
        if bare:
            said.append("a")
        bare = character in _CONSONANTS
        said.append(
            _CONSONANTS.get(character)
            or _VOWELS.get(character)
            or _SIGNS.get(character)
            or _OTHERS.get(character, character)
        )
    return "".join([*said, "a"] if bare else said)
