"""The routes of grids over a real server: cells are made one by one, heard, judged, downloaded, and nobody else's."""

import csv
import io
import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
import soundfile

from engine.audio.loudness import lkfs
from engine.registry import recognisers
from engine.system import SystemSpec
from engine.systems.kokoro import SPEC as KOKORO
from server.rights import Policy
from tests.server.conftest import Served
from tests.server.test_speak_routes import body, frames
from tests.timing import until

TOKEN = "the-owner"
AXES = {
    "title": "Which?",
    "texts": ["Good morning.", "And good night."],
    "speakers": [{"system": "fake", "voice": "pitch:150"}, {"system": "fake", "voice": "pitch:400"}],
}


@pytest.fixture
def studio(serve_studio: Callable[..., Served], fake_spec: SystemSpec, tmp_path: Path) -> Served:
    return serve_studio(fake_spec, models_dir=tmp_path / "models")


def make(client: httpx.Client, **more: Any) -> dict[str, Any]:
    answer = client.post("studio/grids", json={**AXES, **more})
    assert answer.status_code == 200, answer.text
    return answer.json()


def look(client: httpx.Client, grid: str, **query: Any) -> dict[str, Any]:
    answer = client.get(f"studio/grids/{grid}", params=query)
    assert answer.status_code == 200, answer.text
    return answer.json()


def made(client: httpx.Client, **more: Any) -> dict[str, Any]:
    """A grid of which all is made."""
    grid = make(client, **more)["grid"]
    until(lambda: look(client, grid)["waiting"] == 0)
    return look(client, grid)


def client_of(studio: Served) -> httpx.Client:
    return httpx.Client(base_url=studio.url, timeout=60)


def test_a_grid_is_made_and_every_cell_equally_loud(studio: Served) -> None:
    with client_of(studio) as client:
        grid = made(client, seeds=[3], settings=["level=0.9", "level=0.1"])
        assert (grid["cells"], grid["failed"], grid["making"]) == (8, 0, None)
        assert [cell["state"] for cell in grid["held"]] == ["done"] * 8
        first = grid["held"][0]
        options = first["form"].pop("options")
        assert options.items() >= {"level": 0.9, "partials": 1}.items()
        assert first["form"] == {
            "text": "Good morning.",
            "system": "fake",
            "model": "",
            "voice": "pitch:150",
            "made": "",
            "language": "",
            "seed": 3,
        }
        assert first["take"]["audio_s"] > 0.1
        assert first["take"]["verdict"] is None
        levels = {cell["number"]: cell["take"]["level"] for cell in grid["held"]}
        for cell in grid["held"]:
            sent = client.get(cell["sound"])
            assert sent.headers["content-type"] == "audio/flac"
            heard = lkfs(*soundfile.read(io.BytesIO(sent.content), dtype="float32"))
            assert heard == pytest.approx(levels[cell["number"]], abs=0.1)
            plain = client.get(cell["file"])
            assert "attachment" in plain.headers["content-disposition"]
            own = lkfs(*soundfile.read(io.BytesIO(plain.content), dtype="float32"))
            assert own == pytest.approx(cell["take"]["loudness"], abs=0.1)
        assert client.get(first["picture"]).content.startswith(b"\x89PNG")
        assert client.get(f"studio/grids/{grid['grid']}/0.wav").status_code == 404
        assert look(client, grid["grid"], revision=grid["revision"])["held"] == []
        (listed,) = client.get("studio/grids").json()["grids"]
        assert listed.items() <= grid.items()


