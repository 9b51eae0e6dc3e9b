"""English to the symbols of the model: what both front ends do with the dictionary. docs/systems/vallex.md#english"""

import re

from engine.text.en.pronunciations import pronunciations

_SYMBOLS = (("r", "ɹ"), ("ʤ", "dʒ"), ("ʧ", "tʃ"), ("...", "…"))
_VOWELS = "aeiouæɑɔəɛɪʊ"
_SPACES = re.compile(r"\s+")
# The same marks, as the dictionary's package strips and keeps them.
_STRIPPED = "!\"#$%&'()*+,-./:;<=>/?@[\\]^_`{|}~«» "
_BEFORE = re.compile("^([^A-Za-z0-9]+)[A-Za-z]")
_AFTER = re.compile("[A-Za-z]([^A-Za-z0-9]+)$")


def ipa(text: str) -> str:
    """IPA of the dictionary in the symbols of the model, single spaces between words."""
    text = " ".join(_with_dark_l(word) for word in _SPACES.sub(" ", text).split(" "))
    for written, symbols in _SYMBOLS:
        text = text.replace(written, symbols)
    return text


def looked_up(text: str) -> str:
    """Each word of ``text`` in lower case by the dictionary, as eng_to_ipa does it.

    What the dictionary lacks keeps its letters and gets an asterisk. Marks around a word stay where they touch a letter
    of it; marks without a word are gone.
    """
    table = pronunciations()
    return " ".join(_word(word, table.get(word.strip(_STRIPPED))) for word in text.split())


def _word(word: str, known: str | None) -> str:
    bare = word.strip(_STRIPPED)
    said = known if known is not None else f"{bare}*" if bare.strip("0123456789") else bare
    before, after = _BEFORE.search(word), _AFTER.search(word)
    return (before[1] if before else "") + said + (after[1] if after else "")


def _with_dark_l(word: str) -> str:
    """``word`` with the first l behind its last vowel dark."""
    consonants = _tail(word)
    return word[: len(word) - len(consonants)] + consonants.replace("l", "ɫ", 1)


def _tail(word: str) -> str:
    at = len(word)
    while at and word[at - 1] not in _VOWELS:
        at -= 1
    return word[at:]
