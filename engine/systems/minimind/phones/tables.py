"""The tables of the reference's front ends, which lie beside as JSON: its symbols, marks, syllables and lists of words.

The lists of neutral tones are PaddleSpeech's (Apache-2.0), the phones of syllables those of the corpus Opencpop.
"""

import json
from dataclasses import dataclass
from pathlib import Path

_TABLES = json.loads(Path(__file__).with_name("tables.json").read_text(encoding="utf-8"))

# An id is a symbol's place.
SYMBOLS: tuple[str, ...] = tuple(_TABLES["symbols"])
UNKNOWN = "UNK"
MARKS: frozenset[str] = frozenset(_TABLES["marks"])
# Of a syllable of pinyin, with v for ü and without its tone: consonant and vowel.
SYLLABLES: dict[str, tuple[str, str]] = {
    syllable: (halves.split()[0], halves.split()[1]) for syllable, halves in _TABLES["syllables"].items()
}
# Chinese whose last syllable is of the neutral tone in any case, and in none.
NEUTRAL: frozenset[str] = frozenset(_TABLES["neutral"])
FULL: frozenset[str] = frozenset(_TABLES["full"])
# English that is spelt letter by letter, by its exact writing, and words that no dictionary has, in capitals.
SPELT: frozenset[str] = frozenset(_TABLES["spelt"])
NEW_WORDS: dict[str, str] = _TABLES["english"]
_MARKS_OF = _TABLES["written_otherwise"] | {":": ",", ";": ","}


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """The ``phones`` of a text; ``counts`` of them belong to each of what they stand for; and what is ``left_out``.

    They stand for a syllable or a mark in Chinese, for a word or a mark in English, and for a phone in Japanese.
    """

    phones: tuple[str, ...]
    counts: tuple[int, ...]
    left_out: tuple[str, ...] = ()


def marked(text: str) -> str:
    """``text`` with its marks as the few that have symbols, where they stand for one."""
    for written, mark in _MARKS_OF.items():
        text = text.replace(written, mark)
    return text
