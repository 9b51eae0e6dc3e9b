"""Long text cut into pieces that the model speaks well: not much under five words, not over half a minute."""

import re
from collections.abc import Sequence

from engine.request import Segment
from engine.systems.chattts.text import language_of
from engine.systems.chattts.tokens import respelled
from engine.text.normalize import has_english
from engine.text.segment import PARAGRAPH_PAUSE_S, split

# A line of dashes separates texts that are spoken side by side.
_BETWEEN_TEXTS = re.compile(r"^[ \t]*---[ \t]*$", re.MULTILINE)
# The refining stage writes Chinese with spaces between its characters, which the model does not hear.
_BETWEEN_CHARACTERS = re.compile(
    "(?<=[\u4e00-\u9fff，。、,.]) +(?=[\u4e00-\u9fff])|(?<=[\u4e00-\u9fff]) +(?=[，。、,.])"
)
_LETTER, _HAN, _WORD = re.compile("[A-Za-z\u4e00-\u9fff]"), re.compile("[\u4e00-\u9fff]"), re.compile("[A-Za-z]{3}")
_MAX_CHARS = 200
# Pieces below this are spoken together with a neighbour of the same paragraph, up to the limit.
_SHORT, _LIMIT = {"zh": 10, "en": 30}, {"zh": 80, "en": 200}


def texts(text: str) -> list[str]:
    """The texts that lines of ``---`` separate; one where there are none."""
    parts = _BETWEEN_TEXTS.split(text)
    return parts if len(parts) == 1 else [part.strip("\n") for part in parts]


def pieces(text: str, language: str = "") -> list[Segment]:
    """The pieces of one text, each with the pause after it, and with the language that it is in.

    What has Chinese and English in it is in the language that the whole text has more of; what has no letters, in
    ``language``.
    """
    # A token that was written with a space must not be cut there.
    text = _BETWEEN_CHARACTERS.sub("", respelled(text))
    language = _language_of_text(text, language)
    merged: list[Segment] = []
    # Sound leaves while a piece is still being made, so the first need not be short.
    for piece in split(text, language, first_max_chars=_MAX_CHARS, max_chars=_MAX_CHARS):
        own = _language_of_piece(piece.text, language)
        piece = Segment(text=piece.text, language=own, pause_s=piece.pause_s)
        if merged and _belong_together(merged[-1], piece):
            before = merged.pop()
            joint = " " if before.text[-1:].isascii() and piece.text[:1].isascii() else ""
            piece = Segment(text=before.text + joint + piece.text, language=before.language, pause_s=piece.pause_s)
        merged.append(piece)
    return merged


def whole(text: str, language: str = "") -> Segment:
    """One text as one piece."""
    return Segment(text=text, language=_language_of_text(text, language))


def with_pauses_between(groups: Sequence[Sequence[Segment]]) -> list[Segment]:
    """The pieces of several texts in a row, with a paragraph's pause between two texts."""
    row: list[Segment] = []
    for group in filter(None, groups):
        if row:
            last = row[-1]
            row[-1] = Segment(text=last.text, language=last.language, pause_s=PARAGRAPH_PAUSE_S)
        row += group
    return row


def _language_of_text(text: str, language: str) -> str:
    """What has no letters, or none but those of units and names, is in ``language``."""
    if language and not _HAN.search(text) and not has_english(text):
        return language
    return language_of(text) if _LETTER.search(text) else language or "en"


def _language_of_piece(text: str, language: str) -> str:
    has_characters, has_words = bool(_HAN.search(text)), bool(_WORD.search(text)) and has_english(text)
    if has_characters == has_words:
        return language
    return "zh" if has_characters else "en"


def _belong_together(before: Segment, after: Segment) -> bool:
    short, limit = _SHORT[after.language], _LIMIT[after.language]
    return (
        before.pause_s < PARAGRAPH_PAUSE_S
        and min(len(before.text), len(after.text)) < short
        and len(before.text) + len(after.text) < limit
    )
