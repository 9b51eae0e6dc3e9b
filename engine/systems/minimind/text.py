"""Our front end: a text in words, by sentences and clauses, as the ids that a model was trained with."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from engine.errors import TextError
from engine.request import Segment
from engine.system import Reading
from engine.systems.minimind.vocabulary import CL100K, PHONEMES, Read, Vocabulary
from engine.text.initials import spell_initials
from engine.text.normalize import normalize
from engine.text.script import survey
from engine.text.segment import SENTENCE_PAUSE_S, split

# Models have heard ten to fifteen seconds at once; more than they have positions for could not be spoken either.
MAX_CHARS = 160

# How transcripts for cl100k were written: half-width marks with a blank on either side, and no quotation marks.
_MARKS = str.maketrans("，；。！？“”‘’（）", ",;.!?\"\"''()")
_SPACED = tuple(
    (re.compile(pattern), mark)
    for pattern, mark in (
        ('"', ""),
        (r"'\s+", " "),
        (r"\s+'", " "),
        (r"\s*\.+\s*", " . "),
        (r"\s*!+\s*", " ! "),
        (r"\s*\?+\s*", " ? "),
        (r"\s*-{2,}\s*", " , "),
        (r"\s+-", " , "),
        (r"-\s+", " , "),
        (r"\s*,\s*", " , "),
        (r"\s*;\s*", " ; "),
        (r"[()]", " "),
        (r"\s*/\s*", " "),
        (r"\s+", " "),
    )
)
_CHINESE = re.compile("[\u3400-\u9fff]")


@dataclass(frozen=True, slots=True, kw_only=True)
class PreparedSegment(Reading):
    """A segment as it is read: its ``ids``."""

    ids: tuple[int, ...]


class FrontEnd:
    """A text by sentences and clauses; what cannot be spoken is left out and reported."""

    def __init__(self, vocabulary: Vocabulary, *, normalizes: bool) -> None:
        self._vocabulary, self._normalizes = vocabulary, normalizes

    def segments(self, text: str, language: str) -> list[Segment]:
        """The pieces of a text. Raises TextError when there is nothing to say in it."""
        language = language or self._vocabulary.languages[0]
        said = normalize(text, language, contractions=False) if self._normalizes else text
        if self._normalizes and self._vocabulary.kind == PHONEMES:
            said = spell_initials(said)
        segments = split(said, language, max_chars=MAX_CHARS, first_max_chars=MAX_CHARS)
        if not segments:
            raise TextError("the text has no letters and no digits; there is nothing to say")
        return segments

    def prepared(self, segments: Sequence[Segment]) -> Iterator[PreparedSegment]:
        """Each segment, read only when its turn comes, so that the first sound waits for no other."""
        for index, segment in enumerate(segments):
            ends = index == len(segments) - 1 or segment.pause_s >= SENTENCE_PAUSE_S
            yield prepared(segment.text, self._read(segment, ends=ends))

    def transcript(self, text: str) -> tuple[int, ...]:
        """The ids of what is said in a recording."""
        if not text.strip():
            return ()
        language = written_in(text, self._vocabulary.languages)
        return tuple(index for each in self.prepared(self.segments(text, language)) for index in each.ids)

    def _read(self, segment: Segment, *, ends: bool) -> Read:
        text = written = segment.text
        if self._normalizes and self._vocabulary.kind == CL100K and not _CHINESE.search(text):
            written = spaced(text).strip()
        return self._vocabulary.read(written, segment.language, ends=ends)


def prepared(text: str, read: Read) -> PreparedSegment:
    """A segment of which so much is known."""
    return PreparedSegment(text=text, phonemes=read.phonemes, left_out=read.left_out, ids=read.ids)


def written_in(text: str, languages: Sequence[str]) -> str:
    """Which of ``languages`` most of ``text`` is in; the first where it is in none of them."""
    found = (part.language for part in survey(text) if part.language in languages)
    return next(found, languages[0])


def spaced(text: str) -> str:
    """English with its marks as the transcripts have them that models were trained with."""
    text = text.translate(_MARKS)
    for pattern, mark in _SPACED:
        text = pattern.sub(mark, text)
    return text
