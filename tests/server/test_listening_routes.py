"""The routes of listening tests over a real server: the owner makes one of takes, listeners hear and judge."""

import csv
import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
import soundfile

from engine.audio.loudness import lkfs
from engine.system import SystemSpec
from server.allowance import AT_ONE_ADDRESS, Limits
from server.rights import Policy
from tests.server.conftest import Served
from tests.server.test_speak_routes import body, frames

TOKEN = "the-owner"
OWNER = {"Authorization": f"Bearer {TOKEN}"}


@pytest.fixture
def studio(serve_studio: Callable[..., Served], fake_spec: SystemSpec, tmp_path: Path) -> Served:
    policy = Policy(public=True, token=TOKEN)
    return serve_studio(fake_spec, models_dir=tmp_path / "models", policy=policy)


def owner(studio: Served) -> httpx.Client:
    return httpx.Client(base_url=studio.url, headers=OWNER, timeout=60)


def speak(client: httpx.Client, text: str, voice: str) -> str:
    with client.stream("POST", "studio/speak", json=body(text, voice=voice)) as sent:
        return [frame for frame in frames(sent) if isinstance(frame, dict)][-1]["take"]["id"]


def make(client: httpx.Client, kind: str = "ab", **more: Any) -> dict[str, Any]:
    """A test of two voices that say two sentences."""
    takes = [
        {"take": speak(client, text, voice), "system": name}
        for text in ("Good morning.", "And good night.")
        for name, voice in (("Low", "pitch:150"), ("High", "pitch:400"))
    ]
    answer = client.post("studio/listening-tests", json={"title": "Which?", "kind": kind, "takes": takes, **more})
    assert answer.status_code == 200, answer.text
    return answer.json()


def sit(url: str, made: dict[str, Any], score: Callable[[int], list[int]]) -> list[list[bytes]]:
    """A stranger who goes through the whole test; the sounds that they hear, by trial."""
    listen = f"studio/listen/{made['link']}"
    with httpx.Client(base_url=url, timeout=60) as client:
        who = client.post(listen, json={}).json()["listener"]
        heard, state = [], client.get(f"{listen}/{who}").json()
        while state["next"]:
            place, count = state["next"]["place"], state["next"]["sounds"]
            sounds = [client.get(f"{listen}/{who}/{place}/{slot}.flac") for slot in range(count)]
            assert {each.headers["content-type"] for each in sounds} == {"audio/flac"}
            heard.append([each.content for each in sounds])
            state = client.post(f"{listen}/{who}", json={"place": place, "scores": score(count)}).json()
        assert state == {"answered": made["trials"], "trials": made["trials"], "next": None}
        return heard


def test_a_test_is_made_heard_and_counted(studio: Served) -> None:
    with owner(studio) as client:
        made = make(client)
        assert (made["trials"], made["kind"], made["listeners"]) == (2, "ab", 0)
        assert client.get("studio/listening-tests").json() == {"tests": [made]}
        asked = httpx.get(f"{studio.url}studio/listen/{made['link']}").json()
        assert asked == {"title": "Which?", "kind": "ab", "trials": 2, "least": -1, "most": 1, "neither": True}
        first, second = (sit(studio.url, made, lambda _: [1]) for _ in range(2))
        assert sorted(map(sorted, first)) == sorted(map(sorted, second))
        assert all(each[::-1] in second for each in first)
        samples = [soundfile.read(io.BytesIO(each), dtype="float32") for trial in first for each in trial]
        assert [lkfs(*each) for each in samples] == pytest.approx([lkfs(*samples[0])] * 4, abs=0.05)
        found = client.get(f"studio/listening-tests/{made['test']}").json()
        assert (found["listeners"], found["finished"], found["inattentive"]) == (2, 2, [])
        (systems,) = (row for row in found["rows"] if row["by"] == "system")
        # Both have preferred what came second, and each heard the pairs the other way round.
        assert (systems["of"], systems["first"], systems["second"], systems["p"]) == (["Low", "High"], 2, 2, 1.0)
        assert systems["mean"]["listeners"] == 2
        assert {row["by"] for row in found["rows"]} == {"system", "voice", "sentence"}


