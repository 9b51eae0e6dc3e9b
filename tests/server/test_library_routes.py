"""The routes of models over a real server: fetched, loaded, brought, deleted, and what a mistake is answered with."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from engine.hub import Hub
from engine.system import SystemSpec
from tests.choir import CHOIR, choir_spec
from tests.hub_server import FakeHub
from tests.server.conftest import Served
from tests.timing import until


@pytest.fixture
def server() -> Iterator[FakeHub]:
    with FakeHub({"choir/songs": {"choir.json": CHOIR}}) as hub:
        yield hub


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "models"


@pytest.fixture
def library(serve_studio: Callable[..., Served], fake_spec: SystemSpec, server: FakeHub, folder: Path) -> Served:
    """A studio whose models come from the hub on loopback."""
    return serve_studio(
        choir_spec(fake_spec), models_dir=folder, hub=Hub(endpoints=[server.url], ledger=folder / ".ledger.json")
    )


def models(studio: Served) -> dict[str, Any]:
    return httpx.get(f"{studio.url}studio/models").json()


def post(studio: Served, path: str, body: Any) -> httpx.Response:
    return httpx.post(f"{studio.url}studio/{path}", json=body)


def act(studio: Served, act: str, id: str, **more: Any) -> httpx.Response:  # noqa: A002
    return post(studio, f"models/{act}", {"id": id, **more})


def state(studio: Served, id: str) -> str:  # noqa: A002
    return next(card["state"] for card in models(studio)["cards"] if card["id"] == id)


def task(studio: Served, id: str) -> dict[str, Any]:  # noqa: A002
    """The newest work on a thing."""
    return [task for task in models(studio)["tasks"] if task["id"] == id][-1]


def test_a_download_goes_on_by_itself_pauses_resumes_and_is_then_in_the_form(library: Served, server: FakeHub) -> None:
    server.faults.bps = 40_000  # a quarter of a minute for all of it
    assert act(library, "download", "fake/open").status_code == 200
    until(lambda: (task(library, "fake/open")["done"] or 0) > 50_000)
    told = task(library, "fake/open")
    assert (told["state"], told["kind"], told["total"]) == ("running", "download", len(CHOIR))
    assert act(library, "download", "fake/open").status_code == 429
    assert act(library, "stop", "fake/open").status_code == 200
    assert state(library, "fake/open") == "partly here"
    server.faults.bps = None
    act(library, "download", "fake/open")
    until(lambda: state(library, "fake/open") == "ready")
    system = httpx.get(f"{library.url}studio/systems").json()[0]
    assert [model["name"] for model in system["models"]] == ["built-in", "open"]
    assert system["models"][1]["voices"] == ["bass", "alto"]


def test_terms_are_accepted_with_the_download(library: Served) -> None:
    act(library, "download", "fake/bound")
    until(lambda: task(library, "fake/bound")["state"] == "failed")
    assert "Not for money." in task(library, "fake/bound")["message"]
    act(library, "download", "fake/bound", accept=True)
    until(lambda: state(library, "fake/bound") == "ready")


def test_a_model_is_loaded_shown_and_unloaded_and_only_then_deleted(library: Served, folder: Path) -> None:
    act(library, "download", "fake/open")
    until(lambda: state(library, "fake/open") == "ready")
    act(library, "load", "fake/open")
    until(lambda: task(library, "fake/open")["state"] == "done")
    told = models(library)["memory"][0]
    assert (told["id"], told["device"], told["dtype"]) == ("fake/open", "cpu", "float32")
    refused = act(library, "delete", "fake/open")
    assert (refused.status_code, refused.json()["error"]["type"]) == (400, "InUse")
    assert act(library, "unload", "fake/open").status_code == 200
    assert models(library)["memory"] == []
    assert act(library, "unload", "fake/open").status_code == 409
    assert act(library, "delete", "fake/open").status_code == 200
    assert state(library, "fake/open") == "downloadable"
    assert not folder.joinpath("fake/open").exists()


def test_only_announced_files_are_taken_and_the_checkpoint_is_checked(library: Served, folder: Path) -> None:
    paths = ["My run/choir.json", "My run/optimizer.pt"]
    announced = post(library, "uploads", {"id": "fake", "name": "My run", "paths": paths}).json()
    assert announced["places"] == {"My run/choir.json": "choir.json"}
    uploads = f"{library.url}studio/uploads/{announced['key']}"
    for place in ("optimizer.pt", "..%2Fchoir.json", "%2Fetc%2Fx", "choir.json%2F..%2Fx"):
        assert httpx.put(f"{uploads}/{place}", content=b"x").status_code == 404
    assert httpx.put(f"{uploads}/choir.json", content=CHOIR).status_code == 200
    assert post(library, f"uploads/{announced['key']}/import", {}).json() == {"id": "fake"}
    until(lambda: task(library, "fake")["state"] != "running")
    assert task(library, "fake")["result"] == "fake/My-run"
    assert folder.joinpath("fake/My-run/choir.json").read_bytes() == CHOIR
    assert list(folder.joinpath(".uploads").iterdir()) == []
    assert post(library, f"uploads/{announced['key']}/import", {}).status_code == 404


def test_an_import_that_meets_other_work_keeps_its_files_for_another_try(library: Served, server: FakeHub) -> None:
    announced = post(library, "uploads", {"id": "fake/open", "name": "x", "paths": ["choir.json"]}).json()
    httpx.put(f"{library.url}studio/uploads/{announced['key']}/choir.json", content=CHOIR)
    server.faults.bps = 8_000
    act(library, "download", "fake/open")
    assert post(library, f"uploads/{announced['key']}/import", {}).status_code == 429
    act(library, "stop", "fake/open")
    assert post(library, f"uploads/{announced['key']}/import", {}).json() == {"id": "fake/open"}
    until(lambda: task(library, "fake/open")["state"] == "done")
    assert state(library, "fake/open") == "ready"


def test_a_file_that_cannot_be_written_is_one_clear_line(library: Served, folder: Path) -> None:
    announced = post(library, "uploads", {"id": "fake", "name": "x", "paths": ["choir.json"]}).json()
    (waiting,) = folder.joinpath(".uploads").glob("*/x")
    waiting.rmdir()
    waiting.write_text("in the way")
    sent = httpx.put(f"{library.url}studio/uploads/{announced['key']}/choir.json", content=CHOIR)
    assert sent.status_code == 507
    assert "the file cannot be written" in sent.json()["error"]["message"]


def test_what_is_refused_leaves_nothing_behind(library: Served, folder: Path) -> None:
    announced = post(library, "uploads", {"id": "fake/by-hand", "name": "x", "paths": ["got.json"]}).json()
    httpx.put(f"{library.url}studio/uploads/{announced['key']}/choir.json", content=b"{}")
    post(library, f"uploads/{announced['key']}/import", {})
    until(lambda: task(library, "fake/by-hand")["state"] == "failed")
    assert "holds no voices" in task(library, "fake/by-hand")["message"]
    assert state(library, "fake/by-hand") == "needs your file"
    assert not list(folder.rglob("*.json"))


def test_how_work_has_ended_is_told_until_it_is_dismissed_or_tried_anew(library: Served) -> None:
    def ended() -> dict[tuple[str, str], str]:
        until(lambda: all(task["state"] != "running" for task in models(library)["tasks"]))
        return {(task["id"], task["kind"]): task["state"] for task in models(library)["tasks"]}

    def bring(content: bytes) -> None:
        announced = post(library, "uploads", {"id": "fake", "name": "x", "paths": ["choir.json"]}).json()
        httpx.put(f"{library.url}studio/uploads/{announced['key']}/choir.json", content=content)
        post(library, f"uploads/{announced['key']}/import", {})

    bring(b"{}")
    act(library, "download", "fake:choir/nothing")
    act(library, "download", "fake/bound")
    failed = {("fake", "import"), ("fake:choir/nothing", "download"), ("fake/bound", "download")}
    assert ended() == dict.fromkeys(failed, "failed")
    (refused,) = (task for task in models(library)["tasks"] if task["id"] == "fake/bound")
    assert refused["template"] != refused["message"]
    assert refused["values"]
    bring(CHOIR)
    act(library, "download", "fake/bound", accept=True)
    assert ended() == {
        ("fake", "import"): "done",
        ("fake:choir/nothing", "download"): "failed",
        ("fake/bound", "download"): "done",
    }
    assert act(library, "dismiss", "fake:choir/nothing", kind="import").status_code == 200
    assert ("fake:choir/nothing", "download") in ended()
    assert act(library, "dismiss", "fake:choir/nothing", kind="download").status_code == 200
    assert act(library, "dismiss", "fake/bound").status_code == 200
    assert ended() == {("fake", "import"): "done"}


@pytest.mark.parametrize(
    ("path", "body", "status", "words"),
    [
        ("models/explode", {"id": "fake/open"}, 404, "they can download, verify"),
        ("models/download", {}, 400, "needs the field 'id'"),
        ("models/download", [], 400, "must be a JSON object"),
        ("models/download", {"id": "fake/nothing"}, 400, "there is no model"),
        ("models/download", {"id": "opera:a/b"}, 400, "no system 'opera'"),
        ("models/verify", {"id": "fake:a/../b"}, 400, "is no repository"),
        ("models/delete", {"id": "fake/../.."}, 400, "there is no model"),
        ("models/delete", {"id": "opera/x"}, 400, "no system 'opera'"),
        ("models/delete", {"id": "fake/built-in"}, 400, "ships with Polyphone"),
        ("models/load", {"id": "fake/open"}, 400, "not here yet"),
        ("uploads", {"id": "fake", "paths": "x"}, 400, "must be a list of texts"),
        ("uploads", {"id": "fake"}, 400, "needs the field 'paths', a list of texts"),
        ("uploads", {"id": "fake", "paths": []}, 400, "at least 1"),
        ("uploads", {"id": "fake", "paths": ["a"] * 5001}, 400, "choose the checkpoint alone"),
        ("models/download", {"id": "fake/open", "accept": "yes"}, 400, "'accept' must be true or false"),
        ("models/download", {"id": "fake/open", "agree": True}, 400, "no field 'agree'"),
        ("uploads", {"id": "fake", "paths": ["a.txt", "b.txt"]}, 400, "hold no checkpoint"),
        ("uploads/nothing/import", {}, 404, "no such upload"),
    ],
)
def test_a_mistake_gets_one_clear_line(library: Served, path: str, body: Any, status: int, words: str) -> None:
    answer = post(library, path, body)
    assert (answer.status_code, answer.json()["error"]["message"].count("\n")) == (status, 0)
    assert words in answer.json()["error"]["message"]
    assert models(library)["tasks"] == []
