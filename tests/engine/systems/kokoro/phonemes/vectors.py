"""What the reference made of texts, and the vocabularies of both releases."""

import json
from functools import cache
from pathlib import Path
from typing import Any

GOLDENS = Path(__file__).parents[4] / "goldens" / "kokoro"


@cache
def vectors(name: str) -> Any:
    """One of the files ``text_NAME.json``."""
    return json.loads((GOLDENS / f"text_{name}.json").read_text(encoding="utf-8"))


@cache
def vocabulary(release: str = "v1_0") -> frozenset[str]:
    """The symbols of ``v1_0`` or ``v1_1_zh``."""
    return frozenset(json.loads((GOLDENS / f"vocab_{release}.json").read_text(encoding="utf-8")))