def test_judgements_are_exported_and_tests_forgotten(studio: Served) -> None:
    with owner(studio) as client:
        made = make(client, "mushra", anchors=True, checks=1)
        sit(studio.url, made, lambda count: [50] * count)
        address = f"studio/listening-tests/{made['test']}"
        sent = client.get(f"{address}.json")
        assert "attachment" in sent.headers["content-disposition"]
        lines = sent.json()["judgements"]
        assert len(lines) == 3 + 3 + 4
        assert {line["check"] for line in lines} == {"", "wrong"}
        table = list(csv.DictReader(io.StringIO(client.get(f"{address}.csv").text)))
        assert [{**line, "value": int(line["value"])} for line in table] == [
            {key: value if key == "value" else str(value) for key, value in line.items()} for line in lines
        ]
        everybody, attentive = (client.get(address, params={"attentive": wish}).json() for wish in ("false", "true"))
        assert everybody["inattentive"] == [0]
        assert {tuple(row["of"]) for row in everybody["rows"] if row["by"] == "system"} == {
            ("Low",), ("High",), ("anchor",)
        }  # fmt: skip
        assert attentive["rows"] == []
        assert client.get(f"{address}.xml").status_code == 404
        assert client.delete(address).json() == {"deleted": True}
        for path in (address, f"{address}.csv", f"studio/listen/{made['link']}"):
            assert client.get(path).status_code == 404


def test_a_listener_sees_no_names_and_nobody_else(studio: Served) -> None:
    with owner(studio) as client:
        made, other = make(client), make(client, "mos")
    listen = f"{studio.url}studio/listen/{made['link']}"
    who, second = (httpx.post(listen, json={}).json()["listener"] for _ in range(2))
    told = "".join(httpx.get(address).text for address in (listen, f"{listen}/{who}", f"{listen}/{who}/0/0.flac"))
    assert not [name for name in ("Low", "High", "pitch", "fake", "Good", second, made["test"]) if name in told]
    assert httpx.post(f"{listen}/{who}", json={"place": 0, "scores": [1]}).json()["answered"] == 1
    assert httpx.get(f"{listen}/{second}").json()["answered"] == 0
    for wrong in (
        f"{listen}/x",
        f"{studio.url}studio/listen/{other['link']}/{who}",
        f"{studio.url}studio/listen/{made['test']}",
        f"{listen}/{who}/1/2.flac",
        f"{listen}/{second}/1/0.flac",
        f"{listen}/{who}/a/b.flac",
        f"{listen}/{who}/99999999999999999999/0.flac",
    ):
        assert httpx.get(wrong).status_code == 404, wrong
    sends = f"{listen}/{who}"
    taken = httpx.post(sends, json={"place": 0, "scores": [-1]})
    assert (taken.status_code, taken.json()["error"]["values"]) == (409, {"place": "0"})
    assert httpx.post(sends, json={"place": 1, "scores": [7]}).status_code == 400
    assert httpx.post(sends, json={"place": 1, "scores": [1] * 14}).status_code == 400
    assert httpx.post(sends, json={"place": 1, "scores": "1"}).status_code == 400


def test_only_the_owner_makes_tests_and_only_of_their_own_takes(studio: Served) -> None:
    with httpx.Client(base_url=studio.url, timeout=60) as visitor, owner(studio) as client:
        take = speak(visitor, "Good morning.", "pitch:150")
        asked = {"title": "Which?", "kind": "mos", "takes": [{"take": take}]}
        assert visitor.post("studio/listening-tests", json=asked).status_code == 403
        assert visitor.get("studio/listening-tests").status_code == 403
        assert client.post("studio/listening-tests", json=asked).status_code == 404
        mine = {**asked, "takes": [{"take": speak(client, "Good morning.", "pitch:150")}]}
        assert client.post("studio/listening-tests", json={**mine, "kind": "ab"}).status_code == 400
        assert client.post("studio/listening-tests", json={**mine, "takes": []}).status_code == 400
        made = client.post("studio/listening-tests", json=mine).json()
        assert client.get(f"studio/listening-tests/{made['test']}.json").json()["judgements"] == []


def test_who_joins_counts_as_a_request_of_a_public_studio(
    serve_studio: Callable[..., Served], fake_spec: SystemSpec, tmp_path: Path
) -> None:
    policy = Policy(public=True, token=TOKEN, limits=Limits(requests=2))
    studio = serve_studio(fake_spec, models_dir=tmp_path / "models", policy=policy)
    with owner(studio) as client:
        link = f"{studio.url}studio/listen/{make(client, 'mos')['link']}"
    most = 2 * AT_ONE_ADDRESS  # each of these comes without a cookie
    assert [httpx.post(link, json={}).status_code for _ in range(most + 1)] == [200] * most + [429]


def test_a_studio_without_a_folder_says_so(serve_studio: Callable[..., Served], fake_spec: SystemSpec) -> None:
    studio = serve_studio(fake_spec)
    answer = httpx.get(f"{studio.url}studio/listening-tests")
    assert answer.status_code == 507
    assert "--models-dir" in answer.json()["error"]["message"]
