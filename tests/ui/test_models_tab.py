"""The Models page: its routes over a real server, and what a visitor does in a real Chromium."""

import dataclasses
import json
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Locator, Page, expect

from engine.errors import WeightsMismatch
from engine.hub import Hub
from engine.release import Release, RemoteFile, Terms
from engine.system import SystemSpec
from tests.hub_server import FakeHub
from tests.releases import vits_release
from tests.ui.conftest import free_port
from tests.ui.test_browser import ending, generate, stats, visit
from ui.app import Studio

ROOT = Path(__file__).parents[2]
PAD = 600_000
CHOIR = json.dumps({"voices": ["bass", "alto"], "pad": "x" * PAD}).encode()
FREE = Terms(name="MIT", summary="Free for any use.")
BOUND = Terms(name="CC-BY-NC-4.0", summary="Not for money.", restricted=True)


def _release(name: str, terms: Terms = FREE, repo: str = "choir/songs") -> Release:
    file = RemoteFile(path="choir.json", size=len(CHOIR))
    known = {"repo": repo, "revision": "main" * bool(repo), "languages": ("en",), "checkpoint": "choir.json"}
    return Release(name=name, title=f"The {name} choir", files=(file,), terms=terms, **known)


def _check(checkpoint: Path) -> None:
    file = checkpoint / "choir.json" if checkpoint.is_dir() else checkpoint
    if b"voices" not in file.read_bytes():
        raise WeightsMismatch(f"{checkpoint} holds no voices")


@pytest.fixture
def spec(make_fake_spec: Callable[..., SystemSpec]) -> SystemSpec:
    """The fake system with one open release, one bound by its terms, and one that is brought by hand."""
    releases = (_release("open"), _release("bound", BOUND), _release("by-hand", repo=""))
    pick = lambda paths: ("choir.json",) if "choir.json" in paths else ()  # noqa: E731
    return dataclasses.replace(make_fake_spec(), releases=releases, pick=pick, check=_check)


@pytest.fixture
def server() -> Iterator[FakeHub]:
    with FakeHub({"choir/songs": {"choir.json": CHOIR}}) as hub:
        yield hub


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "models"


@pytest.fixture
def library(serve_studio: Callable[..., Studio], spec: SystemSpec, server: FakeHub, folder: Path) -> Studio:
    """A studio whose models come from the hub on loopback."""
    return serve_studio(spec, models_dir=folder, hub=Hub(endpoints=[server.url], ledger=folder / ".ledger.json"))


def models(studio: Studio) -> dict[str, Any]:
    return httpx.get(f"{studio.url}studio/models", timeout=30).json()


def post(studio: Studio, path: str, body: Any) -> httpx.Response:
    return httpx.post(f"{studio.url}studio/{path}", json=body, timeout=30)


def act(studio: Studio, act: str, id: str, **more: Any) -> httpx.Response:  # noqa: A002
    return post(studio, f"models/{act}", {"id": id, **more})


def state(studio: Studio, id: str) -> str:  # noqa: A002
    return next(card["state"] for card in models(studio)["cards"] if card["id"] == id)


def until(condition: Callable[[], Any]) -> None:
    give_up = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < give_up
        time.sleep(0.02)


# -- the routes --


def test_a_download_goes_on_by_itself_pauses_resumes_and_is_then_in_the_form(library: Studio, server: FakeHub) -> None:
    server.faults.bps = 300_000
    assert act(library, "download", "fake/open").status_code == 200
    until(lambda: (models(library)["tasks"]["fake/open"]["done"] or 0) > 50_000)
    told = models(library)["tasks"]["fake/open"]
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


def test_terms_are_accepted_with_the_download(library: Studio) -> None:
    act(library, "download", "fake/bound")
    until(lambda: models(library)["tasks"]["fake/bound"]["state"] == "failed")
    assert "Not for money." in models(library)["tasks"]["fake/bound"]["message"]
    act(library, "download", "fake/bound", accept=True)
    until(lambda: state(library, "fake/bound") == "ready")


