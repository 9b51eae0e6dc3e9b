"""The reference's vectors of text, and as much of a request's options as a front end looks at."""

import json
from itertools import groupby
from pathlib import Path
from types import SimpleNamespace

GOLDENS = Path(__file__).parents[3] / "goldens" / "valle"
OURS, COMPAT = SimpleNamespace(compat=False), SimpleNamespace(compat=True)


def rows(name: str) -> list[dict]:
    """A file of vectors."""
    return json.loads((GOLDENS / name).read_text(encoding="utf-8"))


def run_lengths(languages: tuple[str, ...]) -> list[list]:
    """Languages in a row, each with how often it stands there."""
    return [[language, len(list(same))] for language, same in groupby(languages)]
