"""The front end of a checkpoint: ours, or under ``compat`` the reference's, and its notices. Imports no torch."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from engine import weights_header
from engine.errors import TextError, WeightsMismatch
from engine.events import Notice
from engine.message import Message, quoted
from engine.request import Segment
from engine.systems.minimind import compat, text
from engine.systems.minimind.files import locate
from engine.systems.minimind.text import PreparedSegment
from engine.systems.minimind.vocabulary import Cl100k, Vocabulary, of

if TYPE_CHECKING:
    from engine.systems.minimind.options import Options


def front_end(checkpoint: Path | None) -> "MiniMindFrontEnd":
    """The front end of a checkpoint, from its head and the JSON file beside it; for None that of the released code.

    Raises WeightsMissing, WeightsMismatch and ConfigError.
    """
    if checkpoint is None:
        return MiniMindFrontEnd(Cl100k())
    files = locate(checkpoint)
    table = next(
        (shape for key, shape in weights_header.shapes(files.weights).items() if key.endswith("tok_embeddings.weight")),
        (),
    )
    if len(table) != 2:
        raise WeightsMismatch("{source} holds no language model of MiniMind-TTS", source=files.weights.name)
    return MiniMindFrontEnd(of(files.told(), table[0], files.weights.name))


class MiniMindFrontEnd:
    """Text to ids for one checkpoint, as the options of a request want it."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self.vocabulary = vocabulary

    @property
    def languages(self) -> tuple[str, ...]:
        """Those that the vocabulary can be read in."""
        return self.vocabulary.languages

    def segment(self, text: str, language: str, options: "Options") -> list[Segment]:
        """The text by sentences and clauses; under ``compat`` as it is. Raises TextError."""
        if not text.strip():
            raise TextError("the text is empty; there is nothing to say")
        return self._kind(options).segments(text, language)

    def read(self, segments: Sequence[Segment], options: "Options") -> Iterator[PreparedSegment | Notice]:
        """Each segment when its turn comes, and before it a Notice of what is left out, each character once.

        Raises TextError when nothing of the whole text can be read.
        """
        reported: set[str] = set()
        silent = True
        for prepared in self._kind(options).prepared(segments):
            if new := [character for character in prepared.left_out if character not in reported]:
                reported.update(new)
                yield Notice(
                    message=Message("left out, because the model cannot say it: {characters}", characters=quoted(new))
                )
            silent = silent and not prepared.ids
            yield prepared
        if silent:
            raise TextError("the model has no symbol for any character of this text")

    def transcript(self, text: str, options: "Options") -> tuple[int, ...]:
        """The ids of what is said in a voice's recording, none for "". Raises TextError."""
        return self._kind(options).transcript(text)

    def caveats(self, _options: "Options") -> tuple[str, ...]:
        """Nothing: what is read is what is said."""
        return ()

    def _kind(self, options: "Options") -> text.FrontEnd | compat.FrontEnd:
        kind = compat.FrontEnd if options.compat else text.FrontEnd
        return kind(self.vocabulary, normalizes=options.normalize)
