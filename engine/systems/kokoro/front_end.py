"""The front end of a checkpoint: ours, or under ``compat`` the reference's, and its notices. Imports no torch."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from engine.config_file import read_json
from engine.errors import OptionError, TextError
from engine.events import Notice
from engine.message import Message, quoted
from engine.request import Segment
from engine.systems.kokoro import compat, text
from engine.systems.kokoro.config import languages, vocabulary
from engine.systems.kokoro.files import locate
from engine.systems.kokoro.languages import CODES, of_tag
from engine.systems.kokoro.options import Options
from engine.systems.kokoro.text import PreparedSegment

PUBLISHED = Path(__file__).with_name("vocabulary.json")


def front_end(checkpoint: Path | None) -> "KokoroFrontEnd":
    """The front end of a checkpoint, from its configuration; None: that of the published one, version 1.0.

    Raises WeightsMissing and ConfigError.
    """
    if checkpoint is None:
        return KokoroFrontEnd(read_json(PUBLISHED), CODES)
    return of_config(read_json(locate(checkpoint).config))


def of_config(raw: Mapping[str, Any]) -> "KokoroFrontEnd":
    """The front end of the model whose config.json holds ``raw``. Raises ConfigError."""
    return KokoroFrontEnd(vocabulary(raw), languages(raw))


class KokoroFrontEnd:
    """Text to ids for a model with a ``vocabulary``, symbols to ids, that speaks ``languages``."""

    def __init__(self, vocabulary: Mapping[str, int], languages: tuple[str, ...]) -> None:
        self.vocabulary = vocabulary
        self.languages = languages

    def segment(self, text: str, language: str, options: Options) -> list[Segment]:
        """The text by sentences; under ``compat`` as the reference cuts it.

        Raises TextError, and OptionError for a language that the model does not speak.
        """
        asked = of_tag(language)
        if language and asked.code not in self.languages:
            raise OptionError(
                "this model of Kokoro does not speak {asked}; it speaks {languages}",
                asked=asked.name,
                languages=", ".join(self.languages),
            )
        return self._kind(options).segment(text, language)

    def read(self, segments: Sequence[Segment], options: Options) -> Iterator[PreparedSegment | Notice]:
        """Each segment when its turn comes, and before it a Notice of what is left out, each character once.

        Raises TextError when nothing can be spoken.
        """
        noticed: set[str] = set()
        silent = True
        for segment in self._kind(options).prepared(segments):
            if left_out := [symbol for symbol in segment.left_out if symbol not in noticed]:
                noticed.update(left_out)
                yield Notice(
                    message=Message(
                        "left out, because the model has no symbol for it: {left_out}", left_out=quoted(left_out)
                    )
                )
            silent = silent and not any(piece.speaks for piece in segment.pieces)
            yield segment
        if silent:
            raise TextError("nothing in this text has a sound that the model knows")

    def caveats(self, _options: Options) -> tuple[str, ...]:
        """Nothing: what is read is what is said."""
        return ()

    def _kind(self, options: Options) -> text.FrontEnd | compat.FrontEnd:
        kind = compat.FrontEnd if options.compat else text.FrontEnd
        return kind(vocabulary=self.vocabulary, languages=self.languages, cleaned=options.cleaned)
