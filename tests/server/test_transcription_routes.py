"""The routes of what is said in a recording, over a real server."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from engine.engine import Engine
from engine.registry import recognisers
from engine.system import SystemSpec
from tests.server.conftest import Served
from tests.timing import until

TEXT = "The kettle is on."


@pytest.fixture(scope="module")
def recording(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    path = tmp_path_factory.mktemp("said") / "kettle.ogg"
    Engine(device="cpu").say(TEXT, system="kokoro", voice="af_clara", seed=1).save(path)
    return path.read_bytes()


@pytest.fixture
def studio(serve_studio: Callable[..., Served], make_fake_spec: Callable[..., SystemSpec], tmp_path: Path) -> Served:
    return serve_studio(make_fake_spec(), models_dir=tmp_path / "models", recognisers=recognisers())


def send(studio: Served, data: bytes, kind: str = "application/octet-stream", **query: Any) -> httpx.Response:
    headers = {"Content-Type": kind}
    return httpx.post(f"{studio.url}studio/transcriptions", content=data, params=query, headers=headers, timeout=60)


def test_what_is_said_comes_back_with_words_and_times(studio: Served, recording: bytes) -> None:
    answer = send(studio, recording, language="en")
    assert answer.status_code == 200, answer.text
    heard = answer.json()
    assert (heard["text"], heard["language"], heard["recogniser"]) == (TEXT, "en", "whisper/built-in")
    assert [word["text"] for word in heard["words"]] == TEXT.split()
    assert 0 <= heard["words"][0]["start_s"] < heard["words"][-1]["end_s"] <= heard["audio_s"]


def test_what_can_listen_is_listed(studio: Served) -> None:
    here = httpx.get(f"{studio.url}studio/recognisers").json()
    assert here == [{"id": "whisper/built-in", "languages": ["en"]}]


@pytest.mark.parametrize(
    ("query", "status", "words"),
    [
        ({"language": "ja"}, 400, "models download whisper/base"),
        ({"recogniser": "whisper/none"}, 400, "there is no model 'whisper/none'"),
        ({"speed": "2"}, 400, "speed"),
    ],
)
def test_mistakes_are_said_in_a_line(
    studio: Served, recording: bytes, query: dict[str, str], status: int, words: str
) -> None:
    answer = send(studio, recording, **query)
    assert answer.status_code == status, answer.text
    assert words in answer.json()["error"]["message"]


def test_what_is_no_recording_or_comes_from_a_form_is_refused(studio: Served, recording: bytes) -> None:
    assert send(studio, b"x" * 1000).status_code == 400
    assert send(studio, recording, kind="text/plain").status_code == 415


def test_the_recogniser_has_a_card_and_is_loaded_and_unloaded_like_any_model(studio: Served) -> None:
    def models() -> dict[str, Any]:
        return httpx.get(f"{studio.url}studio/models").json()

    def act(name: str) -> httpx.Response:
        return httpx.post(f"{studio.url}studio/models/{name}", json={"id": "whisper/built-in"})

    cards = {card["id"]: card for card in models()["cards"]}
    assert cards["whisper/built-in"]["state"] == "ready"
    assert cards["whisper/base"]["state"] == "downloadable"
    assert cards["whisper/base"]["licence"]["weights"] == "MIT"
    assert [each["id"] for each in models()["silent"]] == ["whisper"]
    assert act("load").status_code == 200
    until(lambda: models()["tasks"][0]["state"] == "done")
    assert [model["id"] for model in models()["memory"]] == ["whisper/built-in"]
    assert act("unload").status_code == 200
    assert models()["memory"] == []
