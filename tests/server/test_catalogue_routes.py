"""The routes of catalogues over a real server, whose hub is on loopback."""

import dataclasses
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from engine.hub import Hub
from engine.systems.vits import SPEC as VITS
from engine.systems.vits.catalogue import PIPER, REPOSITORY
from tests.engine.hub.downloads import PATIENT
from tests.hub_server import FakeHub
from tests.piper import VOICES, card_of, folder_of, piper_repository, sample
from tests.server.conftest import Served
from tests.server.test_library_routes import act, models
from tests.timing import until

# Its other catalogue has tests of its own.
SPEC = dataclasses.replace(VITS, catalogues=(PIPER,))
ANNA, SIWIS = "vits/de_DE-anna-low", "vits/fr_FR-siwis-medium"


@pytest.fixture
def server() -> Iterator[FakeHub]:
    with FakeHub(piper_repository()) as hub:
        yield hub


@pytest.fixture
def studio(serve_studio: Callable[..., Served], server: FakeHub, tmp_path: Path) -> Served:
    """A studio whose voices come from the hub on loopback."""
    return serve_studio(SPEC, models_dir=tmp_path / "models", hub=Hub(endpoints=[server.url], patience=PATIENT))


def get(studio: Served, path: str, **query: Any) -> httpx.Response:
    return httpx.get(f"{studio.url}studio/{path}", params=query)


def test_a_search_answers_with_a_few_and_says_how_many_there_are(studio: Served) -> None:
    found = get(studio, "catalogue", query="german", limit=2).json()
    assert ([entry["quality"] for entry in found["entries"]], found["total"]) == (["medium", "low"], 3)
    assert found["entries"][0]["spoken"] == ["German", "Deutsch", "Germany"]
    assert found["languages"]["is"] == "Icelandic"
    assert len(get(studio, "catalogue").json()["entries"]) == len(VOICES)
    assert get(studio, "catalogue", language="en", speakers=100, most_bytes=2_000_000).json()["total"] == 1


@pytest.mark.parametrize(
    "query", [{"limit": "many"}, {"speakers": "NaN"}, {"odd": "1"}, {"query": "x" * 300}, {"most_bytes": "[" * 5000}]
)
def test_an_odd_search_is_refused_in_a_line(studio: Served, query: dict[str, str]) -> None:
    answer = get(studio, "catalogue", **query)
    assert answer.status_code == 400
    assert "\n" not in answer.json()["error"]["message"]


def test_an_offer_tells_the_licence_the_card_and_whether_it_can_be_heard(studio: Served) -> None:
    anna = get(studio, f"catalogue/{ANNA}").json()
    assert (anna["sample"], anna["told"]) == (True, card_of("de_DE-anna-low", "CC BY 4.0").decode())
    assert anna["card"]["licence"]["commercial"] is True
    siwis = get(studio, f"catalogue/{SIWIS}").json()
    assert (siwis["sample"], siwis["card"]["licence"]["restricted"]) == (False, True)
    assert get(studio, "catalogue/vits/de_DE-nobody-low").status_code == 400
    assert get(studio, "catalogue/vits/..%2f..%2fx").status_code in (400, 404)
    assert get(studio, "catalogue/none/de_DE-anna-low").status_code == 400


def test_a_sample_is_handed_on_as_sound_and_nothing_else(studio: Served, server: FakeHub) -> None:
    heard = get(studio, f"catalogue/{ANNA}/sample")
    assert (heard.content, heard.headers["content-type"]) == (sample(), "audio/mpeg")
    assert heard.headers["x-content-type-options"] == "nosniff"
    assert get(studio, f"catalogue/{SIWIS}/sample").status_code == 404
    server.repos[REPOSITORY][f"{folder_of('fr_FR-siwis-medium')}/samples/speaker_0.mp3"] = b"<script>"
    refused = get(studio, f"catalogue/{SIWIS}/sample")
    assert refused.headers["content-type"] == "application/json"


def test_what_was_found_is_downloaded_like_any_other_model(studio: Served) -> None:
    assert act(studio, "download", SIWIS).status_code == 200
    until(lambda: models(studio)["tasks"][0]["state"] == "failed")
    assert "CC BY-NC-SA 4.0" in models(studio)["tasks"][0]["message"]
    assert act(studio, "download", SIWIS, accept=True).status_code == 200
    until(lambda: models(studio)["tasks"][0]["state"] == "done")
    (card,) = [card for card in models(studio)["cards"] if card["id"] == SIWIS]
    assert (card["state"], card["own"], card["licence"]["accepted"]) == ("ready", False, True)


def test_advice_names_the_best_and_every_language(studio: Served) -> None:
    advice = get(studio, "advice", language="de-DE").json()
    best = advice["options"][0]
    assert (best["card"]["id"], best["naturalness"]) == ("vits/de_DE-thorsten_emotional-medium", 3)
    assert {"de", "is", "en"} <= advice["languages"].keys()
    sold = get(studio, "advice", language="fr", commercial="true").json()
    assert sold["options"] == []
    assert get(studio, "advice").status_code == 400


def test_a_hub_that_is_away_is_one_line(studio: Served, server: FakeHub) -> None:
    server.close()
    answer = get(studio, "catalogue")
    assert answer.status_code >= 400
    assert "voices.json" in answer.json()["error"]["message"]
    advice = get(studio, "advice", language="en").json()
    assert advice["notes"]
    assert advice["options"]
