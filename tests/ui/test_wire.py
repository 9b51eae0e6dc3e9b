"""What the script believes of the wire is what the server sends: every property, and no other."""

import json
import re
import struct
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from engine.hub import Hub
from engine.listening.design import KINDS
from engine.system import SystemSpec
from engine.systems.vits import SPEC as VITS
from tests.engine.audio.prompts import voice
from tests.hub_server import FakeHub
from tests.piper import MMS, piper_repository
from tests.server.test_grid_routes import made
from tests.server.test_listening_routes import make, sit
from tests.server.test_recording_routes import wav
from tests.wavtokenizer import lightning_file
from ui.app import Studio
from ui.look import PAGE

# An object's properties by name, and whether each may be missing.
Shape = dict[str, bool]


def shapes() -> dict[str, Shape]:
    """The objects that the script's typedefs describe."""
    found: dict[str, Shape] = {}
    for path in sorted(PAGE.glob("wire*.js")):
        for comment in re.findall(r"/\*\*(.*?)\*/", path.read_text("utf-8"), re.DOTALL):
            if named := re.search(r"@typedef \{object\} (\w+)", comment):
                properties = re.findall(r"@property \{.*\} (\[?)(\w+)", comment)
                found[named[1]] = {name: bool(optional) for optional, name in properties}
    return found


def hold(value: Any, shape: str) -> None:
    """Fails where an object of the server's is not as the typedef of this name says."""
    known = shapes()[shape]
    assert value.keys() <= known.keys(), shape
    assert {name for name, optional in known.items() if not optional} <= value.keys(), shape


def frames(body: bytes) -> Iterator[dict[str, Any]]:
    """The events of a stream that speaks."""
    while body:
        kind, size = struct.unpack_from("<cI", body)
        if kind == b"J":
            yield json.loads(body[5 : 5 + size])
        body = body[5 + size :]


@pytest.fixture
def url(serve_studio: Callable[..., Studio], make_fake_spec: Callable[..., SystemSpec], choirs: Path) -> str:
    (choirs / "fake" / "shards").unlink()
    return serve_studio(make_fake_spec(), models_dir=choirs).url


def test_systems(url: str) -> None:
    (system,) = httpx.get(f"{url}studio/systems").json()
    hold(system, "SystemFacts")
    hold(system["voicing"], "VoicingFacts")
    hold(system["licences"], "SystemLicences")
    for option in system["options"]:
        hold(option, "OptionFacts")
    for model in system["models"]:
        hold(model, "ModelFacts")
        hold(model["voicing"], "VoicingFacts")
        hold(model["traits"], "Traits")
        for portrait in model["portraits"].values():
            hold(portrait, "PortraitFacts")
        for label in model["labels"].values():
            hold(label, "Told")
        hold(model["terms"], "Terms")
    states = re.search(r"@typedef \{(.*)\} SystemState", (PAGE / "wire.js").read_text("utf-8"))
    assert f'"{system["state"]}"' in states[1]


def test_the_library(url: str) -> None:
    httpx.post(f"{url}studio/models/load", json={"id": "fake/choir"})
    while not (library := httpx.get(f"{url}studio/models").json())["memory"]:
        assert [task["state"] for task in library["tasks"]] in (["running"], ["done"])
    hold(library, "Library")
    for card in library["cards"]:
        hold(card, "CardFacts")
        hold(card["licence"], "CardLicence")
    (task,) = library["tasks"]
    hold(task, "Task")
    hold(task["label"], "Told")
    hold(library["memory"][0], "Loaded")
    status = httpx.get(f"{url}studio/status").json()
    hold(status, "WarmUpStatus")
    hold(status["label"], "Told")


def test_catalogues_and_advice(serve_studio: Callable[..., Studio], tmp_path: Path) -> None:
    with FakeHub(piper_repository() | MMS) as hub:
        url = serve_studio(VITS, models_dir=tmp_path / "models", hub=Hub(endpoints=[hub.url])).url
        found = httpx.get(f"{url}studio/catalogue").json()
        hold(found, "FoundFacts")
        hold(found["entries"][0], "EntryFacts")
        offer = httpx.get(f"{url}studio/catalogue/{found['entries'][0]['id']}").json()
        hold(offer, "OfferFacts")
        hold(offer["card"], "CardFacts")
        advice = httpx.get(f"{url}studio/advice?language=de").json()
        hold(advice, "AdviceFacts")
        hold(advice["options"][0], "AdvisedFacts")
        hold(advice["options"][0]["card"]["licence"], "CardLicence")