def test_a_model_is_loaded_shown_and_unloaded_and_only_then_deleted(library: Studio, folder: Path) -> None:
    act(library, "download", "fake/open")
    until(lambda: state(library, "fake/open") == "ready")
    act(library, "load", "fake/open")
    until(lambda: models(library)["memory"])
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


def test_only_announced_files_are_taken_and_the_checkpoint_is_checked(library: Studio, folder: Path) -> None:
    paths = ["My run/choir.json", "My run/optimizer.pt"]
    announced = post(library, "uploads", {"id": "fake", "name": "My run", "paths": paths}).json()
    assert announced["places"] == {"My run/choir.json": "choir.json"}
    uploads = f"{library.url}studio/uploads/{announced['key']}"
    for place in ("optimizer.pt", "..%2Fchoir.json", "%2Fetc%2Fx", "choir.json%2F..%2Fx"):
        assert httpx.put(f"{uploads}/{place}", content=b"x").status_code == 404
    assert httpx.put(f"{uploads}/choir.json", content=CHOIR).status_code == 200
    assert post(library, f"uploads/{announced['key']}/import", {}).json() == {"id": "fake"}
    until(lambda: models(library)["tasks"]["fake"]["state"] != "running")
    assert models(library)["tasks"]["fake"]["result"] == "fake/My-run"
    assert folder.joinpath("fake/My-run/choir.json").read_bytes() == CHOIR
    assert list(folder.joinpath(".uploads").iterdir()) == []
    assert post(library, f"uploads/{announced['key']}/import", {}).status_code == 404


def test_what_is_refused_leaves_nothing_behind(library: Studio, folder: Path) -> None:
    announced = post(library, "uploads", {"id": "fake/by-hand", "name": "x", "paths": ["got.json"]}).json()
    httpx.put(f"{library.url}studio/uploads/{announced['key']}/choir.json", content=b"{}")
    post(library, f"uploads/{announced['key']}/import", {})
    until(lambda: models(library)["tasks"]["fake/by-hand"]["state"] == "failed")
    assert "holds no voices" in models(library)["tasks"]["fake/by-hand"]["message"]
    assert state(library, "fake/by-hand") == "needs your file"
    assert not list(folder.rglob("*.json"))


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
def test_a_mistake_gets_one_clear_line(library: Studio, path: str, body: Any, status: int, words: str) -> None:
    answer = post(library, path, body)
    assert (answer.status_code, answer.json()["error"]["message"].count("\n")) == (status, 0)
    assert words in answer.json()["error"]["message"]
    assert models(library)["tasks"] == {}


# -- the page --


def open_tab(page: Page, url: str) -> None:
    visit(page, url)
    page.get_by_role("tab", name="Models").click()
    page.wait_for_selector(".model")


def card(page: Page, id: str) -> Locator:  # noqa: A002
    return page.locator(f".model[data-id='{id}']")


@pytest.mark.browser
def test_a_download_survives_a_reload_pauses_and_is_spoken_with_at_once(
    library: Studio, server: FakeHub, page: Page
) -> None:
    server.faults.bps = 8_000
    open_tab(page, library.url)
    open_card = card(page, "fake/open")
    expect(open_card).to_contain_text("can be downloaded")
    expect(open_card).to_contain_text("600 kB")
    open_card.get_by_role("button", name="Download").click()
    expect(open_card.locator(".model-said")).to_contain_text(re.compile(r"\d+ kB / 600 kB"))
    page.reload()
    open_tab(page, library.url)
    expect(open_card.locator(".model-said")).to_contain_text(re.compile(r"\d+ kB / 600 kB"))
    open_card.get_by_role("button", name="Pause").click()
    expect(open_card).to_contain_text("partly here")
    server.faults.bps = None
    open_card.get_by_role("button", name="Resume").click()
    open_card.get_by_role("button", name="Speak with it").click()
    expect(page.get_by_role("radiogroup", name="Model").get_by_label("open")).to_be_checked()
    expect(page.get_by_role("radiogroup", name="Voice").get_by_label("bass")).to_be_checked()
    generate(page, "Hello.")
    page.wait_for_selector(".take .download.wav")
    expect(page.locator(".take .chips")).to_contain_text("open")


