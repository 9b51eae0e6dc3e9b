"""English to phonemes by dictionary, word by word, and by what follows each. docs/kokoro-phonemes.md#english"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from engine.systems.kokoro.phonemes.endings import by_ending, with_s
from engine.systems.kokoro.phonemes.espeak import read_word
from engine.systems.kokoro.phonemes.lexicon import DEFAULT, Entry, Lexicon, lexicon
from engine.systems.kokoro.phonemes.numbers import CURRENCIES, in_words, is_number
from engine.systems.kokoro.phonemes.pieces import Piece
from engine.systems.kokoro.phonemes.stress import (
    CAPITALISED,
    PRIMARY,
    SECONDARY,
    begins_with_vowel,
    by_capitals,
    spelled,
    stressed,
)
from engine.systems.kokoro.phonemes.tags import CLOSE_QUOTES, OPEN_QUOTES, PAUSES, tags
from engine.systems.kokoro.phonemes.tokens import Token, tokens

_APOSTROPHES = str.maketrans("’‘ʼ", "'''")
_DASHES = frozenset(("-", "–", "—", "--"))
_MARKS = frozenset(";:,.!?—…“”()")
_SLASH = "/"
_BRACKETS = {"[": "(", "{": "(", "]": ")", "}": ")"}
_SIGNS = {"%": "percent", "&": "and", "+": "plus", "@": "at"}
# A run of letters with one kind of case, digits, or one other character.
_PARTS = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)*|[\d.,]*\d|\S")
_CASES = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[^A-Z\W\d_]+|[A-Z]+")
_HEARD = re.compile(r"\w")
_SPELLED_PARTS = 2  # letters between the full stops of initials
# Said otherwise than the dictionaries and espeak have it.
_OURS = {"kokoro": {"a": "kˈOkəɹO", "b": "kˈQkəɹQ"}, "cetera": {"a": "sˈɛɾəɹə", "b": "sˈɛtəɹə"}}
_LAST_OF_LATIN_1 = "ÿ"
_LONGEST_NAME = 60  # letters of a name like YouTube
# In numbers, as their flags want them.
_WEAK = {"n": "ən", "a": "ɐ"}
_PARENT_TAGS = (("VB", "VERB"), ("NN", "NOUN"), ("RB", "ADV"), ("JJ", "ADJ"))


@dataclass(frozen=True, slots=True)
class After:
    """What follows a word: whether a vowel or a consonant, None for a pause; and whether the word "to"."""

    vowel: bool | None = None
    to: bool = False


def read(text: str, language: str, *, published: bool = False) -> list[Piece]:
    """The words and marks of ``text`` with their phonemes, American (``a``) or British (``b``).

    ``published`` keeps the faults of the reference. Raises EngineError where a word is in no dictionary and there is no
    espeak-ng.
    """
    return Reader(language, published).read(text)


class Reader:
    """English of one dialect."""

    def __init__(self, language: str, published: bool) -> None:
        self._language, self._published = language, published
        self._lexicon: Lexicon = lexicon(language)

    def read(self, text: str) -> list[Piece]:
        """The words and marks of ``text`` with their phonemes."""
        found = tokens(text.translate(_APOSTROPHES), published=self._published)
        names = tags([token.text for token in found])
        quotes = list(_quotes(found))
        pieces: list[Piece] = []
        after = After()
        for at in reversed(range(len(found))):
            token = found[at]
            if _is_currency(found, at):
                continue
            currency = found[at - 1].text if _is_currency(found, at - 1) else ""
            if token.given is not None:
                said = token.given
            elif quotes[at]:
                said = quotes[at]
            else:
                said = self._say(token, names[at], after, currency)
            said = said.replace("ɾ", "T").replace("ʔ", "t")
            pieces.append(Piece(currency + token.text, said, token.blank or token.text == _SLASH))
            after = _following(token.text, said, after)
        return pieces[::-1]

    def _say(self, token: Token, tag: str, after: After, currency: str) -> str:
        word = token.text
        if not _HEARD.search(word):
            return self._mark(word)
        number = word.removesuffix("%")
        if is_number(number):
            return self._number(number, currency, token.flags, percent=number != word)
        # A link's change of stress comes instead of that of capitals.
        change = by_capitals(word) if token.stress is None else None
        said = self._word(word, tag, after, change)
        if said is None:
            said = self._parts(word, tag, after, change)
        return stressed(said, token.stress)

    def _mark(self, word: str) -> str:
        if word in _DASHES:
            return "—"
        if len(word) > 1 and not word.strip("."):
            return "…"
        if word in _MARKS:
            return word
        if word in _BRACKETS and not self._published:
            return _BRACKETS[word]
        sign = _SIGNS.get(word)
        return self._plain(sign) if sign else ""

    def _number(self, number: str, currency: str, flags: str, *, percent: bool) -> str:
        words = in_words(number, currency=currency, flags=flags, published=self._published).split(" ")
        said = [_WEAK.get(word) or self._plain(word) for word in [*words, *["percent"] * percent]]
        return " ".join(said)

    def _plain(self, word: str) -> str:
        """A word as such: of a number, or a name of a sign."""
        return self._word(word, DEFAULT, After(vowel=False), None) or read_word(word, self._language)

    def _word(self, word: str, tag: str, after: After, change: float | None) -> str | None:
        """A word by its own rule, by the dictionaries, or by its ending."""
        own = self._by_rule(word, tag, after)
        if own is not None:
            return own
        said = self._look_up(word, tag, after)
        if said is None:
            said = by_ending(word, lambda stem: self._look_up(stem, tag, after), self._language)
        return None if said is None else stressed(said, change)

    def _by_rule(self, word: str, tag: str, after: After) -> str | None:
        lower = word.lower()
        if tag == "DT" and lower in ("a", "an"):
            return "ɐ" if lower == "a" else "ɐn"
        if word == "a":
            return self._letter("A")
        if word == "I" and tag == "PRP":
            return f"{SECONDARY}I"
        if lower == "the" and tag == "DT":
            return "ði" if after.vowel else "ðə"
        if lower == "to" and tag in ("TO", "IN") and after.vowel is not None:
            return "tʊ" if after.vowel else "tə"
        if lower == "to" and tag in ("TO", "IN"):
            return self._entry("to", tag, after)
        if lower == "in" and tag == "IN":
            return f"{PRIMARY}ɪn" if after.vowel is None else "ɪn"
        if lower == "am" and tag == "VBP" and after.vowel is not None:
            return "ɐm"
        if lower == "am" and tag == "NN":
            return self._spell(lower)
        if lower in ("vs", "vs.") and tag == "IN":
            return self._entry("versus", tag, after)
        if lower == "used" and tag == "VBD" and not after.to:
            return self._entry("used", DEFAULT, after)
        return None

    def _look_up(self, word: str, tag: str, after: After) -> str | None:
        """A word of the dictionaries, or one that is spelled."""
        if not self._published and word.lower() in _OURS:
            return _OURS[word.lower()][self._language]
        initials = word.strip(".")
        if "." in initials and all(0 < len(part) <= _SPELLED_PARTS for part in initials.split(".")):
            return self._spell(initials.replace(".", ""))
        is_name = False
        if word.isupper() and word not in self._lexicon.gold and len(word) > 1:
            word, is_name = word.lower(), tag == "NNP"
        said = self._entry(word, tag, after)
        if is_name and (said is None or PRIMARY not in said):
            return self._spell(word)
        if said is None and self._lexicon.find(word) is not None:
            return self._spell(word)
        return said

    def _entry(self, word: str, tag: str, after: After) -> str | None:
        entry = self._lexicon.find(word)
        return entry if entry is None or isinstance(entry, str) else _chosen(entry, tag, after)

    def _spell(self, word: str) -> str | None:
        letters = [self._letter(letter) for letter in word]
        return spelled([letter for letter in letters if letter]) if all(letters) else None

    def _letter(self, letter: str) -> str | None:
        named = self._lexicon.gold.get(letter.upper())
        return named if isinstance(named, str) else None

    def _parts(self, word: str, tag: str, after: After, change: float | None) -> str:
        """A word of several: cut at capitals, digits, signs and apostrophes, else as espeak says it."""
        runs = _PARTS.findall(word)
        if len(runs) == 1:
            return self._cases(word, tag, after, change)
        said: list[str] = []
        for at, run in enumerate(runs):
            between = 0 < at < len(runs) - 1 and runs[at - 1].isalpha() and runs[at + 1].isalpha()
            if run == "2" and between:
                said.append(self._plain("to"))
            elif is_number(run):
                said.append(self._number(run, "", "", percent=False))
            elif run in _SIGNS:
                said.append(self._plain(_SIGNS[run]))
            elif _HEARD.search(run) and run != "_":
                said.append(self._word(run, tag, after, by_capitals(run)) or self._cases(run, tag, after, None))
        return " ".join(filter(None, said))

    def _cases(self, word: str, tag: str, after: After, change: float | None) -> str:
        runs = _CASES.findall(word)
        if len(runs) > 1 and len(word) <= _LONGEST_NAME:
            said = [self._word(run, tag, after, by_capitals(run)) for run in runs]
            if all(said):
                return "".join(filter(None, said))
        plain = _without_marks(word)
        if plain != word and (said_plainly := self._word(plain, tag, after, change)):
            return said_plainly
        base = plain.removesuffix("'s")
        said_by_espeak = stressed(read_word(base, self._language), None if change == CAPITALISED else change)
        return with_s(said_by_espeak, self._language) if base != plain and said_by_espeak else said_by_espeak


def _chosen(entry: Entry, tag: str, after: After) -> str | None:
    """Of the phonemes that a word has by its part of speech, those of ``tag``."""
    if isinstance(entry, str):
        return entry
    if after.vowel is None and "None" in entry:
        return entry["None"]
    if tag in entry:
        return entry[tag]
    parent = next((name for beginning, name in _PARENT_TAGS if tag.startswith(beginning)), DEFAULT)
    return entry[parent] if parent in entry else entry[DEFAULT]


def _is_currency(found: list[Token], at: int) -> bool:
    """Whether it is the sign of a sum, which is said behind the number."""
    if at < 0 or at + 1 >= len(found) or found[at].blank:
        return False
    return found[at].text in CURRENCIES and is_number(found[at + 1].text)


def _without_marks(word: str) -> str:
    """``word`` without the marks on letters that neither dictionaries nor espeak's English know."""
    if word.isascii() or max(word) <= _LAST_OF_LATIN_1:
        return word
    return "".join(each for each in unicodedata.normalize("NFD", word) if not unicodedata.combining(each))


def _following(word: str, said: str, after: After) -> After:
    """What the word before this one has behind it. Quotes and brackets are heard through."""
    if word in PAUSES or (said and said in PAUSES):
        return After()
    vowel = begins_with_vowel(said)
    return after if vowel is None else After(vowel=vowel, to=word.lower() == "to")


def _quotes(found: list[Token]) -> Iterator[str]:
    """“ or ” for each token that is a quotation mark, else "". A straight one opens where none is open."""
    is_open = False
    for token in found:
        if token.text in OPEN_QUOTES or token.text in CLOSE_QUOTES:
            is_open = token.text in OPEN_QUOTES
        elif token.text == '"':
            is_open = not is_open
        else:
            yield ""
            continue
        yield "“" if is_open else "”"
