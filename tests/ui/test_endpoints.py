"""The named Gradio endpoints do for scripts what the page does for people, and the rest of the page is no API."""

import base64
import io
import json
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest
import soundfile
from gradio_client import Client
from gradio_client.exceptions import AppError

from engine.audio.label import facts
from engine.engine import Engine
from engine.registry import recognisers
from engine.system import SystemSpec
from tests.server.test_speak_routes import LONG, body, speak
from tests.timing import PATIENCE_S, until
from ui.app import SESSIONS, Studio
from ui.endpoints import NAMES
from ui.framework import MAX_CALL
from ui.listening import while_heard

ROOT = Path(__file__).parents[2]


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
    httpx.post(f"{voices}/save", json={"voice": "pitch:300", "name": "Ann"})
    made = httpx.post(f"{voices}/make", json={"voice": "seed:7", "name": "Made"}).json()["made"]
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
    return begun(studio, "synthesize", [text, "fake", "", "", 0, "{}", "", ""])


def begun(studio: Studio, name: str, data: list[Any]) -> str:
    url = f"{studio.url}gradio_api/call/{name}"
    answer = httpx.post(url, json={"data": data})
    assert answer.status_code == 200
    return f"{url}/{answer.json()['event_id']}"


def heard(studio: Studio, name: str, data: list[Any]) -> str:
    """All that a call answers."""
    return httpx.get(begun(studio, name, data)).text


@pytest.mark.timeout(900)
def test_calls_that_nobody_listens_to_hold_no_place_for_good(
    serve_studio: Callable[..., Studio], make_fake_spec: Callable[..., SystemSpec], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(while_heard, "__defaults__", (4.0,))
    log: list[str] = []
    studio = serve_studio(make_fake_spec(log=log, delay=0.02), places=2, queue=1)
    for _ in range(3):
        call(studio, LONG * 10)
    until(lambda: log.count("closed") == 3, 5 * PATIENCE_S)
    assert speak(studio, body())[1].size > 0
    # Who listens is not cut off, and who then leaves frees the place.
    log.clear()
    with httpx.stream("GET", call(studio, LONG * 10)) as answer:
        lines, began = answer.iter_lines(), time.monotonic()
        while time.monotonic() - began < 9:
            next(lines)
        assert log == ["started"]
    until(lambda: log == ["started", "closed"], 5 * PATIENCE_S)


def recording(hz: float = 250.0, seconds: float = 2.0) -> bytes:
    """A WAV file with a tone."""
    out = io.BytesIO()
    tone = 0.3 * np.sin(2 * np.pi * hz * np.arange(round(16_000 * seconds)) / 16_000)
    soundfile.write(out, tone, 16_000, format="WAV")
    return out.getvalue()


def as_text(data: bytes) -> str:
    return base64.b64encode(data).decode()


def spoken_by(client: Client, **asked: str) -> str:
    """The voice that the file of a call names."""
    result = client.predict("Hello there.", "fake", **asked, api_name="/synthesize")
    with soundfile.SoundFile(result["value"] if isinstance(result, dict) else result) as file:
        return facts(file.comment)["voice"]


def test_a_script_clones_a_voice_and_speaks_with_it(client: Client) -> None:
    made = client.predict(
        as_text(recording()), "I agree to be cloned", name="Ben", transcript="Aaah.", api_name="/clone_voice"
    )
    assert (made["name"], made["system"], made["saved"]) == ("Ben", "fake", False)
    assert made["voice"] == f"fake/made:{made['made']}"
    assert spoken_by(client, made=made["made"]) == "Ben"
    data = f"data:audio/wav;base64,{as_text(recording())}"
    assert client.predict(data, "yes", api_name="/clone_voice")["name"] == "prompt"


def test_a_saved_clone_is_listed_and_keeps_what_was_agreed_to(
    serve_studio: Callable[..., Studio], fake_spec: SystemSpec, tmp_path: Path
) -> None:
    studio = serve_studio(fake_spec, models_dir=tmp_path / "models")
    client = Client(studio.url, verbose=False, download_files=tmp_path, analytics_enabled=False)
    asked = {"name": "Ann", "system": "fake", "save": True}
    saved = client.predict(as_text(recording()), "for  the\nradio", **asked, api_name="/clone_voice")
    assert (saved["saved"], saved["voice"]) == (True, "fake/Ann")
    told = client.predict(system="fake", api_name="/list_voices")
    assert [voice["id"] for voice in told["voices"] if voice["saved"]] == ["fake/Ann"]
    assert spoken_by(client, voice="Ann") == "Ann"
    assert studio.backend.engine.shelf.load("fake", "Ann").meta["consent"].endswith(": for the radio")


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        ({"consent": " "}, "say in consent"),
        ({"consent": "yes", "recording": "no base64!"}, "base64"),
        ({"consent": "yes", "recording": as_text(b"nothing that sounds")}, "recording|sound|audio"),
        ({"consent": "yes", "recording": ""}, "empty|recording|sound"),
        ({"consent": "yes", "system": "nobody"}, "no system"),
        ({"consent": "yes", "model": "opera"}, "no model"),
        ({"consent": "yes", "transcript": "x" * 2001}, "transcript"),
        ({"consent": "yes", "language": "tlh"}, "tlh"),
        ({"consent": 1}, "must be a text"),
    ],
)
def test_what_is_wrong_with_a_clone_is_told(client: Client, asked: dict[str, Any], says: str) -> None:
    with pytest.raises(AppError, match=says):
        client.predict(**{"recording": as_text(recording()), **asked}, api_name="/clone_voice")


