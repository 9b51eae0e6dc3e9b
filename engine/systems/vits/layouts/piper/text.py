"""Our front end of these voices: text in words first, then sentence by sentence. docs/systems/vits.md#piper-voices."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from engine.errors import TextError
from engine.request import Segment
from engine.systems.vits.layouts.piper.compat import Encoder, Reader
from engine.systems.vits.layouts.piper.sentences import RAW, Sentence
from engine.systems.vits.text import Encoded, split_phonemes
from engine.text.normalize import normalize
from engine.text.segment import SENTENCE_PAUSE_S, split

# A sentence is spoken at once, but attention is quadratic in its symbols.
MOST_CHARS = 400
NORMALIZED = ("en", "zh")
# Stands for [[ phonemes ]] while the text around them is put in words: a letter of Vai, which no voice reads.
_HELD = "\ua500"
_ELLIPSIS = re.compile(r"\s*(?:…|\.{3,})+(?P<end>[\s\"'”’»)\]}]*$)?")
_MARKED = re.compile(r"[.?!,;:。！？，、；：।॥؟،؛۔][\s\"'”’»)\]}]*$")
_QUOTES = frozenset('"“”«»„()[]{}')


class OurText:
    """Sentences that end with a mark, as voices have learned them; what cannot be spoken is left out and reported."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader

    def segments(self, text: str, _language: str) -> list[Segment]:
        """One for each sentence, or several for a very long one. Raises TextError when there is nothing to say."""
        language = self._reader.language
        raw = iter(RAW.findall(text.replace(_HELD, " ")))
        text = RAW.sub(_HELD, text.replace(_HELD, " "))
        if language in NORMALIZED:
            # espeak knows contractions and spells initials, and voices have heard it do so.
            text = normalize(text, language, contractions=False)
        pieces = split(text, language, max_chars=MOST_CHARS, first_max_chars=MOST_CHARS, join_below=0)
        if not pieces:
            raise TextError("the text has no letters and no digits; there is nothing to say")
        return [replace(piece, text=re.sub(_HELD, lambda _: next(raw, ""), piece.text)) for piece in pieces]

    def encoded(self, segments: Sequence[Segment]) -> Iterator[Encoded]:
        """The ids of each segment, read only when its turn comes, so that the first sound waits for no other."""
        for index, segment in enumerate(segments):
            ends = index == len(segments) - 1 or segment.pause_s >= SENTENCE_PAUSE_S
            text = _ELLIPSIS.sub(lambda found: "," if found["end"] is None else f".{found['end']}", segment.text)
            # Without a mark at the end, voices garble what is short.
            mark = "" if _MARKED.search(text) else "." if ends else ","
            encoder = self._reader.encoder
            symbols = encoder.fit(_joined(text, self._reader.sentences(text)), mark)
            yield replace(encoder.encode(symbols), unread=self._reader.unread(segment.text))


def _joined(text: str, found: Sequence[Sentence]) -> str:
    """The symbols of what espeak took for several sentences, as the one that it is.

    It ends one behind every abbreviation; only within quotation marks and brackets is another full stop one.
    """
    abbreviated = _QUOTES.isdisjoint(text)
    said = [each.symbols.removesuffix(".") if abbreviated else each.symbols for each in found[:-1]]
    return " ".join([*said, *(each.symbols for each in found[-1:])])


class Symbols:
    """Text in the voice's own symbols, as it is; ``whole`` in one piece, otherwise cut where it is very long."""

    def __init__(self, encoder: Encoder, language: str, *, whole: bool) -> None:
        self._encoder, self._language, self._whole = encoder, language, whole

    def segments(self, text: str, _language: str) -> list[Segment]:
        """The pieces."""
        if self._whole:
            return [Segment(text=text, language=self._language)]
        return split_phonemes(" ".join(text.split()), self._language, most=MOST_CHARS)

    def encoded(self, segments: Sequence[Segment]) -> Iterator[Encoded]:
        """The ids of each."""
        return (self._encoder.encode(segment.text) for segment in segments)
