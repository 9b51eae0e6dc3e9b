"""Our front end for cleaners of other languages than English alone: docs/systems/vits.md#ours-in-other-languages

Numbers and signs in words by the rules of each language, sentences one by one, marks as far as the model has any, and
in cleaners of several languages the tags, which show in nothing but the sound.
"""

import dataclasses
import re
from collections.abc import Iterator, Mapping, Sequence

from engine.errors import TextError
from engine.request import Segment
from engine.systems.vits import cleaners
from engine.systems.vits.cleaners.mixed import Mixed, ended
from engine.systems.vits.text import Encoded, SymbolEncoder
from engine.text import marks, spoken
from engine.text.devanagari import DANDA
from engine.text.en.dictionary import WORD, plain
from engine.text.ja.open_jtalk import is_mute
from engine.text.segment import SENTENCE_PAUSE_S
from engine.text.stretches import runs

_HAN = "\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_HAN_SIGN = re.compile(f"[{_HAN}]")
# What cleaners read; all else between these is a mark, or left out.
_LETTERS: Mapping[str, re.Pattern[str]] = {
    "en": WORD,
    "zh": re.compile(f"[A-Za-z{_HAN}\u3105-\u312f]+"),
    "ja": re.compile("[A-Za-z0-9\u3005\u3040-\u30fa\u30fc-\u30ff\u4e00-\u9fff]+"),
    "ko": re.compile("[A-Za-z\u3131-\u3163\uac00-\ud7a3]+"),
    "sa": re.compile("[\u0900-\u0963\u0970-\u097f]+"),
    "th": re.compile("[A-Za-z\u0e01-\u0e7f]+"),
}
# What stands for a mark that the model lacks, the nearest first; where it has none of them, nothing does.
_INSTEAD = {
    ",": ("，", " "), ".": ("。", "।", " "), "!": ("！", ".", "。", "।"), "?": ("？", ".", "。", "।"),
    "…": ("...", ".", "。", "।"), "~": (), "-": (" ",), "—": ("-", " "),
}  # fmt: skip
_MARKS = f",.!?…~{DANDA}"
# Cleaners set Chinese words apart whether they are or not, and two marks may have become one.
_TWICE = re.compile("([ 。।，])\\1+")


class FrontEnd:
    """A text by sentences and clauses, each closed by a mark; what cannot be spoken is left out and reported."""

    def __init__(self, encoder: SymbolEncoder) -> None:
        self._encoder = encoder
        names = encoder.config.cleaners
        self._languages = cleaners.languages(names)
        found = cleaners.find(names[0]) if len(names) == 1 else None
        self._mixed: Mixed | None = found.mixed if found else None

    def segments(self, text: str, language: str) -> list[Segment]:
        """The pieces of a text that is not empty, in words, each in its language.

        Chinese characters alone are of ``language``, where the checkpoint speaks it, else as the text around them
        tells. Tags such as [JA]…[JA] say it of what is between them. Raises TextError when there is nothing to say.
        """
        if not self._mixed:
            language = self._languages[0]
        code = language.lower().replace("_", "-").partition("-")[0]
        found = spoken.segments(text, code, self._languages if self._mixed else (language,))
        if not found:
            raise TextError("the text has no letters and no digits; there is nothing to say")
        return found

    def encoded(self, segments: Sequence[Segment]) -> Iterator[Encoded]:
        """The ids of each segment, read only when its turn comes, so that the first sound waits for no other.

        Raises EngineError where a package of its language is missing.
        """
        for index, segment in enumerate(segments):
            ends = index == len(segments) - 1 or segment.pause_s >= SENTENCE_PAUSE_S
            cleaned, unread = self._cleaned(segment, "." if ends else ",")
            yield dataclasses.replace(self._encoder.encode(self._fitting(cleaned)), unread=unread)

    def _cleaned(self, segment: Segment, mark: str) -> tuple[str, tuple[str, ...]]:
        """A segment in symbols, closed by ``mark`` if it ends in none, and the characters that are left out."""
        if not self._mixed:
            said, unread = readable(segment.text, segment.language)
            return self._encoder.clean(closed(said, DANDA if segment.language == "sa" else mark)), unread
        parts: list[tuple[str, str]] = []
        left_out: list[str] = []
        for language, run in runs(segment.text, segment.language, self._languages):
            said, unread = readable(run, language)
            left_out += unread
            if said:
                parts.append((language, said))
        if parts:
            language, said = parts[-1]
            parts[-1] = (language, closed(said, mark))
        said = " ".join(self._mixed.ours(said, language).strip() for language, said in parts)
        return ended(said) if said else "", tuple(dict.fromkeys(left_out))

    def _fitting(self, text: str) -> str:
        """``text`` with marks that the model has."""
        known = self._encoder.knows
        fits = "".join(
            sign if known(sign) or sign not in _INSTEAD else next(filter(known, _INSTEAD[sign]), "") for sign in text
        )
        return _TWICE.sub(r"\1", fits)


def readable(text: str, language: str) -> tuple[str, tuple[str, ...]]:
    """``text`` in words with the simple marks that cleaners know, and the characters that they have no sound for."""
    said, unread = marks.simple(plain(text), _LETTERS[language])
    if language == "sa":
        said = said.replace(".", DANDA)
    if language == "ja":
        silent = tuple(sign for sign in dict.fromkeys(said) if _HAN_SIGN.match(sign) and is_mute(sign))
        return said, (*unread, *silent)
    return said, unread


def closed(text: str, mark: str) -> str:
    """``text`` with ``mark`` behind it when it ends in none: without one, models slur the end.

    No sentence ends in a comma.
    """
    text = text if mark == "," else text.rstrip(", ")
    return text + mark if text and text[-1] not in _MARKS else text
