"""The published cleaners of several languages on the published vectors."""

import json

import pytest

from engine.systems.vits.cleaners import mixed
from tests.engine.systems.vits.conftest import GOLDENS

ROWS = json.loads((GOLDENS / "front_mixed.json").read_text(encoding="utf-8"))
CLEANERS = {
    name: getattr(mixed, name)
    for name in ("cjke_cleaners", "cjke_cleaners2", "cjks_cleaners", "zh_ja_mixture_cleaners")
}


@pytest.mark.parametrize("name", CLEANERS)
def test_every_vector_is_what_is_published(name: str) -> None:
    assert {row["input"]: CLEANERS[name](row["input"]) for row in ROWS} == {row["input"]: row[name] for row in ROWS}


def test_a_word_that_the_dictionary_lacks_has_a_sound_in_ours_and_an_asterisk_in_theirs() -> None:
    assert mixed.cjke_cleaners2("[EN]zorblax[EN]") == "zoɹblax*."
    ours = mixed.cjke_cleaners2.ours("the zorblax", "en")
    assert ours.startswith("ðə ˈz")
    assert "*" not in ours
