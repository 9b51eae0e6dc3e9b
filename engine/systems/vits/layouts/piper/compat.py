"""The option ``compat``: text as Piper takes it, and symbols as they are. docs/systems/vits.md#piper-voices."""

from collections.abc import Iterator, Sequence
from typing import Protocol

from engine.errors import TextError
from engine.request import Segment
from engine.systems.vits.layouts.piper.sentences import Sentence
from engine.systems.vits.text import Encoded
from engine.text.segment import SENTENCE_PAUSE_S

# A sentence is decoded only when all of it has been through the text encoder, which nothing can interrupt.
MAX_CHARS = 2000


class Encoder(Protocol):
    """Symbols to ids."""

    def encode(self, text: str) -> Encoded:
        """The ids of a text in the voice's symbols; what has none is left out."""

    def fit(self, symbols: str, mark: str) -> str:
        """``symbols`` as the voice knows them, with ``mark`` behind them."""


class Reader(Protocol):
    """What `PiperText` and `text.OurText` know of a voice."""

    @property
    def encoder(self) -> Encoder:
        """Its symbols and ids."""

    @property
    def language(self) -> str:
        """The code of its language, or ""."""

    def sentences(self, text: str) -> list[Sentence]:
        """The sentences of a text as Piper has them."""

    def unread(self, text: str) -> tuple[str, ...]:
        """What of a text is passed over without a word."""


class PiperText:
    """Nothing is put in words before espeak hears it, and it says where sentences end."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader

    def segments(self, text: str, _language: str) -> list[Segment]:
        """The sentences. Raises TextError when there are none, and for one that is too long."""
        found = self._reader.sentences(text)
        if not found:
            raise TextError("the text has no letters and no digits; there is nothing to say")
        longest = max(len(each.text) for each in found)
        if longest > MAX_CHARS:
            raise TextError(
                "a sentence of the text has {count:,} characters; compat speaks it in one piece, of at most "
                "{max_chars:,}, so cut it or leave compat off",
                count=longest,
                max_chars=MAX_CHARS,
            )
        *others, last = (Segment(text=each.text.strip(), language=self._reader.language) for each in found)
        paused = (Segment(text=each.text.strip(), language=each.language, pause_s=SENTENCE_PAUSE_S) for each in others)
        return [*paused, last]

    def encoded(self, segments: Sequence[Segment]) -> Iterator[Encoded]:
        """The ids of each; what the voice has no symbol for is left out, as Piper does it."""
        for segment in segments:
            said = self._reader.sentences(segment.text)
            yield self._reader.encoder.encode("".join(each.symbols for each in said))
