"""The 70 symbols that the published model reads, one character each, and their ids: docs/systems/vallex.md#symbols."""

from typing import NamedTuple

UNKNOWN = 0
SYMBOLS = (
    "[UNK]", "[CLS]", "[SEP]", "[PAD]", "[MASK]", "!", "#", "*", ",", "-", ".", "=", "?", "N", "Q", "^", "_", "`",
    *"abdefghijklmnopstuvwxyz~æçðŋɑɔəɛɥɪɫɯɸɹɾʃʊʑʒʰˈˌθ…⁼↑→↓",
)  # fmt: skip
IDS = {symbol: number for number, symbol in enumerate(SYMBOLS) if len(symbol) == 1}
LANGUAGES = ("en", "zh", "ja")
# What ends a stretch of text; where none of them does, a full stop is put.
CLOSING = (".", ",", "!", "?", "-", "…", "~")


class Encoded(NamedTuple):
    """The ``ids`` (n,) of phonemes, the language of each, and their ``symbols``, with ``_`` for a space.

    ``unknown`` are the symbols that have no id of their own, each once.
    """

    ids: tuple[int, ...]
    languages: tuple[str, ...]
    symbols: str
    unknown: tuple[str, ...]


def encode(parts: "list[tuple[str, str]]", *, keep_unknown: bool = False) -> Encoded:
    """The ids of phonemes in ``parts``, pairs of a language and a string.

    What has no id is left out, or with ``keep_unknown`` is the id 0.
    """
    ids: list[int] = []
    languages: list[str] = []
    symbols: list[str] = []
    unknown: dict[str, None] = {}
    for language, phonemes in parts:
        for symbol in phonemes:
            symbol = "_" if symbol.isspace() else symbol
            if symbol not in IDS:
                unknown[symbol] = None
                if not keep_unknown:
                    continue
            ids.append(IDS.get(symbol, UNKNOWN))
            languages.append(language)
            symbols.append(symbol)
    return Encoded(tuple(ids), tuple(languages), "".join(symbols), tuple(unknown))


def closed(phonemes: str, mark: str = ".") -> str:
    """``phonemes`` without white space at their end, and with ``mark`` there unless one of CLOSING stands there."""
    phonemes = phonemes.rstrip()
    return phonemes if not phonemes or phonemes.endswith(CLOSING) else phonemes + mark
