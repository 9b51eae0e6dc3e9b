"""The reference's vectors of text, small tables, and as much of a request's options as a front end looks at."""

import json
from pathlib import Path
from types import SimpleNamespace

from engine.systems.valle.symbols import SymbolTable, read_table

GOLDENS = Path(__file__).parents[3] / "goldens" / "valle"
OURS, COMPAT = SimpleNamespace(compat=False), SimpleNamespace(compat=True)
TABLE = read_table(GOLDENS / "unique_text_tokens.k2symbols")


def rows(name: str):
    """A file of vectors."""
    return json.loads((GOLDENS / name).read_text(encoding="utf-8"))


def table(symbols: str) -> SymbolTable:
    """Of symbols with blanks between them."""
    return SymbolTable(frozenset([*symbols.split(), "<eps>", "_", "-"]))


PINYIN = table("ni3 hao3 zhe4 shi4 ce4 yi1 di4 xi1 bi4 ei2 ，")
HALVES = table("n h zh sh c i3 ao3 e4 i4 ,")
