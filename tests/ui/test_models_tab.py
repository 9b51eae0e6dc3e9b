"""A visitor's ways to a model in a real Chromium: downloaded, paused, accepted, brought, deleted, spoken with."""

import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from engine.hub import Hub
from engine.system import SystemSpec
from tests.choir import CHOIR, choir_spec
from tests.hub_server import FakeHub
from tests.ports import free_port
from tests.releases import vits_release
from tests.ui.test_browser import ending, generate, stats, visit
from ui.app import Studio

ROOT = Path(__file__).parents[2]


@pytest.fixture
def server() -> Iterator[FakeHub]:
    with FakeHub({"choir/songs": {"choir.json": CHOIR}}) as hub:
        yield hub


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "models"


@pytest.fixture
def library(serve_studio: Callable[..., Studio], fake_spec: SystemSpec, server: FakeHub, folder: Path) -> Studio:
    """A studio whose models come from the hub on loopback."""
    return serve_studio(
        choir_spec(fake_spec), models_dir=folder, hub=Hub(endpoints=[server.url], ledger=folder / ".ledger.json")
    )


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
def test_a_licence_that_restricts_is_accepted_once_and_stands_with_the_system(library: Studio, page: Page) -> None:
    open_tab(page, library.url)
    bound = card(page, "fake/bound")
    bound.get_by_role("button", name="Download").click()
    expect(bound).to_contain_text("Accept it once to go on")
    bound.get_by_role("button", name="Accept").click()
    bound.get_by_role("button", name="Speak with it").click()
    badge = page.locator(".licence.restricted")
    expect(badge.get_by_role("button")).to_have_text(re.compile("CC-BY-NC-4.0"))
    expect(badge.locator(".licence-told")).to_be_hidden()
    badge.get_by_role("button").click()
    expect(badge.locator(".licence-told")).to_contain_text("Not for money.")
    page.get_by_role("radiogroup", name="Model").get_by_label("built-in").check()
    expect(page.locator(".licence")).to_have_count(1)
    expect(badge).to_have_count(0)
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
        page.locator("#studio-system").get_by_label("MB-iSTFT-VITS").check()
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
    # The voice that ships has another rate.
    assert stats(page)["rate"] == 22_050
    assert stats(page)["samples"] > 2000
