"""How a model of transformers' layout reads text: in the words of its language, then by its tokenizer.

docs/systems/vits.md#mms-tts. Imports no torch.
"""

import dataclasses
from collections.abc import Iterator, Sequence

from engine.errors import TextError
from engine.message import quoted
from engine.request import Segment
from engine.systems.vits.compat import in_one_piece
from engine.systems.vits.layouts.transformers.tokenizer import Tokenizer, TokenizerConfig
from engine.systems.vits.options import Options
from engine.systems.vits.text import Encoded, split_phonemes
from engine.text import spoken
from engine.text.language_names import tag_of
from engine.text.numerals import numbers_in_words
from engine.text.sanitize import ascii_digits
from engine.text.segment import SENTENCE_PAUSE_S, split


class TokenizedReader:
    """The reader of a vocabulary and a tokenizer's configuration."""

    def __init__(self, config: TokenizerConfig) -> None:
        self.encoder = Tokenizer(config)
        self._language = tag_of(config.language)

    @property
    def languages(self) -> tuple[str, ...]:
        """The language of the tokenizer."""
        return (self._language,) if self._language else ()

    def check(self) -> None:
        """Nothing: whatever text it is, the vocabulary says what of it is read."""

    def pieces(self, options: Options) -> "Pieces | CompatPieces":
        """Ours, or the reference's."""
        if options.compat:
            return CompatPieces(self.encoder, cleaned=options.cleaned)
        return Pieces(self.encoder, self._language, cleaned=options.cleaned)

    def trial(self) -> Encoded | None:
        """None: such voices differ little in level."""
        return None

    def warm_up(self) -> None:
        """Read a letter of another script, which is what takes time. Raises EngineError."""
        self.encoder.prepare("α")


class Pieces:
    """A text by sentences and clauses, in words; what cannot be spoken is left out and reported.

    ``cleaned`` says that the text is in the model's own characters already.
    """

    def __init__(self, tokenizer: Tokenizer, language: str, *, cleaned: bool) -> None:
        self._tokenizer, self._language, self._cleaned = tokenizer, language, cleaned

    def segments(self, text: str, language: str) -> list[Segment]:
        """The pieces of a text that is not empty. Raises TextError when there is nothing to say in it.

        A model speaks the language that it was trained on, whatever is asked for.
        """
        language = self._language or language
        if self._cleaned:
            return split_phonemes(" ".join(text.split()), language)
        if language not in spoken.RULES:
            text = numbers_in_words(ascii_digits(text), language)
        segments = spoken.segments(text, language, (language,)) if language else split(text, language)
        if not segments:
            raise TextError("the text has no letters and no digits; there is nothing to say")
        return segments

    def encoded(self, segments: Sequence[Segment]) -> Iterator[Encoded]:
        """The ids of each segment, read only when its turn comes."""
        for index, segment in enumerate(segments):
            if self._cleaned:
                yield self._tokenizer.encode(segment.text)
                continue
            ends = index == len(segments) - 1 or segment.pause_s >= SENTENCE_PAUSE_S
            text = self._tokenizer.close(self._tokenizer.prepare(segment.text), "." if ends else ",")
            yield self._tokenizer.encode(self._tokenizer.fitted(text))


class CompatPieces:
    """The whole text at once, as the reference's tokenizer has it."""

    def __init__(self, tokenizer: Tokenizer, *, cleaned: bool) -> None:
        self._tokenizer, self._cleaned = tokenizer, cleaned

    def segments(self, text: str, language: str) -> list[Segment]:
        """The text as it is. Raises TextError when it is longer than MAX_CHARS."""
        return in_one_piece(text, language)

    def encoded(self, segments: Sequence[Segment]) -> Iterator[Encoded]:
        """The ids of each segment. Raises TextError before the first on a character that only ours leaves out."""
        texts = [segment.text if self._cleaned else self._tokenizer.prepare(segment.text) for segment in segments]
        items = [self._tokenizer.encode(text) for text in texts]
        unknown = list(dict.fromkeys(symbol for item in items for symbol in (*item.unknown, *item.silent)))
        if unknown and not self._tokenizer.leaves_out:
            raise TextError(
                "the model has no symbols for {unknown}; without compat they are left out", unknown=quoted(unknown)
            )
        yield from (dataclasses.replace(item, spoken=len(item.symbols)) for item in items)