def test_a_cell_is_starred_made_anew_and_its_files_are_labelled(studio: Served) -> None:
    with client_of(studio) as client:
        grid = made(client)
        address = f"studio/grids/{grid['grid']}"
        before = client.get(f"{address}/1.flac").content
        assert client.post(f"{address}/1/star", json={"starred": True}).json()["starred"]
        assert client.post(f"{address}/1/redo", json={}).json()["form"]["seed"] == 1
        until(lambda: look(client, grid["grid"])["waiting"] == 0)
        changed = look(client, grid["grid"], revision=grid["revision"])["held"]
        assert [(cell["number"], cell["starred"], cell["form"]["seed"]) for cell in changed] == [(1, True, 1)]
        assert client.get(f"{address}/1.flac").content != before
        packed = zipfile.ZipFile(io.BytesIO(client.get(f"{address}.zip").content))
        names = packed.namelist()
        assert len(names) == 2 + 4 + 4
        manifest = json.loads(packed.read("manifest.json"))
        assert manifest == client.get(f"{address}.json").json()
        assert {cell["file"] for cell in manifest["cells"]} == {name for name in names if name.endswith(".flac")}
        second = manifest["cells"][1]
        assert (second["seed"], second["starred"], second["voice"]) == (1, True, "pitch:400")
        assert json.loads(packed.read(second["file"].replace(".flac", ".json"))) == second
        with soundfile.SoundFile(io.BytesIO(packed.read(second["file"]))) as sound:
            assert '"ai_generated":true' in sound.comment
        table = client.get(f"{address}.csv").text
        rows = list(csv.DictReader(io.StringIO(table)))
        assert [row["file"] for row in rows] == [cell["file"] for cell in manifest["cells"]]
        # What was downloaded makes the same grid.
        columns = ("text", "system", "voice", "seed", "options")
        again = io.StringIO()
        writer = csv.DictWriter(again, columns, extrasaction="ignore")
        writer.writeheader()
        writer.writerows(rows)
        other = made(client, texts=[], speakers=[], csv=again.getvalue())
        assert client.get(f"studio/grids/{other['grid']}/1.flac").content == client.get(f"{address}/1.flac").content
        assert client.get(f"{address}.xml").status_code == 404
        assert client.delete(address).json() == {"deleted": True}
        assert {client.get(path).status_code for path in (address, f"{address}.zip", f"{address}/1.flac")} == {404}


def test_what_cannot_be_made_is_refused_with_its_line_or_told_in_its_cell(
    serve_studio: Callable[..., Served], make_fake_spec: Callable[..., SystemSpec], tmp_path: Path
) -> None:
    studio = serve_studio(make_fake_spec(), models_dir=tmp_path / "models")
    with client_of(studio) as client:
        for sent, problem in (
            ({"texts": []}, "nothing to say"),
            ({"csv": "text,system\nOne.,fake"}, "choose one of them"),
            ({"settings": ["colour=red"]}, "there is no option 'colour'"),
            ({"seeds": [-1]}, "the seed -1"),
            ({"speakers": [{"system": "none"}]}, "none"),
            ({"speakers": [{"system": "fake", "model": "none"}]}, "no model 'none'"),
            ({"texts": [], "speakers": [], "csv": "text,system\nOne.,fake\nTwo.,none"}, "line 3 of the table"),
            ({"title": " "}, "title"),
        ):
            answer = client.post("studio/grids", json={**AXES, **sent})
            assert answer.status_code == 400, sent
            assert problem in answer.json()["error"]["message"]
        grid = made(client, texts=["☃", "Yes."])
        assert [cell["state"] for cell in grid["held"]] == ["failed", "failed", "done", "done"]
        assert "there is no sound" in grid["held"][0]["problem"]["message"]
        # Tried once more it is the same request.
        address = f"studio/grids/{grid['grid']}/0/redo"
        assert client.post(address, json={}).json()["form"]["seed"] == grid["held"][0]["form"]["seed"]


