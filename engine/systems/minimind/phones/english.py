"""English to ARPAbet by the dictionary of Carnegie Mellon University; what that lacks is spelt."""

import re

from engine.systems.minimind.phones.tables import MARKS, NEW_WORDS, SPELT, Said, marked
from engine.text.en.arpabet import arpabet

_WORD = re.compile("([A-Za-z']+)")


def say(text: str) -> Said:
    """Words as the dictionary has them, marks as they are; nothing else has a sound."""
    phones: list[str] = []
    counts: list[int] = []
    left_out: list[str] = []
    for index, run in enumerate(_WORD.split(marked(text))):
        said = [_word(run)] if index % 2 else [[sign] for sign in run if sign in MARKS]
        left_out += [] if index % 2 else [sign for sign in run if sign not in MARKS]
        phones += [phone for each in said for phone in each]
        counts += [len(each) for each in said if each]
    return Said(phones=tuple(phones), counts=tuple(counts), left_out=tuple(left_out))


def _word(word: str) -> list[str]:
    """A capital alone is a letter; so are those of initials, and of a word that is in no dictionary."""
    table = arpabet()
    known = NEW_WORDS.get(word.upper()) or table.get(word.lower())
    is_letters = (len(word) == 1 and word.isupper()) or word in SPELT
    if known is not None and not is_letters:
        return known.split()
    return [phone for letter in word.lower() if letter != "'" for phone in table[f"{letter}."].split()]
