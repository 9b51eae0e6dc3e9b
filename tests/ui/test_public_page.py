"""A public studio in a real Chromium: visitors see what they may do, and the owner signs in."""

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from engine.system import SystemSpec
from server.rights import Policy
from tests.ui.conftest import visitor
from tests.ui.test_browser import generate, visit
from ui.app import Studio

pytestmark = pytest.mark.browser

TOKEN = "the-owner"


@pytest.fixture
def public(serve_studio: Callable[..., Studio], fake_spec: SystemSpec, tmp_path: Path) -> Studio:
    return serve_studio(fake_spec, models_dir=tmp_path / "models", policy=Policy(public=True, token=TOKEN))


def test_a_visitor_speaks_draws_a_voice_and_is_offered_nothing_that_is_the_owners(public: Studio, page: Page) -> None:
    visit(page, public.url)
    expect(page.locator("#studio-tab-models-button")).to_be_hidden()
    expect(page.locator("#studio-sign-in")).to_be_visible()
    generate(page, "Hello there.")
    page.wait_for_selector(".take .download.wav")
    page.reload()  # the browser knows its takes, and the server its visitor
    page.wait_for_selector(".take .download.wav")
    page.get_by_role("button", name="Draw", exact=True).click()
    page.click(".voice-draw .dice")
    generate(page, "Hello with a voice of my own.")
    expect(page.locator(".take .download.wav")).to_have_count(2)
    expect(page.locator(".voice-acts .for-owner")).to_have_count(1)
    expect(page.locator(".voice-acts .for-owner")).to_be_hidden()


def test_the_owner_signs_in_by_form_or_address_and_out_again(public: Studio, page: Page, browser: Browser) -> None:
    visit(page, public.url)
    page.click("#studio-sign-in")
    page.fill("#token", "wrong")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_be_visible()
    page.fill("#token", TOKEN)
    page.keyboard.press("Enter")
    page.wait_for_selector("body.studio-ready")
    assert page.url == public.url
    expect(page.locator("#studio-tab-models-button")).to_be_visible()
    page.click("#studio-tab-models-button")
    expect(page.locator(".models-system").first).to_be_visible()
    page.click("#studio-sign-out button")
    page.wait_for_selector("body.studio-visitor.studio-ready")
    expect(page.locator("#studio-tab-models-button")).to_be_hidden()
    with visitor(browser) as another:
        entered = another.new_page()
        entered.goto(f"{public.url}?token={TOKEN}")
        entered.wait_for_selector("body.studio-ready")
        assert TOKEN not in entered.url
        expect(entered.locator("#studio-tab-models-button")).to_be_visible()
