"""Stress in phonemes: ˈ and ˌ stand before the vowel that has it. docs/kokoro-phonemes.md#english"""

PRIMARY, SECONDARY = "ˈ", "ˌ"
VOWELS = frozenset("AIOQWYaiuæɐɑɒɔəɛɜɪʊʌᵻ")
# What a capital letter and what capitals alone add.
CAPITALISED, CAPITALS = 0.5, 2.0


def stressed(phonemes: str, change: float | None) -> str:
    """``phonemes`` with their stress raised or lowered by ``change``, from -2, which takes all of it, to 2.

    None leaves it as it is.
    """
    if change is None:
        return phonemes
    if change < -1:
        return phonemes.replace(PRIMARY, "").replace(SECONDARY, "")
    if change == -1 or (change <= 0 and PRIMARY in phonemes):
        return phonemes.replace(SECONDARY, "").replace(PRIMARY, SECONDARY)
    if not {PRIMARY, SECONDARY} & set(phonemes):
        return _marked(phonemes, PRIMARY if change > 1 else SECONDARY)
    if change >= 1 and PRIMARY not in phonemes:
        return phonemes.replace(SECONDARY, PRIMARY)
    return phonemes


def by_capitals(word: str) -> float | None:
    """What the capitals of ``word`` add to its stress."""
    if word == word.lower():
        return None
    return CAPITALS if word == word.upper() else CAPITALISED


def spelled(letters: list[str]) -> str:
    """Names of letters said in one: the last has the stress."""
    joined = "".join(letters).replace(PRIMARY, SECONDARY)
    before, mark, last = joined.rpartition(SECONDARY)
    return before + PRIMARY + last if mark else joined


def begins_with_vowel(phonemes: str) -> bool | None:
    """Whether the first sound is a vowel; None without any."""
    first = next((sign for sign in phonemes if sign not in (PRIMARY, SECONDARY) and sign.isalpha()), None)
    return None if first is None else first in VOWELS


def _marked(phonemes: str, mark: str) -> str:
    at = next((index for index, sign in enumerate(phonemes) if sign in VOWELS), None)
    return phonemes if at is None else phonemes[:at] + mark + phonemes[at:]
