"""A short sentence in each of many languages, by which a voice is heard before it is used."""

import json
from collections.abc import Iterable, Mapping
from functools import lru_cache
from pathlib import Path

from engine.system import SystemSpec

SHIPPED = Path(__file__).parents[1] / "assets" / "previews.json"


def of(spec: SystemSpec, languages: Iterable[str]) -> dict[str, str]:
    """What to say in each of ``languages``, by their codes; without those in which nothing is known to say.

    Where no sentence ships, it is the first of the texts to try that the system declares.
    """
    found = {
        language: _sentences().get(language) or next(iter(spec.samples.get(language, ())), "") for language in languages
    }
    return {language: sentence for language, sentence in found.items() if sentence}


@lru_cache(maxsize=1)
def _sentences() -> Mapping[str, str]:
    sentences: dict[str, str] = json.loads(SHIPPED.read_text("utf-8"))
    return sentences
