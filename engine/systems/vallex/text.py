"""Our front end: text of three languages cut into sentences, put in words, and each stretch read in its own language.

docs/systems/vallex.md#our-front-end
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from engine.errors import TextError
from engine.request import Segment
from engine.system import Reading
from engine.systems.vallex.reading import READERS, Said
from engine.systems.vallex.symbols import Encoded, closed, encode
from engine.text.segment import SENTENCE_PAUSE_S, hurried
from engine.text.spoken import segments as cut
from engine.text.stretches import runs

# With a prompt of some seconds before it, a piece stays within the 22 seconds that the model has heard at once.
MAX_CHARS, FIRST_MAX_CHARS = 160, 100


@dataclass(frozen=True, slots=True, kw_only=True)
class PreparedSegment(Reading):
    """A segment as it is read: the ``ids`` (n,) of its symbols, and in which of the ``languages`` each is spoken."""

    ids: tuple[int, ...]
    languages: tuple[str, ...]


class FrontEnd:
    """A text by sentences and clauses, each closed by a mark; what cannot be spoken is left out and reported."""

    def segments(self, text: str, language: str) -> list[Segment]:
        """The pieces of a text, in words, each in the language that it has most of. Raises TextError.

        Chinese characters alone are of ``language`` where it is zh or ja, else as the text around them tells. Tags
        such as [JA]…[JA] say it of what is between them.
        """
        segments = cut(text, language, max_chars=MAX_CHARS, first_max_chars=FIRST_MAX_CHARS)
        if not segments:
            raise TextError("the text has no letters and no digits; there is nothing to say")
        return hurried(segments)

    def prepared(self, segments: Sequence[Segment]) -> Iterator[PreparedSegment]:
        """Each segment, read only when its turn comes: the first sound waits for no other. Raises EngineError."""
        for index, segment in enumerate(segments):
            ends = index == len(segments) - 1 or segment.pause_s >= SENTENCE_PAUSE_S
            said = read(segment.text, segment.language)
            encoded = spelled(said.parts, "." if ends else ",")
            yield PreparedSegment(
                text=segment.text,
                phonemes=encoded.symbols,
                left_out=tuple(dict.fromkeys((*said.left_out, *encoded.unknown))),
                ids=encoded.ids,
                languages=encoded.languages,
            )


@dataclass(frozen=True, slots=True)
class ReadText:
    """What a text sounds like: ``parts``, pairs of a language and IPA, and the characters that are ``left_out``."""

    parts: tuple[tuple[str, str], ...]
    left_out: tuple[str, ...]


def read(text: str, language: str) -> ReadText:
    """How a text in words is pronounced, each run of letters in its language. Raises EngineError."""
    parts: list[tuple[str, str]] = []
    left_out: dict[str, None] = {}
    for spoken, run in runs(text, language):
        said: Said = READERS[spoken](run)
        left_out |= dict.fromkeys(said.left_out)
        if said.ipa:
            parts.append((spoken, said.ipa))
    return ReadText(tuple(parts), tuple(left_out))


def spelled(parts: Sequence[tuple[str, str]], mark: str) -> Encoded:
    """IPA of several languages in a row as symbols, one mark where there are many, and ``mark`` at the end."""
    joined: list[tuple[str, str]] = []
    for language, ipa in parts:
        gap = " " if joined and not ipa.startswith((",", ".", "!", "?", "…")) else ""
        joined.append((language, gap + ipa))
    if joined:
        language, ipa = joined[-1]
        joined[-1] = (language, closed(_CLAUSE_AT_END.sub("", ipa) if mark == "." else ipa, mark))
    return encode(joined)


_CLAUSE_AT_END = re.compile(r"[,\s]+$")
