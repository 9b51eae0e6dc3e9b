"""The route of what a machine makes of a take, over a real server and a real recogniser, and the best of several."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from engine.registry import recognisers
from engine.systems.kokoro import SPEC as KOKORO
from tests.server.conftest import Served
from tests.server.test_speak_routes import frames

TEXT = "It costs 20 dollars, and the kettle is on."


@pytest.fixture
def studio(serve_studio: Callable[..., Served], tmp_path: Path) -> Served:
    return serve_studio(KOKORO, models_dir=tmp_path / "models", recognisers=recognisers(), device="cpu")


def spoken(studio: Served, **more: Any) -> list[dict[str, Any]]:
    asked = {"text": TEXT, "system": "kokoro", "voice": "af_clara", "seed": 1, **more}
    with httpx.stream("POST", f"{studio.url}studio/speak", json=asked, timeout=120) as sent:
        return [frame for frame in frames(sent) if isinstance(frame, dict)]


def test_a_take_is_heard_and_measured(studio: Served) -> None:
    take = spoken(studio)[-1]["take"]
    assert take["tried"] is None
    answer = httpx.post(f"{studio.url}studio/takes/{take['id']}/verdict", json={}, timeout=120)
    assert answer.status_code == 200, answer.text
    verdict = answer.json()
    assert (verdict["comparison"]["errors"], verdict["comparison"]["total"]) == (0, 9)
    assert "".join(mark["text"] for mark in verdict["comparison"]["marks"]) == TEXT
    assert verdict["transcript"]["recogniser"] == "whisper/built-in"
    assert verdict["sound"]["tail_s"] < 1
    assert 1 < verdict["naturalness"] <= 5


def test_a_take_that_is_not_there_has_none(studio: Served) -> None:
    answer = httpx.post(f"{studio.url}studio/takes/AAAAAAAAAAAAAAAA/verdict", json={})
    assert answer.status_code == 404


def test_the_best_of_several_is_one_take_with_its_tries_in_it(studio: Served) -> None:
    events = spoken(studio, tries=3)
    (told,) = (event for event in events if event["event"] == "tried")
    take = events[-1]["take"]
    assert take["tried"] == {"tries": told["tries"], "kept": told["kept"]}
    assert (take["form"]["tries"], take["form"]["seed"]) == (3, 1)
    # The first is understood, so that it is the last.
    assert [(each["seed"], each["errors"], each["total"]) for each in told["tries"]] == [(1, 0, 9)]


def test_too_many_tries_are_refused_before_work(studio: Served) -> None:
    asked = {"text": TEXT, "system": "kokoro", "tries": 9}
    answer = httpx.post(f"{studio.url}studio/speak", json=asked)
    assert answer.status_code == 400
    assert "between 1 and 8" in answer.json()["error"]["message"]
