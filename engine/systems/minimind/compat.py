"""The option ``compat``: text as the reference takes it. docs/systems/minimind.md#the-references-front-end

English loses all but ASCII letters, digits and a few marks. A text is spoken in one piece.
"""

import re
from collections.abc import Iterator, Sequence

from engine.errors import TextError
from engine.request import Segment
from engine.systems.minimind.text import PreparedSegment, prepared, spaced, written_in
from engine.systems.minimind.vocabulary import Vocabulary
from engine.text.normalize_zh import normalize_zh

MAX_CHARS = 2000
_UNKNOWN = re.compile(r"[^A-Za-z0-9!'\"(),\-.:;? ]")
_CHINESE = re.compile("[\u3400-\u9fff]")


class FrontEnd:
    """The counterpart of `text.FrontEnd`."""

    def __init__(self, vocabulary: Vocabulary, *, normalizes: bool) -> None:
        self._vocabulary, self._normalizes = vocabulary, normalizes

    def segments(self, text: str, language: str) -> list[Segment]:
        """The text as it is. Raises TextError when it has more than MAX_CHARS."""
        if len(text) > MAX_CHARS:
            raise TextError(
                "the text has {count:,} characters; compat speaks it in one piece, of at most {max_chars:,}, "
                "so cut it or leave compat off",
                count=len(text),
                max_chars=MAX_CHARS,
            )
        return [Segment(text=text, language=language or "en")]

    def prepared(self, segments: Sequence[Segment]) -> Iterator[PreparedSegment]:
        """Each segment."""
        for segment in segments:
            written = normalized(segment.text, segment.language) if self._normalizes else segment.text
            yield prepared(written, self._vocabulary.read(written, segment.language))

    def transcript(self, text: str) -> tuple[int, ...]:
        """The ids of what is said in a recording."""
        language = written_in(text, self._vocabulary.languages)
        return self._vocabulary.read(normalized(text, language) if self._normalizes else text, language).ids


def normalized(text: str, language: str = "") -> str:
    """A text as the reference's data preparation writes it: Chinese by its rules, Japanese as it is, else as English.

    The reference's Chinese package is not part of what was released; ours stands in its place.
    """
    if language.startswith("ja"):
        return text
    is_chinese = language.startswith("zh") or _CHINESE.search(text)
    return normalize_zh(text) if is_chinese else normalized_english(text)


def normalized_english(text: str) -> str:
    """English as the reference writes it; an unknown character is a blank each."""
    return _UNKNOWN.sub(" ", spaced(text)).strip()