@pytest.mark.browser
def test_a_licence_that_restricts_is_accepted_once_and_stands_beside_generate(library: Studio, page: Page) -> None:
    open_tab(page, library.url)
    bound = card(page, "fake/bound")
    bound.get_by_role("button", name="Download").click()
    expect(bound).to_contain_text("Accept it once to go on")
    bound.get_by_role("button", name="Accept").click()
    bound.get_by_role("button", name="Speak with it").click()
    expect(page.locator("#studio-terms")).to_have_text("CC-BY-NC-4.0 Not for money.")
    page.get_by_role("radiogroup", name="Model").get_by_label("built-in").check()
    expect(page.locator("#studio-terms")).to_be_hidden()
    page.get_by_role("tab", name="Models").click()
    expect(bound).to_contain_text("accepted")
    bound.get_by_role("button", name="Delete").click()
    expect(bound).to_contain_text("Delete it from the disk?")
    bound.get_by_role("button", name="Leave it").click()
    bound.get_by_role("button", name="Delete").click()
    bound.get_by_role("button", name="Delete").click()
    expect(bound).to_contain_text("can be downloaded")
    bound.get_by_role("button", name="Download").click()
    expect(bound.get_by_role("button", name="Speak with it")).to_be_visible()


@pytest.mark.browser
def test_files_of_the_visitors_own_are_brought_and_checked(library: Studio, page: Page) -> None:
    open_tab(page, library.url)
    page.locator(".own input[data-for=files]").set_input_files(
        [{"name": "choir.json", "mimeType": "application/json", "buffer": CHOIR}]
    )
    mine = card(page, "fake/choir")
    expect(mine).to_contain_text("ready")
    mine.get_by_role("button", name="Verify").click()
    expect(mine).to_contain_text("nothing is damaged")
    by_hand = card(page, "fake/by-hand")
    wrong = {"name": "got.json", "mimeType": "application/json", "buffer": b"{}"}
    by_hand.locator("input[data-for=files]").set_input_files([wrong])
    expect(by_hand.get_by_role("alert")).to_contain_text("holds no voices")
    page.get_by_label("From a repository").fill("https://huggingface.co/choir/songs")
    page.locator(".own").get_by_role("button", name="Download").click()
    expect(card(page, "fake/choir--songs")).to_contain_text("ready")
    for width in (1280, 390):
        page.set_viewport_size({"width": width, "height": 844})
        assert page.evaluate("document.documentElement.scrollWidth") == width


@pytest.mark.browser
def test_the_real_program_downloads_a_release_and_speaks_with_it_offline(
    page: Page, folder: Path, tmp_path: Path
) -> None:
    _, served = vits_release(tmp_path / "release")
    with FakeHub(served) as hub:
        with program(folder, "--endpoint", hub.url) as url:
            open_tab(page, url)
            mini = card(page, "vits/ljs-mini-mb")
            mini.get_by_role("button", name="Download").click()
            mini.get_by_role("button", name="Speak with it").click()
            speak(page)
        assert len(hub.asked("cdn")) == 1
    with program(folder, "--offline") as url:
        visit(page, url)
        page.get_by_role("radiogroup", name="Model").get_by_label("ljs-mini-mb").check()
        speak(page)


@contextmanager
def program(folder: Path, *flags: str) -> Iterator[str]:
    """The real program in a process of its own; gives its address."""
    command = [sys.executable, "webui.py", "--port", str(free_port()), "--models-dir", str(folder), *flags]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE) as process, ending(process):
        assert process.stdout is not None
        yield process.stdout.readline().decode().split()[-1]


def speak(page: Page) -> None:
    """Say something with the chosen model and see that it sounded and was kept."""
    takes = page.locator(".take .download.wav").count()
    generate(page, "Hello, hub.")
    expect(page.locator(".take .download.wav")).to_have_count(takes + 1)
    expect(page.locator(".take").first.locator(".chips")).to_contain_text("ljs-mini-mb")
    assert stats(page)["samples"] > 2000
