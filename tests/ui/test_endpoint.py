"""The named Gradio endpoint gives scripts a finished file, and the rest of the page is no API."""

import time
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest
import soundfile
from gradio_client import Client
from gradio_client.exceptions import AppError

from engine.audio.label import facts
from engine.system import SystemSpec
from tests.server.test_speak_routes import LONG, body, speak
from tests.timing import until
from ui.app import Studio
from ui.listening import while_heard


@pytest.fixture
def client(studio: Studio, tmp_path: Path) -> Client:
    return Client(studio.url, verbose=False, download_files=tmp_path, analytics_enabled=False)


def test_a_script_gets_a_labelled_file_and_clear_errors(client: Client) -> None:
    result = client.predict("Hello there.", "fake", "bass", "en", 3, '{"level": 0.25}', api_name="/synthesize")
    path = Path(result["value"] if isinstance(result, dict) else result)
    with soundfile.SoundFile(path) as file:
        assert file.frames > 1000
        assert facts(file.comment)["options"]["level"] == 0.25
    for arguments, says in [
        (["", "fake"], "spoken"),
        (["Hello.", "nobody"], "no system"),
        (["Hello.", "fake", "tenor"], "tenor"),
        (["Hello.", "fake", "", "", 0, "{"], "JSON"),
        (["Hello.", "fake", "", "", 0, "{}", "opera"], "no model 'opera'"),
    ]:
        with pytest.raises(AppError, match=says):
            client.predict(*arguments, api_name="/synthesize")


def test_a_script_may_name_the_model(
    serve_studio: Callable[..., Studio], fake_spec: SystemSpec, choirs: Path, tmp_path: Path
) -> None:
    studio = serve_studio(fake_spec, models_dir=choirs)
    client = Client(studio.url, verbose=False, download_files=tmp_path, analytics_enabled=False)
    result = client.predict("Hello there.", "fake", model="choir", api_name="/synthesize")
    with soundfile.SoundFile(result["value"] if isinstance(result, dict) else result) as file:
        assert facts(file.comment)["checkpoint"] == "choir"


def test_a_script_may_speak_with_a_saved_voice_a_string_or_one_that_was_made(
    serve_studio: Callable[..., Studio], fake_spec: SystemSpec, tmp_path: Path
) -> None:
    studio = serve_studio(fake_spec, models_dir=tmp_path / "models")
    voices = f"{studio.url}studio/voices/fake"
    httpx.post(f"{voices}/save", json={"voice": "pitch:300", "name": "Ann"}, timeout=30)
    made = httpx.post(f"{voices}/make", json={"voice": "seed:7", "name": "Made"}, timeout=30).json()["made"]
    client = Client(studio.url, verbose=False, download_files=tmp_path, analytics_enabled=False)
    for asked, named in (({"voice": "Ann"}, "Ann"), ({"voice": "seed:3"}, "seed:3"), ({"made": made}, "Made")):
        result = client.predict("Hello there.", "fake", **asked, api_name="/synthesize")
        with soundfile.SoundFile(result["value"] if isinstance(result, dict) else result) as file:
            assert facts(file.comment)["voice"] == named
    with pytest.raises(AppError, match="no longer kept"):
        client.predict("Hello.", "fake", made="nothing", api_name="/synthesize")


def test_an_error_is_no_html(client: Client) -> None:
    with pytest.raises(AppError, match=r"&lt;img src=x onerror=alert\(1\)&gt;") as failed:
        client.predict("Hello.", "<img src=x onerror=alert(1)>", api_name="/synthesize")
    assert "<img" not in str(failed.value)


def call(studio: Studio, text: str) -> str:
    """Begin a call, as a script does that may or may not ask for its answer; returns where that is."""
    url = f"{studio.url}gradio_api/call/synthesize"
    begun = httpx.post(url, json={"data": [text, "fake", "", "", 0, "{}", "", ""]}, timeout=30)
    assert begun.status_code == 200
    return f"{url}/{begun.json()['event_id']}"


def test_calls_that_nobody_listens_to_hold_no_place_for_good(
    serve_studio: Callable[..., Studio], make_fake_spec: Callable[..., SystemSpec], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(while_heard, "__defaults__", (2.0,))
    log: list[str] = []
    studio = serve_studio(make_fake_spec(log=log, delay=0.02), places=2, queue=1)
    for _ in range(3):
        call(studio, LONG * 10)
    until(lambda: log.count("closed") == 3, 60)
    assert speak(studio, body())[1].size > 0
    # Who listens is not cut off, and who then leaves frees the place.
    log.clear()
    with httpx.stream("GET", call(studio, LONG * 10), timeout=30) as answer:
        lines, began = answer.iter_lines(), time.monotonic()
        while time.monotonic() - began < 5:
            next(lines)
        assert log == ["started"]
    until(lambda: log == ["started", "closed"], 30)


def test_only_the_endpoint_is_public(client: Client) -> None:
    assert list(client.view_api(return_format="dict")["named_endpoints"]) == ["/synthesize"]
