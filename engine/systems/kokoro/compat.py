"""The reference's own behaviour: all that the option ``compat`` does.

docs/systems/kokoro.md#faults-only-under-compat
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from engine.errors import TextError
from engine.request import Segment
from engine.systems.kokoro.languages import Language, of_tag
from engine.systems.kokoro.phonemes import Phonemes, phonemize
from engine.systems.kokoro.text import MOST_PHONEMES, PreparedSegment, as_written, encode, part

MAX_CHARS = 10_000
# Characters of text in one piece of any language but English, behind whose ends it is cut.
MOST_TEXT = 400
_END = re.compile(r"[.!?]+")
# Behind which marks English phonemes are cut, the first kind that is there.
_CUTS = ("!.?…", ":;", ",—")
_FOLLOWING = ")”"
_TOKEN = re.compile(r"\s+|[;:,.!?—…\"“”()]|[^\s;:,.!?—…\"“”()]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class FrontEnd:
    """The reference's front end, used as `text.FrontEnd` is.

    Text is read as it stands. Of languages other than English only the ends of Latin script are known, and what a piece
    has beyond 510 phonemes is lost.
    """

    vocabulary: Mapping[str, int]
    languages: Sequence[str]
    cleaned: bool = False

    def segment(self, text: str, language: str) -> list[Segment]:
        """The text by lines; of languages other than English in pieces. Raises TextError."""
        if not text.strip():
            raise TextError("the text is empty; there is nothing to say")
        if len(text) > MAX_CHARS:
            raise TextError(
                "the text has {count:,} characters; compat speaks at most {max_chars:,}, so cut it",
                count=len(text),
                max_chars=MAX_CHARS,
            )
        spoken = of_tag(language)
        if self.cleaned:
            return [Segment(text=text.strip(), language=spoken.tag)]
        lines = [line.strip() for line in text.split("\n") if line.strip()]
        pieces = lines if spoken.code == "en" else [piece for line in lines for piece in _pieces(line)]
        return [Segment(text=piece, language=spoken.tag) for piece in pieces]

    def prepared(self, segments: Sequence[Segment]) -> Iterator[PreparedSegment]:
        """Each segment when its turn comes. Raises TextError for phonemes beyond what is read at once."""
        for segment in segments:
            language = of_tag(segment.language)
            phonemes = self._phonemes(segment.text, language)
            spans = list(_spans(phonemes.string)) if language.code == "en" else [(0, len(phonemes.string))]
            pieces = tuple(
                encode(part(phonemes, start, min(end, start + MOST_PHONEMES)), self.vocabulary) for start, end in spans
            )
            lost = sum(max(end - start - MOST_PHONEMES, 0) for start, end in spans)
            yield PreparedSegment(
                text=segment.text,
                phonemes=" ".join(piece.symbols for piece in pieces),
                left_out=(*phonemes.left_out, *dict.fromkeys(phonemes.string[-lost:] if lost else "")),
                language=language,
                pieces=pieces,
            )

    def _phonemes(self, text: str, language: Language) -> Phonemes:
        if not self.cleaned:
            return phonemize(text, language.letter, frozenset(self.vocabulary), published=True)
        if len(text) > MOST_PHONEMES:
            raise TextError(
                "the text has {count} phonemes, and the model reads {most} at once; cut it, or leave compat off, which "
                "does so",
                count=len(text),
                most=MOST_PHONEMES,
            )
        return as_written(text, self.vocabulary)


def _pieces(text: str) -> Iterator[str]:
    """Text of at most MOST_TEXT characters each, cut behind ends of sentences, and where the limit falls."""
    pending = ""
    ends = [*(match.end() for match in _END.finditer(text)), len(text)]
    for start, end in pairwise([0, *ends]):
        sentence = text[start:end]
        if pending and len(pending) + len(sentence) > MOST_TEXT:
            yield pending.strip()
            pending = ""
        pending += sentence
        while len(pending) > MOST_TEXT:
            yield pending[:MOST_TEXT].strip()
            pending = pending[MOST_TEXT:]
    if pending.strip():
        yield pending.strip()


def _spans(phonemes: str) -> Iterator[tuple[int, int]]:
    """Where pieces of English phonemes begin and end: collected word by word, cut at a mark before they overflow."""
    tokens = [match.span() for match in _TOKEN.finditer(phonemes)]
    begin = 0
    for _, end in tokens:
        while end - begin > MOST_PHONEMES:
            at = _cut(phonemes, begin, end)
            yield begin, begin + len(phonemes[begin:at].rstrip())
            begin = at + len(phonemes[at:end]) - len(phonemes[at:end].lstrip())
    yield begin, len(phonemes.rstrip())


def _cut(phonemes: str, begin: int, end: int) -> int:
    """Behind the last mark of the first kind that leaves little enough; else where the limit falls."""
    limit = begin + MOST_PHONEMES
    for marks in _CUTS:
        at = max(phonemes.rfind(mark, begin, limit) for mark in marks) + 1
        while 0 < at < limit and phonemes[at] in _FOLLOWING:
            at += 1
        if at > begin and end - at <= MOST_PHONEMES:
            return at
    blank = phonemes.rfind(" ", begin + 1, limit)
    return blank if blank > begin else limit
