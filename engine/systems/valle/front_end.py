"""The front end of a checkpoint: ours, or under ``compat`` the reference's, and its notices. Imports no torch."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from engine.errors import TextError
from engine.events import Notice
from engine.message import Message, quoted
from engine.request import Segment
from engine.systems.valle import compat, text
from engine.systems.valle.symbols import ESPEAK, SymbolTable, locate_table, read_table
from engine.systems.valle.text import PreparedSegment, Prompted

if TYPE_CHECKING:
    from engine.systems.valle.options import Options


def front_end(checkpoint: Path | None) -> "ValleFrontEnd":
    """The front end of a checkpoint, from its table of symbols; for None, as no checkpoint is published, English's.

    Raises WeightsMissing and ConfigError.
    """
    return ValleFrontEnd(read_table(locate_table(checkpoint)) if checkpoint else None)


class ValleFrontEnd:
    """Text to symbols for one checkpoint, as the options of a request want it."""

    def __init__(self, table: SymbolTable | None) -> None:
        self.table = table

    @property
    def languages(self) -> tuple[str, ...]:
        """English where the symbols are phonemes, Chinese where they are pinyin."""
        return ("en",) if self.table is None or self.table.extractor == ESPEAK else ("zh",)

    def segment(self, text: str, language: str, options: "Options") -> list[Segment]:
        """The text by sentences and clauses; under ``compat`` as it is. Raises TextError."""
        if not text.strip():
            raise TextError("the text is empty; there is nothing to say")
        return self._kind(options).segments(text, language)

    def read(self, segments: Sequence[Segment], options: "Options") -> Iterator[PreparedSegment | Notice]:
        """Each segment when its turn comes, and before it a Notice of what is left out, each character once.

        Raises TextError when no symbol of the whole text is known, and under ``compat``, at once, when one is not.
        """
        reported: set[str] = set()
        silent = True
        for prepared in self._kind(options).prepared(segments):
            if new := [character for character in prepared.left_out if character not in reported]:
                reported.update(new)
                yield Notice(
                    message=Message("left out, because the model cannot say it: {characters}", characters=quoted(new))
                )
            silent = silent and not any(any(map(str.isalpha, symbol)) for symbol in prepared.symbols)
            yield prepared
        if silent:
            raise TextError("the model has no symbol for any character of this text")

    def together(self, prompt: str, segment: Segment, said: PreparedSegment, options: "Options") -> Prompted:
        """The ids of a segment behind the text of the prompt, "" for none. Raises TextError."""
        return self._kind(options).together(prompt, segment.text, said)

    def whole(self, said: Sequence[PreparedSegment], options: "Options") -> tuple[int, ...]:
        """The ids of all segments in a row: what is said in a recording that is to be continued. Raises TextError."""
        return self._kind(options).whole(said)

    def caveats(self, _options: "Options") -> tuple[str, ...]:
        """Nothing: what is read is what is said."""
        return ()

    def _kind(self, options: "Options") -> text.FrontEnd | compat.FrontEnd:
        return compat.FrontEnd(self.table) if options.compat else text.FrontEnd(self.table)
