"""Words with their phonemes, and where they stand in the string that a model reads."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple


@dataclass(frozen=True, slots=True)
class Piece:
    """A word or a mark as it is written, what is said of it, and whether a blank follows."""

    text: str
    phonemes: str
    blank: bool = False


class Word(NamedTuple):
    """A word of a text, and where its phonemes stand in the string: from ``start`` to before ``end``."""

    text: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Phonemes:
    """A ``string`` of phonemes and marks, the ``words`` in it, and the characters that are ``left_out``, each once.

    Left out is what has no sound, and what is in the string without being in the vocabulary: the string keeps that,
    because its length picks the row of a voice.
    """

    string: str
    words: tuple[Word, ...]
    left_out: tuple[str, ...] = ()


def joined(pieces: Iterable[Piece]) -> tuple[str, list[Word], list[str]]:
    """Pieces in one string, words in it, and the pieces that have no phonemes; never two blanks in a row."""
    parts: list[str] = []
    words: list[Word] = []
    silent: list[str] = []
    at, blank = 0, False
    for piece in pieces:
        if piece.phonemes:
            if blank and at:
                parts.append(" ")
                at += 1
            blank = False
            if any(map(str.isalnum, piece.text)):
                words.append(Word(piece.text, at, at + len(piece.phonemes)))
            parts.append(piece.phonemes)
            at += len(piece.phonemes)
        else:
            silent.append(piece.text)
        blank = blank or piece.blank
    return "".join(parts), words, silent
