"""The option ``compat``: text as the reference takes it. All else is the same for both.

The text is one piece, whatever its length, nothing closes it, and a symbol that the model does not know is an error:
docs/systems/vits.md#text-and-symbols.
"""

import dataclasses
from collections.abc import Iterator, Sequence

from engine.errors import TextError
from engine.message import quoted
from engine.request import Segment
from engine.systems.vits.text import Encoded, SymbolEncoder

# One piece is decoded only when all of it has been through the text encoder, which nothing can interrupt.
MAX_CHARS = 2000


def in_one_piece(text: str, language: str) -> list[Segment]:
    """The text as it is. Raises TextError when it is longer than MAX_CHARS."""
    if len(text) > MAX_CHARS:
        raise TextError(
            "the text has {count:,} characters; compat speaks it in one piece, of at most {max_chars:,}, "
            "so cut it or leave compat off",
            count=len(text),
            max_chars=MAX_CHARS,
        )
    return [Segment(text=text, language=language)]


class FrontEnd:
    """The counterpart of `text.FrontEnd`."""

    def __init__(self, encoder: SymbolEncoder, *, cleaned: bool) -> None:
        self._encoder, self._cleaned = encoder, cleaned

    def segments(self, text: str, language: str) -> list[Segment]:
        """The text as it is. Raises TextError when it is longer than MAX_CHARS."""
        return in_one_piece(text, language)

    def encoded(self, segments: Sequence[Segment]) -> Iterator[Encoded]:
        """The ids of each segment, of punctuation alone too. Raises TextError before the first on an unknown symbol."""
        items = [self._encode(segment.text) for segment in segments]
        unknown = list(dict.fromkeys(symbol for item in items for symbol in item.unknown))
        if unknown:
            raise TextError(
                "the model has no symbols for {unknown}; without compat they are left out", unknown=quoted(unknown)
            )
        yield from items

    def _encode(self, text: str) -> Encoded:
        encoded = self._encoder.encode(text if self._cleaned else self._encoder.clean(text))
        unread = () if self._cleaned else self._encoder.unread(text)
        return dataclasses.replace(encoded, spoken=len(encoded.ids), unread=unread)
