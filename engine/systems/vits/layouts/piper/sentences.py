"""Text as Piper takes it: phonemes of espeak-ng clause by clause, put together to sentences; [[ phonemes ]] go in raw.

docs/systems/vits.md#piper-voices.
"""

import re
import unicodedata
from dataclasses import dataclass

from engine.text.clauses import clauses

# Phonemes that stand in the text itself.
RAW = re.compile(r"(\[\[[^\[\]]*+\]\])")
_FLAG = re.compile(r"\([^)]+\)")
_ENDS = ".?!"


@dataclass(frozen=True, slots=True)
class Sentence:
    """What is spoken at once: its ``text`` and its ``symbols``, phonemes as a rule."""

    text: str
    symbols: str


def sentences(text: str, voice: str) -> list[Sentence]:
    """The sentences of ``text`` as espeak-ng sees them with ``voice``; those without phonemes are left out.

    Phonemes are in NFD, so that each code point is one. Raises EngineError.
    """
    found: list[Sentence] = []
    said, phonemes = "", ""
    for part in RAW.split(text):
        if RAW.fullmatch(part):
            if phonemes and said[-1:].isspace():
                phonemes = f"{phonemes.rstrip()} "
            said, phonemes = said + part, phonemes + part[2:-2].strip()
            continue
        if phonemes and part[:1].isspace():
            phonemes = f"{phonemes.rstrip()} "
        for clause in clauses(part, voice):
            said += clause.text
            if clause.phonemes or (phonemes and clause.mark):
                read = unicodedata.normalize("NFD", _FLAG.sub("", clause.phonemes))
                phonemes += read + clause.mark + (" " if clause.mark and clause.mark not in _ENDS else "")
            if clause.mark and clause.mark in _ENDS and phonemes:
                found.append(Sentence(said, phonemes))
                said, phonemes = "", ""
    return [*found, Sentence(said, phonemes)] if phonemes.strip() else found