def test_a_stream_and_its_take(url: str) -> None:
    wanted = {"text": "Hello ☃.", "system": "fake", "model": "choir", "voice": "alto", "language": "en", "seed": 1}
    asked = wanted | {"options": {"rewrite": True}}
    hold(asked, "Wanted")
    answer = httpx.post(f"{url}studio/speak", json=asked)
    events = list(frames(answer.content))
    assert {each["event"] for each in events} == {"job", "progress", "started", "rewritten", "notice", "finished"}
    for event in events:
        hold(event, f"{event['event'].title()}Frame")
        if event["event"] == "progress":
            hold(event["label"], "Told")
    take = events[-1]["take"]
    hold(take, "Take")
    hold(take["form"], "Wanted")
    hold(take["rewritten"], "RewrittenText")


def test_a_text_before_it_is_spoken(url: str) -> None:
    asked = {"text": "Hello ☃ 你好.", "system": "fake", "model": "choir", "language": "en", "options": {}}
    read = httpx.post(f"{url}studio/text", json=asked).json()
    hold(read, "ReadText")
    hold(read["segments"][0], "ReadSegment")
    hold(read["notices"][0], "Told")
    written = httpx.post(f"{url}studio/languages", json=asked).json()
    hold(written, "WrittenText")
    hold(written["parts"][0], "TextPart")


def test_a_recording(url: str) -> None:
    sent = {"content": wav(voice(3.0)), "headers": {"Content-Type": "audio/wav"}}
    told = httpx.post(f"{url}studio/recordings/check", **sent).json()
    hold(told, "RecordingFacts")
    for finding in told["findings"]:
        hold(finding, "RecordingFinding")
        hold(finding["message"], "Told")


def test_codecs(url: str, choirs: Path) -> None:
    lightning_file(choirs, "codec40")
    told = httpx.get(f"{url}studio/codecs").json()
    hold(told, "CodecShelf")
    for codec in told["codecs"]:
        hold(codec, "CodecFacts")
    sent = {"content": wav(voice(0.5)), "headers": {"Content-Type": "audio/wav"}}
    hold(httpx.post(f"{url}studio/codecs/{told['codecs'][0]['id']}", **sent, timeout=60).json(), "RoundTrip")


def test_listening_tests(url: str) -> None:
    with httpx.Client(base_url=url, timeout=60) as client:
        made = make(client, "ab")
        hold(made, "TestFacts")
        hold(client.get(f"studio/listen/{made['link']}").json(), "AboutTest")
        listen = f"studio/listen/{made['link']}"
        sitting = client.get(f"{listen}/{client.post(listen, json={}).json()['listener']}").json()
        hold(sitting, "SittingFacts")
        hold(sitting["next"], "NextTrial")
        sit(url, made, lambda _: [1])
        results = client.get(f"studio/listening-tests/{made['test']}").json()
        hold(results, "TestResults")
        hold(results["rows"][0], "ResultRow")
        hold(results["rows"][0]["mean"], "MeanFacts")
    kinds = re.search(r"@typedef \{(.*)\} TestKind", (PAGE / "wire_listening.js").read_text("utf-8"))
    assert kinds[1] == " | ".join(f'"{kind}"' for kind in KINDS)


def test_grids(url: str) -> None:
    with httpx.Client(base_url=url, timeout=60) as client:
        news = made(client, texts=["Yes.", "☃"])
        hold(client.get("studio/grids").json()["grids"][0], "GridFacts")
        hold(news, "GridNews")
        for cell in news["held"]:
            hold(cell, "CellFacts")
        hold(news["held"][0]["take"], "CellTake")
        hold(news["held"][-1]["problem"], "Problem")


def test_errors_and_voices(url: str) -> None:
    hold(httpx.post(f"{url}studio/speak", json={"text": "", "system": "none"}).json()["error"], "Problem")
    voices = f"{url}studio/voices/fake"
    hold(httpx.post(f"{voices}/make", json={"voice": "seed:1"}).json(), "MadeVoice")
    hold(httpx.post(f"{voices}/save", json={"voice": "seed:1", "name": "Ann"}).json(), "SavedVoice")


def test_an_unknown_or_missing_property_is_seen() -> None:
    for wrong in ({"made": "x"}, {"made": "x", "name": "y", "traits": [], "more": 1}):
        with pytest.raises(AssertionError, match="MadeVoice"):
            hold(wrong, "MadeVoice")
