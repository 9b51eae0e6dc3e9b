"""The front end of a checkpoint: ours, or under ``compat`` the reference's, and its notices. Imports no torch."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from engine.errors import TextError
from engine.events import Notice
from engine.message import Message, quoted
from engine.options import called
from engine.request import Segment
from engine.system import Reading
from engine.systems.vits import layouts
from engine.systems.vits.config import TextConfig, symbol_tables
from engine.systems.vits.options import Options
from engine.systems.vits.reader import Encoder, Reader, SymbolReader
from engine.systems.vits.text import Encoded

# What nearly every public English checkpoint reads.
PUBLISHED = TextConfig(symbols=symbol_tables()["english"], cleaners=("english_cleaners2",), add_blank=True)


def front_end(checkpoint: Path | None) -> "VitsFrontEnd":
    """The front end of a checkpoint, from its configuration and the head of its weights; None: a published one's.

    Raises WeightsMissing, WeightsMismatch and ConfigError.
    """
    if checkpoint is None:
        return VitsFrontEnd(SymbolReader(PUBLISHED))
    layout, files = layouts.find(checkpoint)
    return VitsFrontEnd(layout.reader(files))


@dataclass(frozen=True, slots=True, kw_only=True)
class PreparedSegment(Reading):
    """A segment as it is read, with the ids that are spoken."""

    encoded: Encoded


class VitsFrontEnd:
    """Text to ids for one checkpoint, as the options of a request want it."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader

    @property
    def encoder(self) -> Encoder:
        """What looks symbols up."""
        return self._reader.encoder

    @property
    def languages(self) -> tuple[str, ...]:
        """Those of the checkpoint; empty where nobody knows."""
        return self._reader.languages

    def warm_up(self) -> None:
        """Read something, since the first time is slow. Raises EngineError."""
        self._reader.warm_up()

    def trial(self) -> Encoded | None:
        """What is spoken to learn how loud a voice is; None where its level is left as it is."""
        return self._reader.trial()

    def segment(self, text: str, language: str, options: Options) -> list[Segment]:
        """The text by sentences and clauses; under ``compat`` as it is. Raises TextError and ConfigError."""
        if not text.strip():
            raise TextError("the text is empty; there is nothing to say")
        if not options.cleaned:
            self._reader.check()
        return self._reader.pieces(options).segments(text, language)

    def read(self, segments: Sequence[Segment], options: Options) -> Iterator[PreparedSegment | Notice]:
        """Each segment when its turn comes, and before it a Notice of what is left out, each character once.

        Raises TextError when no symbol of the whole text is known, and under ``compat``, at once, when one is not.
        """
        reported: set[str] = set()
        silent = True
        for segment, encoded in zip(segments, self._reader.pieces(options).encoded(segments), strict=True):
            yield from _left_out(encoded, reported)
            silent = silent and not encoded.spoken
            yield PreparedSegment(
                text=segment.text,
                phonemes=encoded.symbols,
                left_out=(*encoded.unread, *encoded.unknown, *encoded.silent),
                encoded=encoded,
            )
        if silent:
            if options.cleaned:
                raise TextError(
                    "the model has no symbol for any character of this text; with {option} on, it must be in the "
                    "model's own symbols",
                    option=called(Options, "cleaned"),
                )
            raise TextError("the model has no symbol for any character of this text")

    def caveats(self, _options: Options) -> tuple[str, ...]:
        """Nothing: what is read is what is said."""
        return ()


def _left_out(encoded: Encoded, reported: set[str]) -> Iterator[Notice]:
    """What is left out of a segment, by why, but for what is ``reported`` already."""
    if unread := [character for character in encoded.unread if character not in reported]:
        reported.update(unread)
        message = Message(
            "left out, because the language has no words for them: {characters}", characters=quoted(unread)
        )
        yield Notice(message=message)
    if unknown := [character for character in encoded.unknown if character not in reported]:
        reported.update(unknown)
        message = Message(
            "left out, because the model has no symbols for them: {characters}", characters=quoted(unknown)
        )
        yield Notice(message=message)