def test_a_recording_that_is_too_large_is_refused_before_it_is_kept(studio: Studio) -> None:
    url = f"{studio.url}gradio_api/call/clone_voice"
    sent = {"data": ["A" * MAX_CALL, "yes", "", "", "", "", "", False]}
    assert httpx.post(url, json=sent).status_code == 413
    assert httpx.post(url, json={"data": ["A" * 1000, *sent["data"][1:]]}).status_code == 200


def test_gradio_keeps_little_of_what_was_sent(studio: Studio) -> None:
    for _ in range(SESSIONS + 4):
        heard(studio, "list_voices", ["", "", 1])
    assert len(studio.blocks.app.state_holder.session_data) <= SESSIONS


def test_voices_and_systems_are_listed(
    serve_studio: Callable[..., Studio], make_fake_spec: Callable[..., SystemSpec], tmp_path: Path
) -> None:
    studio = serve_studio(make_fake_spec(), make_fake_spec("second"), make_fake_spec("third", bundled=False))
    client = Client(studio.url, verbose=False, download_files=tmp_path, analytics_enabled=False)
    told = client.predict(api_name="/list_voices")
    names = [f"{system}/{system}/{voice}" for system in ("fake", "second") for voice in ("alto", "bass")]
    assert [voice["id"].replace("built-in", voice["system"]) for voice in told["voices"]] == names
    assert told["total"] == 4
    first = client.predict(system="second", language="zh-CN", limit=1, api_name="/list_voices")
    assert ([voice["voice"] for voice in first["voices"]], first["total"]) == (["alto"], 2)
    assert client.predict(language="ru", api_name="/list_voices") == {"voices": [], "total": 0}
    systems = client.predict(api_name="/list_systems")
    assert [(system["id"], system["state"]) for system in systems] == [
        ("fake", "ready"),
        ("second", "ready"),
        ("third", "needs a checkpoint"),
    ]
    assert {"name": "level", "default": 0.5, "maximum": 1.0}.items() <= systems[0]["options"][0].items()
    with pytest.raises(AppError, match="no system"):
        client.predict(system="nobody", api_name="/list_voices")


def test_a_text_is_refined_and_not_spoken(
    serve_studio: Callable[..., Studio], make_fake_spec: Callable[..., SystemSpec], tmp_path: Path
) -> None:
    log: list[str] = []
    plain = replace(make_fake_spec("plain"), rewrites="")
    studio = serve_studio(plain, make_fake_spec(log=log))
    client = Client(studio.url, verbose=False, download_files=tmp_path, analytics_enabled=False)
    refined = client.predict("Hello there.", options='{"hum": "Oh,"}', api_name="/refine_text")
    assert refined == {"text": "Oh, Hello there.", "options": {"rewrite": False}}
    assert log == ["loaded", "started"]  # which was closed before it made any sound
    again = client.predict(refined["text"], "fake", options=json.dumps(refined["options"]), api_name="/synthesize")
    assert Path(again["value"] if isinstance(again, dict) else again).stat().st_size > 1000
    with pytest.raises(AppError, match="rewrites none"):
        client.predict("Hello there.", "plain", api_name="/refine_text")
    with pytest.raises(AppError, match="JSON object"):
        client.predict("Hello there.", options="[1]", api_name="/refine_text")


def said_aloud(path: Path) -> str:
    """A recording of a sentence, as it is sent."""
    Engine(device="cpu").say("The kettle is on.", system="kokoro", voice="af_clara", seed=1).save(path)
    return as_text(path.read_bytes())


def test_what_is_said_in_a_recording_is_told(
    serve_studio: Callable[..., Studio], fake_spec: SystemSpec, tmp_path: Path
) -> None:
    studio = serve_studio(fake_spec, recognisers=recognisers())
    client = Client(studio.url, verbose=False, download_files=tmp_path, analytics_enabled=False)
    heard = client.predict(said_aloud(tmp_path / "kettle.opus"), language="en", api_name="/transcribe")
    assert "kettle is on" in heard["text"].lower()
    assert len(heard["words"]) == 4
    assert heard["language"] == "en"
    with pytest.raises(AppError, match="base64"):
        client.predict("?", api_name="/transcribe")


def test_the_endpoints_are_public_and_say_what_they_take(client: Client) -> None:
    told = client.view_api(return_format="dict")["named_endpoints"]
    assert list(told) == [f"/{name}" for name in NAMES]
    for name, endpoint in told.items():
        assert endpoint["description"], name
    documented = (ROOT / "docs" / "serving.md").read_text(encoding="utf-8").partition("\n## Gradio\n")[2]
    documented = documented.partition("\n## ")[0]
    for name, endpoint in told.items():
        (row,) = (line for line in documented.splitlines() if line.startswith(f"| `{name[1:]}` |"))
        taken = [parameter["parameter_name"] for parameter in endpoint["parameters"]]
        assert [word for word in taken if f"`{word}`" not in row] == [], name
