"""The front end: ours, or under ``compat`` the reference's, and its notices. Imports no torch."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from engine.errors import TextError, WeightsMissing
from engine.events import Notice
from engine.message import Message, quoted
from engine.request import Segment
from engine.systems.vallex import compat, text
from engine.systems.vallex.symbols import IDS, LANGUAGES, SYMBOLS
from engine.systems.vallex.text import PreparedSegment

if TYPE_CHECKING:
    from engine.systems.vallex.options import Options


def front_end(checkpoint: Path | None) -> "VallexFrontEnd":
    """The front end, the same for all checkpoints: their symbols are the published ones. Raises WeightsMissing."""
    if checkpoint is not None and not checkpoint.exists():
        raise WeightsMissing(
            "there is no checkpoint {checkpoint}; name a folder with vallex-checkpoint.pt", checkpoint=checkpoint
        )
    return VallexFrontEnd()


class VallexFrontEnd:
    """Text to ids, as the options of a request want it."""

    @property
    def languages(self) -> tuple[str, ...]:
        """Those that the model has embeddings for."""
        return LANGUAGES

    def segment(self, text: str, language: str, options: "Options") -> list[Segment]:
        """The text by sentences; under ``compat`` as the reference cuts it. Raises TextError."""
        if not text.strip():
            raise TextError("the text is empty; there is nothing to say")
        return self._kind(options).segments(text, language)

    def read(self, segments: Sequence[Segment], options: "Options") -> Iterator[PreparedSegment | Notice]:
        """Each segment when its turn comes, and before it a Notice of what is left out, each character once.

        Raises TextError when nothing of the whole text can be spoken, under ``compat`` of any segment; EngineError
        when the package of a language is missing.
        """
        reported: set[str] = set()
        silent = True
        for prepared in self._kind(options).prepared(segments):
            if new := [character for character in prepared.left_out if character not in reported]:
                reported.update(new)
                yield Notice(
                    message=Message("left out, because the model cannot say it: {characters}", characters=quoted(new))
                )
            silent = silent and not any(SYMBOLS[number].isalpha() for number in prepared.ids)
            yield prepared
        if silent and not options.compat:
            raise TextError("the model cannot say any character of this text; it speaks English, Chinese and Japanese")

    def transcript(self, text: str, language: str, options: "Options") -> PreparedSegment:
        """What is said in a recording, all of it in one, however long it is. Raises TextError and EngineError."""
        segments = self.segment(text, language, options)
        read = [each for each in self.read(segments, options) if isinstance(each, PreparedSegment)]
        ids: list[int] = []
        languages: list[str] = []
        for each in read:
            if ids:
                ids.append(IDS["_"])
                languages.append(languages[-1])
            ids += each.ids
            languages += each.languages
        return PreparedSegment(
            text=" ".join(each.text for each in read),
            phonemes="_".join(each.phonemes or "" for each in read),
            left_out=tuple(dict.fromkeys(character for each in read for character in each.left_out)),
            ids=tuple(ids),
            languages=tuple(languages),
        )

    def caveats(self, _options: "Options") -> tuple[str, ...]:
        """Nothing: what is read is what is said."""
        return ()

    def _kind(self, options: "Options") -> text.FrontEnd | compat.FrontEnd:
        return compat.FrontEnd() if options.compat else text.FrontEnd()
