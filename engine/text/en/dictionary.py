"""English by the dictionary of pronunciations: as published cleaners look words up, and as ours do.

docs/systems/vallex.md#english
"""

import re
import unicodedata

from unidecode import unidecode

from engine.text.en.pronunciations import pronunciations
from engine.text.en.unknown_words import plural, sounded

WORD = re.compile(r"[A-Za-z0-9]+(?:'[A-Za-z]+)*'?")
# Capitals that the dictionary lacks are spelt up to so many; longer ones are a name.
_LONGEST_INITIALS = 4

_SYMBOLS = (("r", "ɹ"), ("ʤ", "dʒ"), ("ʧ", "tʃ"), ("...", "…"))
_VOWELS = "aeiouæɑɔəɛɪʊ"
_SPACES = re.compile(r"\s+")
# The same marks, as the dictionary's package strips and keeps them.
_STRIPPED = "!\"#$%&'()*+,-./:;<=>/?@[\\]^_`{|}~«» "
_BEFORE = re.compile("^([^A-Za-z0-9]+)[A-Za-z]")
_AFTER = re.compile("[A-Za-z]([^A-Za-z0-9]+)$")


def ipa(text: str) -> str:
    """IPA of the dictionary in the symbols of most models, the last l of a word dark, single spaces between words."""
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


def plain(text: str) -> str:
    """Latin letters without their accents, and every apostrophe the same."""
    if text.isascii():
        return text
    text = text.replace("’", "'").replace("ʼ", "'")
    return "".join(
        unidecode(each) if each.isalpha() and "LATIN" in unicodedata.name(each, "") else each
        for each in unicodedata.normalize("NFC", text)
    )


def sound(match: re.Match[str]) -> str:
    """IPA of a WORD of a `plain` text, in the dictionary's symbols; of what that lacks, as espeak sounds it.

    Initials are spelt. Raises EngineError without espeak.
    """
    word = match[0]
    table, bare = pronunciations(), word.strip("'").lower()
    if _is_initial(match.string, match):
        return _letter(bare)
    if bare in table:
        return table[bare]
    if bare.isalpha() and word.isupper() and len(bare) <= _LONGEST_INITIALS:
        return " ".join(map(_letter, bare))
    if bare.endswith("'s"):
        stem = bare.removesuffix("'s")
        return plural(table.get(stem) or sounded(word.strip("'")[:-2]))
    return sounded(word.strip("'"))


def _is_initial(text: str, match: re.Match[str]) -> bool:
    """Whether it is one letter of several that hyphens join, as in U-S-A."""
    joined = text[match.start() - 1 : match.start()] == "-" or text[match.end() : match.end() + 1] == "-"
    return len(match[0]) == 1 and joined


def _letter(letter: str) -> str:
    """The name of a letter; the word "a" is another one."""
    return pronunciations().get(f"{letter}.") or pronunciations().get(letter) or sounded(letter)


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
