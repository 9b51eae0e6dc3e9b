"""The routes of the lexicons, and entries of one's own in a request."""

from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from engine.system import SystemSpec
from tests.server.conftest import Served

GIF = {"word": "GIF", "respelling": "jif"}


@pytest.fixture
def studio(serve_studio: Callable[..., Served], fake_spec: SystemSpec, tmp_path: Path) -> Served:
    return serve_studio(fake_spec, models_dir=tmp_path / "models")


def post(studio: Served, path: str, **body) -> httpx.Response:
    return httpx.post(f"{studio.url}studio/{path}", json=body, timeout=60)


def said(studio: Served, **fields) -> str:
    answer = post(studio, "text", text="A GIF.", system="fake", language="en", **fields)
    assert answer.status_code == 200, answer.text
    return answer.json()["segments"][0]["text"]


def test_entries_are_kept_shown_heeded_and_removed(studio: Served) -> None:
    place = f"{studio.url}studio/lexicons"
    assert httpx.get(place).json() == {"languages": []}
    answer = post(studio, "lexicons/en/add", entries=[GIF])
    assert answer.json() == {"entries": [{**GIF, "pinyin": ""}]}
    assert httpx.get(place).json() == {"languages": ["en"]}
    assert httpx.get(f"{place}/en").json() == answer.json()
    assert said(studio) == "A jif."
    # One's own entries come first, however exact the kept ones are.
    assert said(studio, lexicon=[{"word": "gif", "respelling": "gift"}]) == "A gift."
    assert post(studio, "lexicons/en/remove", word="GIF").json() == {}
    assert said(studio) == "A GIF."


def test_mistakes_change_nothing_and_are_told(studio: Served) -> None:
    for path, body, status, words in (
        ("lexicons/en/add", {"entries": []}, 400, "at least 1"),
        ("lexicons/en/add", {"entries": [{"word": "a"}]}, 400, "respelling of 'a'"),
        ("lexicons/en/add", {"entries": [{"word": "a", "said": "b"}]}, 400, "no field 'said'"),
        ("lexicons/EN/add", {"entries": [GIF]}, 400, "by its code"),
        ("lexicons/en/remove", {"word": "a"}, 400, "no entry for 'a'"),
        ("text", {"text": "a", "system": "fake", "lexicon": [GIF] * 201}, 400, "at most 200"),
    ):
        answer = post(studio, path, **body)
        assert (answer.status_code, words in answer.json()["error"]["message"]) == (status, True), answer.text
    assert httpx.get(f"{studio.url}studio/lexicons").json() == {"languages": []}
