"""The few marks that models of several languages have, and which of them all others are: commas, stops, pauses."""

import re
import unicodedata

from engine.text.sanitize import is_spoken

_MARKS = {
    **dict.fromkeys("、，；：;:‧（）()[]【】《》〈〉〔〕{}—–―－・|/", ","), **dict.fromkeys("。．｡.।॥", "."),
    **dict.fromkeys("！!¡", "!"), **dict.fromkeys("？?¿", "?"), "〜": "~", "～": "~", "~": "~", "…": "…", ",": ",",
}  # fmt: skip
_SILENT = frozenset("\"'“”‘’‚„`´«»‹›＂＇′″「」『』-‐‑_*")
_DOTS = re.compile(r"\.{2,}|。{2,}|…{2,}")
_RUN = re.compile(r" ?[,.!?…~][,.!?…~ ]*")
# From the weakest on.
_STRENGTH = ",~….!?"


def says(sign: str) -> bool:
    """Whether a character says something by itself, as modifiers (accents, apostrophes, tones of skin) do not."""
    return is_spoken(sign) and unicodedata.category(sign) not in ("Lm", "Sk")


def between_words(text: str) -> tuple[str, list[str]]:
    """What stands between words as ``,.!?…~`` and spaces, and the characters of it that should be said and are not."""
    marks = "".join(_MARKS.get(sign, " " if sign.isspace() or sign in "-‐‑_" else "") for sign in _DOTS.sub("…", text))
    return marks, [sign for sign in text if says(sign) and sign not in _MARKS and sign not in _SILENT]


def single(said: str) -> str:
    """Of marks in a row the strongest, behind the word, and none at the beginning; single spaces between words."""

    def strongest(match: re.Match[str]) -> str:
        marks = match[0].replace(" ", "")
        return max(marks, key=_STRENGTH.index) + (" " if match.end() < len(said) else "")

    said = " ".join(said.split())
    return _RUN.sub(strongest, said).lstrip(",.!?…~ ")


def simple(text: str, letters: re.Pattern[str]) -> tuple[str, tuple[str, ...]]:
    """``text`` with single simple marks between runs of ``letters``, and what of it is left out, each once."""
    said, unread, at = "", [], 0
    for match in letters.finditer(text):
        marks, lost = between_words(text[at : match.start()])
        said += marks + match[0]
        unread += lost
        at = match.end()
    marks, lost = between_words(text[at:])
    return single(said + marks), tuple(dict.fromkeys((*unread, *lost)))
