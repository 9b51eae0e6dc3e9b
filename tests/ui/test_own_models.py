"""What goes wrong on the Models page is told in its own place in a real Chromium, until it is dismissed."""

import dataclasses
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from engine.hub import Hub
from engine.system import SystemSpec
from tests.choir import CHOIR, choir_spec
from tests.hub_server import FakeHub
from tests.ui.test_models_tab import card, open_tab
from ui.app import Studio

pytestmark = pytest.mark.browser


@pytest.fixture
def server() -> Iterator[FakeHub]:
    with FakeHub({"choir/songs": {"choir.json": CHOIR}}) as hub:
        yield hub


@pytest.fixture
def library(serve_studio: Callable[..., Studio], fake_spec: SystemSpec, server: FakeHub, tmp_path: Path) -> Studio:
    """A studio whose models come from the hub on loopback."""
    folder = tmp_path / "models"
    hub = Hub(endpoints=[server.url], ledger=folder / ".ledger.json")
    return serve_studio(choir_spec(fake_spec), models_dir=folder, hub=hub)


def bring(place: Locator, content: bytes, name: str = "choir.json") -> None:
    place.locator("input[data-for=files]").set_input_files(
        [{"name": name, "mimeType": "application/json", "buffer": content}]
    )


def fetch(page: Page, repository: str) -> None:
    page.get_by_label("From a repository").fill(repository)
    page.locator(".own-repository").get_by_role("button", name="Download").click()


def forbidden() -> dict[str, Any]:
    """A hub that refuses everything."""
    return {operation: [[403, {}, 99]] for operation in ("HEAD", "GET", "CDN", "API")}


def test_an_import_and_a_repository_that_fail_hide_nothing_of_each_other(library: Studio, page: Page) -> None:
    open_tab(page, library.url)
    problems = page.locator(".own").get_by_role("alert")
    bring(page.locator(".own"), b"{}")
    expect(problems).to_have_count(1)
    expect(problems).to_contain_text("holds no voices")
    fetch(page, "choir/nothing")
    expect(problems).to_have_count(2)
    expect(problems.last).to_contain_text("choir/nothing: ")
    fetch(page, "choir/neither")
    expect(problems).to_have_count(3)
    fetch(page, "no repository")
    expect(problems).to_have_count(4)
    page.reload()  # the first three are the server's
    open_tab(page, library.url)
    expect(problems).to_have_count(3)
    problems.filter(has_text="choir/nothing").get_by_role("button", name="Dismiss").click()
    expect(problems).to_have_count(2)
    bring(page.locator(".own"), CHOIR)  # the same thing, tried anew
    expect(card(page, "fake/choir")).to_contain_text("ready")
    expect(problems).to_have_count(1)
    expect(problems).to_contain_text("choir/neither")


def test_a_complaint_stays_until_it_is_dismissed_or_tried_anew(library: Studio, page: Page) -> None:
    page.clock.install()
    open_tab(page, library.url)
    problems = page.locator(".own").get_by_role("alert")
    bring(page.locator(".own"), b"x", "notes.txt")  # refused before anything is sent
    expect(problems).to_contain_text("hold no checkpoint")
    fetch(page, "no repository")
    expect(problems).to_have_count(2)
    with page.expect_response("**/studio/models"):
        page.clock.run_for(60_000)
    expect(problems).to_have_count(2)
    problems.last.get_by_role("button", name="Dismiss").click()
    expect(problems).to_have_count(1)
    bring(page.locator(".own"), b"{}")
    expect(problems).to_contain_text("holds no voices")
    problems.get_by_role("button", name="Dismiss").click()
    expect(problems).to_have_count(0)
    page.reload()
    open_tab(page, library.url)
    expect(problems).to_have_count(0)


def test_a_card_tells_of_each_work_on_it_by_itself(library: Studio, server: FakeHub, page: Page) -> None:
    open_tab(page, library.url)
    by_hand = card(page, "fake/by-hand")
    problems = by_hand.get_by_role("alert")
    bring(by_hand, b"{}")
    expect(problems).to_contain_text("holds no voices")
    bring(by_hand, CHOIR)
    expect(by_hand).to_contain_text("ready")
    expect(problems).to_have_count(0)
    openly = card(page, "fake/open")
    server.faults.status = forbidden()
    openly.get_by_role("button", name="Download").click()
    problem = openly.get_by_role("alert")
    expect(problem).to_be_visible()
    page.reload()
    open_tab(page, library.url)
    problem.get_by_role("button", name="Dismiss").click()
    expect(problem).to_have_count(0)
    server.faults.status = forbidden()
    openly.get_by_role("button", name="Download").click()
    expect(problem).to_be_visible()
    server.faults.status = {}
    openly.get_by_role("button", name="Download").click()
    expect(openly).to_contain_text("ready")
    expect(problem).to_have_count(0)


def test_a_repository_that_the_system_knows_asks_for_its_licence_on_a_card(
    serve_studio: Callable[..., Studio], fake_spec: SystemSpec, server: FakeHub, tmp_path: Path, page: Page
) -> None:
    spec = choir_spec(fake_spec)
    bound = next(release for release in spec.releases if release.name == "bound")
    known = dataclasses.replace(spec, published=lambda repo: bound if repo == "choir/songs" else None)
    folder = tmp_path / "models"
    hub = Hub(endpoints=[server.url], ledger=folder / ".ledger.json")
    open_tab(page, serve_studio(known, models_dir=folder, hub=hub).url)
    fetch(page, "choir/songs")
    own = card(page, "fake/choir--songs")
    expect(own).to_contain_text("CC-BY-NC-4.0")
    own.get_by_role("button", name="Download").click()
    own.get_by_role("button", name="Accept").click()
    expect(own).to_contain_text("ready")
    assert (folder / "fake" / "choir--songs" / "choir.json").is_file()
