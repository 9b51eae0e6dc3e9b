"""The attacks of the quick form are tried, and the studio survives each of them."""

from pathlib import Path

import pytest

from benchmarks.hostile import attack
from benchmarks.hostile_server import Tally


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_nothing_gets_through(tmp_path: Path) -> None:
    tallies = attack(tmp_path, quick=True)
    assert {tally.kind: tally.through for tally in tallies if tally.through} == {}
    assert all(tally.tried or tally.skipped for tally in tallies)
    assert sum(tally.tried for tally in tallies) > 500


def test_what_gets_through_is_counted() -> None:
    tally = Tally(kind="a kind")
    tally.note("one", "")
    tally.note("two", "it gave a file away")
    assert (tally.tried, tally.through) == (2, ["two: it gave a file away"])
