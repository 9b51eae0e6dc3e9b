"""Words that the dictionary lacks, read by espeak-ng and written as the dictionary would write them.

docs/systems/vallex.md#words-that-the-dictionary-lacks
"""

import re
from functools import lru_cache

from engine.text.phonemes import transcribe

# Of espeak's American English, longer ones first where they overlap; then what is left of other languages.
_SYMBOLS = (
    ("ɜːɹ", "ər"), ("ɚɹ", "ər"), ("ɜː", "ər"), ("ɚ", "ər"), ("ɝ", "ər"), ("n̩", "ən"), ("l̩", "əl"), ("m̩", "əm"),
    ("ɑː", "ɑ"), ("ɒ", "ɑ"), ("ɔː", "ɔ"), ("oː", "ɔ"), ("ʌ", "ə"), ("ɐ", "ə"), ("ᵻ", "ɪ"), ("ɨ", "ɪ"), ("iə", "iə"),
    ("ɹ", "r"), ("ɾ", "t"), ("ʔ", "t"), ("ɡ", "g"), ("ɬ", "l"), ("ɫ", "l"), ("x", "k"), ("ç", "h"), ("ɲ", "nj"),
    ("ʁ", "r"), ("β", "b"), ("ɣ", "g"), ("ɕ", "ʃ"), ("ʋ", "v"), ("c", "k"), ("y", "u"), ("ø", "ə"), ("œ", "ə"),
    ("ɯ", "u"), ("ʉ", "u"), ("ɤ", "ə"), ("q", "k"), ("ʂ", "ʃ"), ("ʐ", "ʒ"), ("ɖ", "d"), ("ʈ", "t"), ("ɭ", "l"),
)  # fmt: skip
_DROPPED = dict.fromkeys(map(ord, "ːʲ̩̯̃͡ˑ -ʰ̪"))
_STRESSED = re.compile(r"([^aeiouæɑɔəɛɪʊˈˌ]*)([ˈˌ])(?=[aeiouæɑɔəɛɪʊ])")
# Two consonants that begin a syllable together; of others only the last goes with the vowel.
_ONSETS = frozenset(
    (
        "pl", "pr", "bl", "br", "tr", "dr", "kl", "kr", "kw", "gl", "gr", "fl", "fr", "θr", "ʃr", "sp", "st", "sk",
        "sl", "sm", "sn", "sw", "tw", "dw", "pj", "bj", "kj", "fj", "mj", "hj", "vj", "tʃ", "dʒ",
    )
)  # fmt: skip


@lru_cache(maxsize=4096)
def sounded(word: str) -> str:
    """IPA of an English word or of initials, "" where espeak has nothing to say. Raises EngineError without it."""
    said = transcribe(word)
    for written, symbols in _SYMBOLS:
        said = said.replace(written, symbols)
    said = said.translate(_DROPPED)
    said = _STRESSED.sub(_moved, said)
    # A word of one syllable carries no mark.
    return said[1:] if said[:1] in ("ˈ", "ˌ") and not re.search("[ˈˌ]", said[1:]) and _is_single(said) else said


def plural(word: str) -> str:
    """The IPA of ``word`` with the s of a plural or of a possession, which sounds as what it follows wants it."""
    if word.endswith(("s", "z", "ʃ", "ʒ", "ʤ", "ʧ")):
        return f"{word}ɪz"
    return f"{word}s" if word.endswith(("p", "t", "k", "f", "θ")) else f"{word}z"


def _moved(match: re.Match[str]) -> str:
    """The mark of stress before the consonants that its syllable begins with; espeak sets it before the vowel."""
    consonants = match[1]
    size = 2 if consonants[-2:] in _ONSETS else 1
    if consonants[-3:-2] == "s" and consonants[-2:] in ("pr", "tr", "kr", "pl", "kw"):
        size = 3
    at = max(0, len(consonants) - size)
    return consonants[:at] + match[2] + consonants[at:]


def _is_single(said: str) -> bool:
    return len(re.findall("[aeiouæɑɔəɛɪʊ]+", said)) == 1