def test_a_grid_goes_on_after_a_restart_and_waits_when_told_to(
    serve_studio: Callable[..., Served], make_fake_spec: Callable[..., SystemSpec], tmp_path: Path
) -> None:
    slow = make_fake_spec(delay=0.05)
    studio = serve_studio(slow, models_dir=tmp_path / "models")
    with client_of(studio) as client:
        grid = make(client, seeds=list(range(5)))["grid"]
        until(lambda: look(client, grid)["waiting"] <= 18)
        assert client.post(f"studio/grids/{grid}", json={"paused": True}).json()["paused"]
        until(lambda: look(client, grid)["making"] is None)
        before = look(client, grid)
        assert before["waiting"] > 0
        client.post(f"studio/grids/{grid}", json={"paused": False}).raise_for_status()
    studio.backend.close()
    again = serve_studio(make_fake_spec(), models_dir=tmp_path / "models")
    with client_of(again) as client:
        until(lambda: look(client, grid)["waiting"] == 0)
        after = look(client, grid)
        assert after["failed"] == 0
        done = [cell for cell in before["held"] if cell["state"] == "done"]
        assert done == [cell for cell in after["held"] if cell["number"] in {each["number"] for each in done}]


def test_grids_take_turns_and_a_sentence_does_not_wait_for_them(
    serve_studio: Callable[..., Served], make_fake_spec: Callable[..., SystemSpec], tmp_path: Path
) -> None:
    studio = serve_studio(make_fake_spec(delay=0.02), models_dir=tmp_path / "models")
    with client_of(studio) as client:
        long = make(client, seeds=list(range(40)))["grid"]
        until(lambda: look(client, long)["waiting"] < 160)
        short = made(client)
        assert short["failed"] == 0
        with client.stream("POST", "studio/speak", json=body("Good morning.")) as sent:
            assert [frame for frame in frames(sent) if isinstance(frame, dict)][-1]["take"]
        assert look(client, long)["waiting"] > 40
        assert client.delete(f"studio/grids/{long}").json() == {"deleted": True}


def test_a_visitor_of_a_public_studio_has_their_own(
    serve_studio: Callable[..., Served], fake_spec: SystemSpec, tmp_path: Path
) -> None:
    studio = serve_studio(fake_spec, models_dir=tmp_path / "models", policy=Policy(public=True, token=TOKEN))
    with client_of(studio) as owner, client_of(studio) as other:
        owner.headers["Authorization"] = f"Bearer {TOKEN}"
        grid = made(owner)["grid"]
        assert other.get("studio/grids").json() == {"grids": []}
        for method, path, sent in (
            ("GET", "", None),
            ("GET", ".zip", None),
            ("GET", "/0.flac", None),
            ("POST", "", {"paused": True}),
            ("POST", "/0/star", {"starred": True}),
            ("POST", "/0/redo", {}),
            ("DELETE", "", None),
        ):
            assert other.request(method, f"studio/grids/{grid}{path}", json=sent).status_code == 404, path
        assert owner.get(f"studio/grids/{grid}/0.flac").status_code == 200
        long = other.post("studio/grids", json={**AXES, "texts": ["a" * 900] * 2})
        assert long.status_code == 200


def test_a_studio_without_a_folder_says_so(serve_studio: Callable[..., Served], fake_spec: SystemSpec) -> None:
    answer = httpx.get(f"{serve_studio(fake_spec).url}studio/grids")
    assert answer.status_code == 507
    assert "--models-dir" in answer.json()["error"]["message"]


def test_a_recogniser_hears_every_cell_where_it_is_to(serve_studio: Callable[..., Served], tmp_path: Path) -> None:
    studio = serve_studio(KOKORO, models_dir=tmp_path / "models", recognisers=recognisers(), device="cpu")
    speakers = [{"system": "kokoro", "voice": "af_clara"}]
    with client_of(studio) as client:
        grid = made(client, texts=["The kettle is on."], speakers=speakers, seeds=[1], checked=True)
        (cell,) = grid["held"]
        verdict = cell["take"]["verdict"]
        assert (verdict["errors"], verdict["total"], verdict["by_character"]) == (0, 4, False)
        assert 1 < verdict["naturalness"] <= 5
        (row,) = client.get(f"studio/grids/{grid['grid']}.json").json()["cells"]
        assert (row["errors"], row["heard"]) == (0, verdict["heard"])
