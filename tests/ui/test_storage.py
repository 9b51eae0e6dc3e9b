"""A browser that keeps nothing for the page, or has no room: the page starts, speaks, and tells of no fault."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.ui.test_browser import generate, visit
from ui.app import Studio
from ui.look import PAGE

# As in a private window, a frame of another site, or with cookies blocked: looking is an error.
DENIED = """for (const area of ["localStorage", "sessionStorage"]) {
  Object.defineProperty(window, area, { get() { throw new DOMException("denied", "SecurityError"); } });
}"""
FULL = 'Storage.prototype.setItem = () => { throw new DOMException("full", "QuotaExceededError"); };'
MEMORY = """async () => {
  const { base } = window.polyphone.config;
  const { lasting, ofThisTab } = await import(new URL(`${base}storage.js`, document.baseURI));
  lasting.set("x", "first");
  lasting.set("x", "second");
  ofThisTab.keep("y", { z: [1] });
  return [lasting.get("x"), lasting.get("none"), ofThisTab.recall("y"), ofThisTab.recall("none") ?? null];
}"""


def test_nothing_else_touches_the_browsers_storage() -> None:
    touching = re.compile(r"\b(?:localStorage|sessionStorage|indexedDB|document\.cookie)\b")
    assert [path.name for path in PAGE.glob("*.js") if touching.search(path.read_text("utf-8"))] == ["storage.js"]


@pytest.mark.browser
@pytest.mark.parametrize("fault", [DENIED, FULL], ids=["denied", "full"])
def test_without_storage_the_page_starts_speaks_and_keeps_its_takes(studio: Studio, page: Page, fault: str) -> None:
    page.add_init_script(fault)
    visit(page, studio.url)
    for made in (1, 2):
        generate(page, f"Said for the {made}. time.")
        expect(page.locator(".take .download.wav")).to_have_count(made)
        expect(page.locator("#studio-status")).to_have_text("Done")
    was = page.locator("body.dark").count()
    page.click("#studio-theme")
    expect(page.locator("body.dark")).to_have_count(1 - was)
    page.wait_for_timeout(600)  # the draft is kept a moment after the last change
    assert page.evaluate(MEMORY) == ["second", None, {"z": [1]}, None]


@pytest.mark.browser
def test_what_somebody_else_has_left_there_does_no_harm(studio: Studio, page: Page) -> None:
    left = {
        "polyphone.takes": "[{}, null, 5]",
        "polyphone.draft": '{"fields": [], "choices": 3}',
        "polyphone.theme": "]",
    }
    for key, text in left.items():
        page.add_init_script(f"localStorage[{key!r}] = sessionStorage[{key!r}] = {text!r};")
    visit(page, studio.url)
    expect(page.locator(".take")).to_have_count(0)
    generate(page, "Hello.")
    expect(page.locator(".take .download.wav")).to_have_count(1)
