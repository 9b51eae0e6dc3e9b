"""Mandarin to phonemes: IPA with arrows of tone for v1.0, bopomofo with tone sandhi for v1.1-zh.

docs/kokoro-phonemes.md#chinese
"""

import re
from collections.abc import Callable, Iterator

from engine.systems.kokoro.phonemes import sandhi
from engine.systems.kokoro.phonemes.pieces import Piece
from engine.systems.kokoro.phonemes.syllables import Syllable, bopomofo, ipa, syllables
from engine.text.normalize_zh import normalize_zh
from engine.text.zh.words import tagged, words

_HAN = re.compile("([\u3007\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]+)")
_DIGIT = re.compile(r"\d")
# With the blanks that stand around them.
_MARKS = {
    "、": ", ", "，": ", ", "。": ". ", "．": ". ", "！": "! ", "：": ": ", "；": "; ", "？": "? ",
    "«": " “", "»": "” ", "《": " “", "》": "” ", "〈": " “", "〉": "” ", "「": " “", "」": "” ", "『": " “",
    "』": "” ", "【": " “", "】": "” ", "（": " (", "）": ") ", "～": "—", "·": " ",
}  # fmt: skip
_PUNCTUATION = ';:,.!?—…"()“”'
_CLOSING, _OPENING = ";:,.!?…”) ", frozenset("“(")
_OTHER = re.compile(rf"(\s+|[{re.escape(_PUNCTUATION)}])")
_WORD = re.compile(r"\w")
SEPARATOR = "/"

# Words and marks of Latin letters and other scripts to pieces.
ReadOther = Callable[[str], list[Piece]]


def read(text: str, *, has_bopomofo: bool, read_other: ReadOther) -> list[Piece]:
    """The words and marks of ``text``, digits in words. ``read_other`` is asked for words of any other script.

    Raises EngineError where a package for reading Chinese is missing.
    """
    if _DIGIT.search(text):
        text = normalize_zh(text)
    pieces: list[Piece] = []
    for index, part in enumerate(_HAN.split("".join(_MARKS.get(sign, sign) for sign in text).strip())):
        if index % 2:
            pieces += _in_bopomofo(part) if has_bopomofo else _in_ipa(part)
        elif _WORD.search(part):
            marks, rest = _marks_before(part)
            pieces += _between(marks, pieces)
            pieces += _apart(read_other(rest.strip()), pieces)
        else:
            pieces += _between(part, pieces)
    return pieces


def _in_ipa(text: str) -> Iterator[Piece]:
    found = words(text)
    for at, word in enumerate(found):
        yield Piece(word, _said(syllables(word), ipa), blank=at + 1 < len(found))


def _in_bopomofo(text: str) -> Iterator[Piece]:
    found = sandhi.spoken(tagged(text))
    for at, word in enumerate(found):
        yield Piece(word.text, _said(list(word.syllables), bopomofo))
        if at + 1 < len(found):
            yield Piece("", SEPARATOR)


def _said(word: list[Syllable | None], spell: Callable[[Syllable], str]) -> str:
    return "".join(spell(syllable) for syllable in word if syllable is not None)


def _marks_before(part: str) -> tuple[str, str]:
    """The closing marks at its beginning, which are of what is before it, and the rest."""
    rest = part.lstrip(_CLOSING)
    return part[: len(part) - len(rest)], rest


def _apart(read: list[Piece], pieces: list[Piece]) -> list[Piece]:
    """Words of another language with blanks around them."""
    if pieces and pieces[-1].text not in _OPENING:
        _blank(pieces)
    return [*read[:-1], Piece(read[-1].text, read[-1].phonemes, blank=True)] if read else []


def _between(part: str, pieces: list[Piece]) -> list[Piece]:
    """Marks, and the blanks where they stand."""
    found: list[Piece] = []
    for token in _OTHER.split(part):
        if token.isspace():
            _blank(found or pieces)
        elif token:
            found.append(Piece(token, token if token in _PUNCTUATION else ""))
    return found


def _blank(pieces: list[Piece]) -> None:
    if pieces:
        pieces[-1] = Piece(pieces[-1].text, pieces[-1].phonemes, blank=True)
