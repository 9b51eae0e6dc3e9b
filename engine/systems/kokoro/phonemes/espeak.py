"""Phonemes of espeak-ng in the symbols of Kokoro: whole texts of five languages, and single English words.

docs/kokoro-phonemes.md#espeak
"""

import re
from functools import lru_cache
from itertools import islice
from unicodedata import category

from engine.systems.kokoro.phonemes.pieces import Word
from engine.text.phonemes import phonemize

TIE = "^"
# Of a text no more characters than these are asked for alone.
_MOST_KINDS = 300
# By the letter of the language.
VOICES = {"e": "es", "f": "fr-fr", "h": "hi", "i": "it", "p": "pt-br"}
ENGLISH = {"a": "en-us", "b": "en-gb"}
_SYMBOLS = (
    ("a^ɪ", "I"), ("a^ʊ", "W"), ("d^z", "ʣ"), ("d^ʒ", "ʤ"), ("e^ɪ", "A"), ("o^ʊ", "O"), ("s^s", "S"), ("t^s", "ʦ"),
    ("t^ʃ", "ʧ"), ("ɔ^ɪ", "Y"), ("ə^ʊ", "Q"), (TIE, ""), ("-", ""), ("«", "("), ("»", ")"),
)  # fmt: skip
# espeak swallows brackets, and so they go through it as angle quotes.
_BRACKETS = str.maketrans({"«": "“", "»": "”", "(": "«", ")": "»"})
_ENGLISH_SYMBOLS = (
    ("ʔˌn\u0329", "ʔn"),
    ("a^ɪ", "I"), ("a^ʊ", "W"), ("d^ʒ", "ʤ"), ("e^ɪ", "A"), ("t^ʃ", "ʧ"), ("ɔ^ɪ", "Y"), ("ə^l", "ᵊl"),
    ("ʔn\u0329", "ʔn"),
    ("ʲo", "jo"), ("ʲə", "jə"),
    ("e", "A"), ("ʲ", ""), ("ɚ", "əɹ"), ("r", "ɹ"), ("x", "k"), ("ç", "k"), ("ɐ", "ə"), ("ɬ", "l"), ("\u0303", ""),
)  # fmt: skip
_SYLLABIC = re.compile("(\\S)\u0329")
_DIALECTS = {
    "a": (("o^ʊ", "O"), ("ɜːɹ", "ɜɹ"), ("ɜː", "ɜɹ"), ("ɪə", "iə"), ("ː", "")),
    "b": (("e^ə", "ɛː"), ("iə", "ɪə"), ("ə^ʊ", "Q")),
}
_MARKS = ';:,.!?¡¿—…"«»“”()।'
_LAST = (("o", "ɔ"), ("ɾ", "T"), ("ʔ", "t"), (TIE, ""))


def read(text: str, language: str) -> str:
    """``text`` in one of the languages of VOICES, its marks where they stand. Raises EngineError without espeak-ng."""
    said = phonemize(text.translate(_BRACKETS), VOICES[language], tie=TIE).strip()
    return replaced(said, _SYMBOLS)


def mute(text: str, language: str) -> list[str]:
    """Letters, digits and pictures of ``text`` that espeak reads as nothing by themselves, among its first kinds."""
    kinds = (each for each in dict.fromkeys(text) if not each.isascii() and (each.isalnum() or category(each) == "So"))
    return [character for character in islice(kinds, _MOST_KINDS) if _is_mute(character, language)]


@lru_cache(maxsize=4096)
def _is_mute(character: str, language: str) -> bool:
    return not phonemize(character, VOICES[language], punctuation=False).strip()


@lru_cache(maxsize=4096)
def read_word(word: str, language: str) -> str:
    """An English word, American (``a``) or British (``b``). Raises EngineError without espeak-ng."""
    return rewritten(phonemize(word, ENGLISH[language], punctuation=False, tie=TIE).strip(), language)


def rewritten(said: str, language: str) -> str:
    """Ties and symbols of espeak in those of the English dictionaries."""
    said = replaced(said, _ENGLISH_SYMBOLS)
    said = _SYLLABIC.sub(r"ᵊ\1", said).replace("\u0329", "")
    return replaced(said, (*_DIALECTS[language], *_LAST))


def replaced(said: str, pairs: tuple[tuple[str, str], ...]) -> str:
    """``said`` with each of the ``pairs`` replaced in turn."""
    for written, symbol in pairs:
        said = said.replace(written, symbol)
    return said


def words(text: str, said: str) -> list[Word]:
    """Where each word of ``text`` stands in ``said``, which is what `read` gave of it.

    espeak joins some words: where a clause has not as many of them as it is written with, it counts as one.
    """
    written, heard = _clauses(text), _clauses(said)
    counts = [sum(map(len, clauses)) for clauses in (written, heard)]
    if counts[0] == counts[1] or len(written) != len(heard):
        written, heard = ([[word for clause in clauses for word in clause]] for clauses in (written, heard))
    found: list[Word] = []
    for clause, sounds in zip(written, heard, strict=True):
        if len(clause) == len(sounds):
            found += [Word(word.text, sound.start, sound.end) for word, sound in zip(clause, sounds, strict=True)]
        elif clause and sounds:
            found.append(Word(" ".join(word.text for word in clause), sounds[0].start, sounds[-1].end))
    return found


def _clauses(text: str) -> list[list[Word]]:
    """The words between blanks by clauses, without the marks at their ends, and where they stand."""
    clauses: list[list[Word]] = [[]]
    for chunk in re.finditer(r"\S+", text):
        word = chunk[0].lstrip(_MARKS)
        start = chunk.end() - len(word)
        word = word.rstrip(_MARKS)
        if word:
            clauses[-1].append(Word(word, start, start + len(word)))
        if chunk[0][-1] in _MARKS and clauses[-1]:
            clauses.append([])
    return clauses if clauses[-1] else clauses[:-1]
