"""How English words are pronounced, by the dictionaries of misaki (Apache-2.0) that Kokoro learned English from.

Two tables ship, American and British, each a compressed file. They were made by `derive` from the four JSON files of
the package misaki 0.9.4; ``python -m engine.systems.kokoro.phonemes.lexicon FOLDER`` makes them again from the folder
those lie in. docs/kokoro-phonemes.md#english
"""

import json
import lzma
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ASSETS = Path(__file__).parents[4] / "assets"
# By the letter of the language.
SHIPPED = {"a": ASSETS / "misaki_us.txt.xz", "b": ASSETS / "misaki_gb.txt.xz"}
PUBLISHED = {"a": ("us_gold.json", "us_silver.json"), "b": ("gb_gold.json", "gb_silver.json")}
_NEXT_TABLE = "\n\n\n"
DEFAULT = "DEFAULT"

Entry = str | Mapping[str, str | None]


@dataclass(frozen=True, slots=True)
class Lexicon:
    """Words and their phonemes: ``gold`` was checked by hand, ``silver`` by a program.

    An entry is the phonemes, or where they hang on the part of speech those of each: ``DEFAULT``, ``NOUN``, ``VERB``,
    ``ADJ``, ``ADV``, a tag of the Penn Treebank, and ``None`` for where no sound follows. One without phonemes is
    spelled.
    """

    gold: Mapping[str, Entry]
    silver: Mapping[str, Entry]

    def find(self, word: str) -> Entry | None:
        """The entry of a word as it is written, or of its twin: with a capital for one without, and the other way."""
        for table in (self.gold, self.silver):
            for form in (word, _twin(word)):
                if form in table:
                    return table[form]
        return None


@cache
def lexicon(language: str) -> Lexicon:
    """The dictionary of American (``a``) or British English (``b``), read once."""
    gold, silver = lzma.decompress(SHIPPED[language].read_bytes()).decode("utf-8").split(_NEXT_TABLE)
    return Lexicon(_table(gold), _table(silver))


def render(found: Lexicon) -> bytes:
    """The shipped file: of each table all words line by line, an empty line, the phonemes of each."""
    filters = [{"id": lzma.FILTER_LZMA2, "preset": 9 | lzma.PRESET_EXTREME, "lc": 4, "lp": 0, "pb": 0}]
    text = _NEXT_TABLE.join(map(_lines, (found.gold, found.silver)))
    return lzma.compress(text.encode("utf-8"), filters=filters)


def derive(language: str, folder: Path) -> Lexicon:
    """The dictionary as it follows from the published files in ``folder``."""
    gold, silver = (json.loads((folder / name).read_text(encoding="utf-8")) for name in PUBLISHED[language])
    return Lexicon(gold, silver)


def _twin(word: str) -> str:
    lower, capitalised = word.lower(), word.capitalize()
    return capitalised if word == lower else lower if word == capitalised else word


def _table(lines: str) -> dict[str, Entry]:
    words, phonemes = (column.split("\n") for column in lines.split("\n\n"))
    table: dict[str, Entry] = dict(zip(words, phonemes, strict=True))
    for word, said in zip(words, phonemes, strict=True):
        if "=" in said:
            table[word] = {tag: each or None for tag, each in (pair.split("=") for pair in said.split(" "))}
    return table


def _lines(table: Mapping[str, Entry]) -> str:
    words = sorted(table)
    entries = (table[word] for word in words)
    phonemes = (
        said if isinstance(said, str) else " ".join(f"{tag}={each or ''}" for tag, each in said.items())
        for said in entries
    )
    return "\n".join(words) + "\n\n" + "\n".join(phonemes)


if __name__ == "__main__":
    for code, file in SHIPPED.items():
        file.write_bytes(render(derive(code, Path(sys.argv[1]))))
