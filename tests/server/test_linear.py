"""What is asked while somebody types takes time that grows with its length: reading, languages, names of voices."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from engine import voice_store
from engine.registry import systems
from engine.request import Voice
from engine.system import SystemSpec
from engine.systems.vits import SPEC as VITS
from server.text_routes import SHOWN
from tests.server.conftest import Served
from tests.timing import quadratic

# Of the kinds that front ends are tried with (tests/engine/text/test_linear.py): one for each rule that looks ahead.
RUNS = (
    "9", "#", '"', " ", "(", "<", ".", "-", ":", "\n", "\u0301", "😀", "a", "A.", "a@", "a b ", "1,", "1-", "$1",
    "1/2 ", "Dr. ", "http://a", "[a](", "你", "가", "é ",
)  # fmt: skip
# What voices are named by: prefixes of strings, seeds, and what their formats are made of.
NAMES = (
    "a",
    " ",
    "9",
    "seed:",
    "seed:9",
    "style:",
    "style:A",
    "å",
    "\u0301",
    "一",
    "纏",
    '"',
    "'",
    "\n",
    "😀",
    "[EN]",
    "a/",
)
LONG_NAMES = {"short": 20_000, "long": 80_000}


def asking(studio: Served, route: str, **fields: Any) -> Callable[[str], object]:
    """Asks a route for a text, whatever the answer; none is a fault of the studio's."""

    def ask(text: str) -> None:
        asked = {field: text if value is ... else value for field, value in fields.items()}
        answer = httpx.post(studio.url + route, json=asked, timeout=60)
        assert answer.status_code < 500, (text[:40], answer.text)

    ask("warm 1 up")
    return ask


@pytest.fixture
def speaking(serve_studio: Callable[..., Served]) -> Served:
    return serve_studio(VITS)


def test_the_route_of_reading_takes_linear_time(speaking: Served) -> None:
    ask = asking(speaking, "studio/text", text=..., system="vits")
    assert not quadratic(ask, RUNS, short=SHOWN // 4, long=SHOWN)


def test_the_route_of_languages_takes_linear_time(speaking: Served) -> None:
    ask = asking(speaking, "studio/languages", text=..., system="vits")
    assert not quadratic(ask, RUNS, short=10_000, long=40_000)


@pytest.mark.parametrize("spec", systems(), ids=lambda spec: spec.id)
def test_names_and_strings_of_voices_take_linear_time(serve_studio: Callable[..., Served], spec: SystemSpec) -> None:
    ask = asking(serve_studio(spec), f"studio/voices/{spec.id}/check", voice=...)
    assert not quadratic(ask, NAMES, **LONG_NAMES)


def test_names_to_save_and_to_delete_voices_by_take_linear_time(
    serve_studio: Callable[..., Served], fake_spec: SystemSpec, tmp_path: Path
) -> None:
    studio = serve_studio(fake_spec, models_dir=tmp_path)
    for route in ("save", "delete"):
        assert not quadratic(asking(studio, f"studio/voices/fake/{route}", name=...), NAMES, **LONG_NAMES)


def test_what_a_voice_file_tells_of_its_voice_takes_linear_time(tmp_path: Path) -> None:
    def kept(text: str) -> None:
        made = Voice(system="fake", name=text, tensors={}, meta={"transcript": text, "language": text, text: text})
        path = tmp_path / f"voice{voice_store.ENDING}"
        voice_store.save(made, path)
        assert voice_store.load(path).meta == json.loads(json.dumps(dict(made.meta)))

    assert not quadratic(kept, NAMES, **LONG_NAMES)
