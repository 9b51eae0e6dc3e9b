"""ui/tests_tab.py and what is loaded into it, in a browser: a test is made, its link sent, its results read."""

import csv
import json
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect

from engine.system import SystemSpec
from server.rights import Policy
from tests.server.test_listening_routes import TOKEN, make, sit
from tests.timing import PATIENCE_S
from tests.ui.test_browser import generate, visit
from tests.ui.test_words import visitor
from ui.app import Studio
from ui.words import read

pytestmark = pytest.mark.browser


@pytest.fixture
def studio(serve_studio: Callable[..., Studio], fake_spec: SystemSpec, tmp_path: Path) -> Studio:
    return serve_studio(fake_spec, models_dir=tmp_path / "models")


def press(page: Page, role: str, name: str) -> None:
    """With the keyboard alone, once it has the focus."""
    target = page.get_by_role(role, name=name)
    target.focus()
    page.keyboard.press("Space" if role == "radio" else "Enter")


def test_a_test_is_made_sent_and_read_by_keyboard(studio: Studio, page: Page, tmp_path: Path) -> None:
    visit(page, studio.url)
    press(page, "tab", "Tests")
    form = page.get_by_role("region", name="New test")
    expect(form.get_by_role("button", name="Make the test")).to_be_disabled()
    expect(form).to_contain_text("Speak something first")
    press(page, "tab", "Speak")
    for count in (1, 2):
        generate(page, "Good morning.")
        expect(page.locator(".take .download.wav")).to_have_count(count)
    press(page, "tab", "Tests")
    names = form.get_by_role("textbox", name="What to call it in the results")
    expect(names).to_have_count(2)
    press(page, "radio", "CMOS: how much better")
    press(page, "button", "Make the test")
    expect(form.get_by_role("status")).to_contain_text("says the same sentence twice")
    names.first.focus()
    page.keyboard.press("Control+A")
    page.keyboard.type("better")
    press(page, "button", "Make the test")
    expect(form.get_by_role("status")).to_have_text("The test is ready. Send its link to people.")
    card = page.locator(".test-card")
    expect(card.get_by_role("button", name="Copy the link")).to_be_focused()
    page.keyboard.press("Enter")
    expect(card.get_by_role("status").first).to_have_text("The link is copied.")
    expect(card).to_contain_text("CMOS · Trials: 2 · Listeners: 0")
    press(page, "button", "Copy the link")
    with httpx.Client(base_url=studio.url) as client:
        (made,) = client.get("studio/listening-tests").json()["tests"]
        assert made["kind"] == "cmos"
        assert card.locator(".test-link").get_attribute("href") == f"{studio.url}listen/{made['link']}"
        for score in (3, 3, 2):
            sit(studio.url, made, lambda _, score=score: [score])
    summary = card.locator("summary")
    summary.focus()
    page.keyboard.press("Enter")
    table = card.get_by_role("region", name="By system").get_by_role("table")
    expect(table.get_by_role("row").last).to_contain_text("better / fake")
    expect(table.get_by_role("columnheader")).to_have_text(
        [
            "", "Mean", "95 % interval", "", "First better", "Second better", "No difference",
            "Chance (binomial p)", "Judgements", "Listeners",
        ]
    )  # fmt: skip
    expect(table.get_by_role("cell").nth(-1)).to_have_text("3")
    expect(table.locator("svg .mean")).to_have_count(1)
    expect(table.locator("svg .interval")).to_have_count(1)
    failed = len(client_results(studio, made["test"])["inattentive"])
    attentive = card.get_by_label("Leave out who failed an attention check")
    expect(card.locator(".test-failed")).to_have_text(f"({failed})")
    attentive.focus()
    page.keyboard.press("Space")
    left = table.get_by_role("cell").nth(-1)
    expect(left).to_have_text(str(3 - failed)) if failed < 3 else expect(card).to_contain_text("Nobody has answered")
    for ending in ("csv", "json"):
        with page.expect_download() as waiting:
            press(page, "link", ending.upper())
        waiting.value.save_as(tmp_path / f"results.{ending}")
    with (tmp_path / "results.csv").open(newline="") as file:
        lines = list(csv.DictReader(file))
    assert len(lines) == len(json.loads((tmp_path / "results.json").read_text("utf-8"))["judgements"]) == 6
    assert {lines[0]["system"], lines[0]["other_system"]} == {"better", "fake"} or lines[0]["check"]


def client_results(studio: Studio, test: str) -> dict[str, list[int]]:
    return httpx.get(f"{studio.url}studio/listening-tests/{test}").json()


def test_what_was_made_is_there_on_another_visit_and_is_deleted_only_when_confirmed(studio: Studio, page: Page) -> None:
    with httpx.Client(base_url=studio.url, timeout=60) as client:
        make(client, "mos")
        visit(page, f"{studio.url}#tests")
        card = page.locator(".test-card")
        expect(card.get_by_role("heading")).to_have_text("Which?")
        card.locator("summary").click()
        expect(card.locator(".test-told")).to_have_text("Nobody has answered yet.")
        card.get_by_role("button", name="Delete").click()
        expect(card.get_by_role("button", name="Leave it")).to_be_focused()
        page.keyboard.press("Enter")
        expect(card.get_by_role("button", name="Delete")).to_have_count(1)
        assert len(client.get("studio/listening-tests").json()["tests"]) == 1
        card.get_by_role("button", name="Delete").click()
        card.get_by_role("button", name="Delete").click()
        expect(page.locator(".tests-list")).to_have_text("There are no tests yet.")
        assert client.get("studio/listening-tests").json() == {"tests": []}


@pytest.mark.parametrize("kind", ["ab", "mushra"])
def test_a_phone_of_320_px_shows_all_of_it(studio: Studio, browser: Browser, kind: str) -> None:
    context = browser.new_context(locale="ja-JP", viewport={"width": 320, "height": 640})
    context.set_default_timeout(1000 * PATIENCE_S)
    page, words = context.new_page(), read("ja").words
    with httpx.Client(base_url=studio.url, timeout=60) as client:
        made = make(client, kind)
    for _ in range(2):
        sit(studio.url, made, lambda count: [1] * (1 if kind == "ab" else count))
    visit(page, studio.url)
    generate(page, "Good morning.")
    expect(page.locator(".take .download.wav")).to_have_count(1)
    page.get_by_role("tab", name=words["tests"]).click()
    page.locator(".test-card summary").click()
    expect(page.get_by_role("region", name=words["by_system"])).to_be_visible()
    expect(page.locator(".test-take")).to_have_count(1)
    assert page.evaluate("document.documentElement.scrollWidth") == 320
    for tab in ("speak", "clone", "models", "tests"):
        expect(page.get_by_role("tab", name=words[tab])).to_be_visible()
    context.close()


def test_a_visitor_of_a_public_studio_is_not_offered_it(
    serve_studio: Callable[..., Studio], fake_spec: SystemSpec, tmp_path: Path, page: Page, browser: Browser
) -> None:
    policy = Policy(public=True, token=TOKEN)
    studio = serve_studio(fake_spec, models_dir=tmp_path / "models", policy=policy)
    visit(page, studio.url)
    expect(page.locator("#studio-tab-tests-button")).to_be_hidden()
    with visitor(browser, "en-GB") as owner:
        owner.goto(f"{studio.url}?token={TOKEN}#tests")
        owner.wait_for_selector("body.studio-ready")
        expect(owner.locator("#studio-tab-tests-button")).to_be_visible()
