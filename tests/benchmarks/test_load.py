"""A small crowd for a short while: everybody is answered or told to wait, and the table says so."""

import asyncio
from collections.abc import Callable

from benchmarks.load import Told, crowd
from engine.system import SystemSpec
from tests.server.conftest import Served, serve_studio
from tests.timing import until

__all__ = ["serve_studio"]


def test_everybody_is_answered_or_told_to_wait(
    serve_studio: Callable[..., Served], make_fake_spec: Callable[..., SystemSpec]
) -> None:
    log: list[str] = []
    studio = serve_studio(make_fake_spec(delay=0.01, seconds_per_character=0.01, log=log), places=2, queue=3)
    told = asyncio.run(crowd(studio.url, clients=8, seconds=10))
    assert told.problems == []
    assert min(told.outcomes.values()) > 0, told.outcomes
    assert len(told.first_s) == told.outcomes["whole"] + told.outcomes["left"]
    # Nobody who went holds a place.
    until(lambda: log.count("started") == log.count("finished") + log.count("closed"))
    until(lambda: len(studio.backend.jobs) == 0)
    assert studio.backend.engine.loaded()[0].requests == 0


def test_the_table_says_what_became_of_whom() -> None:
    told = Told(problems=["listens: 500"], first_s=[0.1 * n for n in range(1, 101)], memory_mb=[100.0, 101.0, 102.0])
    told.outcomes["whole"] = 99
    table = dict(line.split("  ", 1) for line in told.table().splitlines()[:-1])
    assert {name.strip(): value.strip() for name, value in table.items()} == {
        "requests": "100",
        "whole": "99",
        "left": "0",
        "told to wait": "0",
        "neither": "1",
        "first sound, p50": "5.05 s",
        "first sound, p95": "9.60 s",
        "memory at first, midway, at last": "100, 101, 102 MiB",
    }
    assert told.table().endswith("listens: 500")
