"""How a checkpoint reads text: what a layout gives for it, and the reader of those that list symbols and cleaners.

Imports no torch.
"""

from collections.abc import Iterator, Sequence
from typing import Protocol

from engine.request import Segment
from engine.systems.vits import cleaners, compat, languages, text
from engine.systems.vits.config import TextConfig
from engine.systems.vits.options import Options
from engine.systems.vits.text import Encoded, SymbolEncoder

_WORDS = {"zh": "你好", "ko": "안녕", "ja": "こんにちは"}


class Encoder(Protocol):
    """Looks symbols up."""

    def encode(self, text: str) -> Encoded:
        """The ids of a text in the model's symbols; what has none is left out."""


class Pieces(Protocol):
    """Text to ids in one of the ways that the options choose from."""

    def segments(self, text: str, language: str) -> list[Segment]:
        """The pieces of a text that is not empty. Raises TextError when there is nothing to say in it."""

    def encoded(self, segments: Sequence[Segment]) -> Iterator[Encoded]:
        """The ids of each segment, read only when its turn comes. Raises TextError."""


class Reader(Protocol):
    """Text to ids, as one checkpoint was trained to have them."""

    @property
    def encoder(self) -> Encoder:
        """What looks symbols up."""

    @property
    def languages(self) -> tuple[str, ...]:
        """The codes of the languages that the checkpoint speaks; empty where nobody knows."""

    def check(self) -> None:
        """Raises ConfigError when text of a person cannot be read, though symbols could."""

    def pieces(self, options: Options) -> Pieces:
        """Ours, or the reference's where ``compat`` asks for it; of symbols where ``cleaned`` says so."""

    def warm_up(self) -> None:
        """Read something, since the first time is slow. Raises EngineError."""

    def trial(self) -> Encoded | None:
        """What is spoken to learn how loud a voice is; None where its level is left as it is."""


class SymbolReader:
    """The reader of configurations that list symbols and name cleaners."""

    def __init__(self, config: TextConfig) -> None:
        self.encoder = SymbolEncoder(config)
        self.languages = cleaners.languages(config.cleaners)

    def check(self) -> None:
        """Raises ConfigError for an unknown cleaner."""
        self.encoder.check_cleaners()

    def pieces(self, options: Options) -> Pieces:
        """Ours, or the reference's."""
        if options.compat:
            return compat.FrontEnd(self.encoder, cleaned=options.cleaned)
        if options.cleaned or self.languages in ((), ("en",)):
            return text.FrontEnd(self.encoder, cleaned=options.cleaned)
        return languages.FrontEnd(self.encoder)

    def warm_up(self) -> None:
        """Read a word and a number, and a word of every language, since each opens its own dictionary."""
        front_end = self.pieces(Options())
        for word in ("warm 1", *(_WORDS[code] for code in self.languages if code in _WORDS)):
            list(front_end.encoded(front_end.segments(word, "en")))

    def trial(self) -> Encoded | None:
        """None: such voices differ little in level."""
        return None
