"""The symbols that a model reads: the table that its training wrote, and where it lies.

docs/systems/valle.md#symbols
"""

import re
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path

from engine.errors import ConfigError, WeightsMissing

TABLE = "unique_text_tokens.k2symbols"
ENDING = ".k2symbols"
PAD, BOS, EOS = 0, 1, 2
_STRUCTURE = ("<pad>", "<bos>", "<eos>")
# How a text becomes symbols, named as the trainer names it.
ESPEAK, PINYIN, HALVES = "espeak", "pypinyin", "pypinyin_initials_finals"
MAX_BYTES = 1 << 20
# A whole syllable such as ni3 begins with a consonant, and no final such as i3 does.
_WITH_TONE = re.compile("[a-zê]+[1-5]")
_SYLLABLE = re.compile("(?:[zcs]h?|[bpmfdtnlgkhjqxryw])[aeiouvê][a-z]*[1-5]")


class SymbolTable:
    """Symbols and their ids: three of structure, then all of a table in the order of their code points."""

    def __init__(self, symbols: "frozenset[str]") -> None:
        self.ids: Mapping[str, int] = {symbol: number for number, symbol in enumerate((*_STRUCTURE, *sorted(symbols)))}

    def __len__(self) -> int:
        """How many ids there are: a model has at least so many embeddings."""
        return len(self.ids)

    def __contains__(self, symbol: str) -> bool:
        """Whether it is a symbol of speech that the model knows."""
        return self.ids.get(symbol, PAD) > EOS

    @cached_property
    def extractor(self) -> str:
        """How texts were made into symbols: with tones they are pinyin, whole or in halves, else phonemes."""
        toned = [symbol for symbol in self.ids if _WITH_TONE.fullmatch(symbol)]
        if not toned:
            return ESPEAK
        return PINYIN if any(map(_SYLLABLE.fullmatch, toned)) else HALVES


def locate_table(checkpoint: Path) -> Path:
    """The table of a checkpoint, in its folder or beside its weights, or the only one of another name there.

    Raises WeightsMissing.
    """
    folder = checkpoint if checkpoint.is_dir() else checkpoint.parent
    if (folder / TABLE).is_file():
        return folder / TABLE
    others = sorted(path for path in folder.glob(f"*{ENDING}") if path.is_file()) if folder.is_dir() else []
    if len(others) != 1:
        raise WeightsMissing(
            "there is no {table} in {folder}; the training wrote it beside its data, and without it nobody knows "
            "which symbol is which, so copy it there",
            table=TABLE,
            folder=folder,
        )
    return others[0]


def read_table(path: Path) -> SymbolTable:
    """The table in a file of lines such as ``aɪ 8``. Its numbers are not the model's. Raises ConfigError."""
    try:
        if path.stat().st_size > MAX_BYTES:
            raise ConfigError("{path} is larger than a table of symbols can be", path=path.name)
        lines = path.read_text(encoding="utf-8").split("\n")
    except (OSError, ValueError) as error:
        raise ConfigError("{path} cannot be read: {error}", path=path.name, error=error) from None
    symbols = set()
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        symbol, _, written = line.rstrip("\r").rpartition(" ")
        if not symbol or not written.isdecimal():
            raise ConfigError(
                "{path} is no table of symbols: line {number} is {line!r:.40}, not a symbol and a number",
                path=path.name,
                number=number,
                line=line,
            )
        symbols.add(symbol)
    if not symbols:
        raise ConfigError("{path} has no symbols", path=path.name)
    return SymbolTable(frozenset(symbols))
