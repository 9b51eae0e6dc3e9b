"""English words that are in no dictionary by those that are: plurals, possessives, -ed and -ing.

docs/kokoro-phonemes.md#english
"""

from collections.abc import Callable, Iterator

from engine.systems.kokoro.phonemes.stress import VOWELS

Lookup = Callable[[str], str | None]

# After these an American t between vowels is a flap.
_BEFORE_FLAP = VOWELS | {"ɹ"}
_CONSONANTS = frozenset("bcdfghjklmnpqrstvwxz")
_CONTRACTED = {
    "'re": {"a": "əɹ", "b": "ə"}, "'ve": {"a": "əv", "b": "əv"}, "'ll": {"a": "əl", "b": "əl"},
    "'d": {"a": "əd", "b": "əd"},
}  # fmt: skip
_LEAST = 3  # letters of a word that has an ending


def by_ending(word: str, lookup: Lookup, language: str) -> str | None:
    """Phonemes of ``word`` from those of the word without its ending; None where there is none that ``lookup`` knows.

    ``language`` is ``a`` or ``b``.
    """
    if len(word) < _LEAST:
        return None
    for ending, said in _CONTRACTED.items():
        if word.endswith(ending) and (phonemes := lookup(word.removesuffix(ending))):
            return phonemes + said[language]
    for stems, joined in ((_without_s, with_s), (_without_ed, with_ed), (_without_ing, with_ing)):
        for stem in stems(word):
            if (phonemes := lookup(stem)) and (whole := joined(phonemes, language)):
                return whole
    return None


def with_s(phonemes: str, language: str) -> str:
    """A plural, a possessive, or a verb of the third person."""
    if phonemes[-1] in "ptkfθ":
        return phonemes + "s"
    if phonemes[-1] in "szʃʒʧʤ":
        return phonemes + ("ɪz" if language == "b" else "ᵻz")
    return phonemes + "z"


def with_ed(phonemes: str, language: str) -> str:
    """A past tense."""
    if phonemes[-1] in "pkfθʃsʧ":
        return phonemes + "t"
    if phonemes[-1] == "d":
        return phonemes + ("ɪd" if language == "b" else "ᵻd")
    if phonemes[-1] != "t":
        return phonemes + "d"
    if language == "b":
        return phonemes + "ɪd"
    return (phonemes[:-1] + "ɾᵻd") if _flaps(phonemes) else phonemes + "ᵻd"


def with_ing(phonemes: str, language: str) -> str | None:
    """A present participle; None after ə or ː in British English, where an r would sound."""
    if language == "b":
        return None if phonemes[-1] in "əː" else phonemes + "ɪŋ"
    return (phonemes[:-1] + "ɾɪŋ") if _flaps(phonemes) else phonemes + "ɪŋ"


def _flaps(phonemes: str) -> bool:
    return len(phonemes) > 1 and phonemes[-1] == "t" and phonemes[-2] in _BEFORE_FLAP


def _without_s(word: str) -> Iterator[str]:
    if word.endswith(("'s", "s'")):
        yield word[:-2]
        # Of a name that ends with s: James'.
        if word.endswith("s'"):
            yield word[:-1]
    elif word.endswith("s") and not word.endswith("ss"):
        yield word[:-1]
        if word.endswith("ies"):
            yield word[:-3] + "y"
        elif word.endswith("es"):
            yield word[:-2]


def _without_ed(word: str) -> Iterator[str]:
    if word.endswith("d") and not word.endswith("dd"):
        if word.endswith("ied"):
            yield word[:-3] + "y"
        if word.endswith("ed"):
            yield word[:-1]
            yield word[:-2]
            yield from _undoubled(word[:-2])


def _without_ing(word: str) -> Iterator[str]:
    if word.endswith("ing") and len(word) > _LEAST + 2:
        stem = word[:-3]
        # hoping is of hope, walking of walk.
        yield from (stem + "e", stem) if _one_consonant(stem) else (stem, stem + "e")
        yield from _undoubled(stem)


def _undoubled(stem: str) -> Iterator[str]:
    if (len(stem) > _LEAST and stem[-1] == stem[-2] and stem[-1] in _CONSONANTS) or stem.endswith("ck"):
        yield stem[:-1]


def _one_consonant(stem: str) -> bool:
    """Whether it ends with a single vowel and a single consonant."""
    ending = [letter in _CONSONANTS for letter in stem[-3:].lower()]
    return len(ending) == _LEAST and ending[1:] == [False, True] and ending[0]
