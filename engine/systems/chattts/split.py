"""Long text cut into pieces that the model speaks well: not much under five words, not over half a minute."""

import re
from collections.abc import Sequence

from engine.request import Segment
from engine.systems.chattts.text import language_of
from engine.text.segment import PARAGRAPH_PAUSE_S, split

# A line of dashes separates texts that are spoken side by side.
_BETWEEN_TEXTS = re.compile(r"^[ \t]*---[ \t]*$", re.MULTILINE)
# The refining stage writes Chinese with spaces between its characters, which the model does not hear.
_BETWEEN_CHARACTERS = re.compile(
    "(?<=[\u4e00-\u9fff，。、,.]) +(?=[\u4e00-\u9fff])|(?<=[\u4e00-\u9fff]) +(?=[，。、,.])"
)
# Pieces below this are spoken together with a neighbour of the same paragraph, up to the limit.
_SHORT, _LIMIT = {"zh": 10, "en": 30}, {"zh": 80, "en": 200}


def texts(text: str) -> list[str]:
    """The texts that lines of ``---`` separate; one where there are none."""
    parts = _BETWEEN_TEXTS.split(text)
    return parts if len(parts) == 1 else [part.strip("\n") for part in parts]


def pieces(text: str) -> list[Segment]:
    """The pieces of one text, each with the pause after it, and with the language that it is in."""
    text = _BETWEEN_CHARACTERS.sub("", text)
    language = language_of(text)
    merged: list[Segment] = []
    for piece in split(text, language):
        piece = Segment(text=piece.text, language=language_of(piece.text), pause_s=piece.pause_s)
        if merged and _belong_together(merged[-1], piece):
            before = merged.pop()
            joint = " " if before.text[-1:].isascii() and piece.text[:1].isascii() else ""
            piece = Segment(text=before.text + joint + piece.text, language=before.language, pause_s=piece.pause_s)
        merged.append(piece)
    return merged


def with_pauses_between(groups: Sequence[Sequence[Segment]]) -> list[Segment]:
    """The pieces of several texts in a row, with a paragraph's pause between two texts."""
    row: list[Segment] = []
    for group in filter(None, groups):
        if row:
            last = row[-1]
            row[-1] = Segment(text=last.text, language=last.language, pause_s=PARAGRAPH_PAUSE_S)
        row += group
    return row


def _belong_together(before: Segment, after: Segment) -> bool:
    short, limit = _SHORT[after.language], _LIMIT[after.language]
    return (
        before.pause_s < PARAGRAPH_PAUSE_S
        and min(len(before.text), len(after.text)) < short
        and len(before.text) + len(after.text) < limit
    )
