"""MiniMind-TTS in a real Chromium: its form, a small checkpoint that speaks, and the codecs that it needs."""

import importlib
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from engine import registry
from engine.codecs.published import SPEC as WAVTOKENIZER
from engine.hub import Hub
from engine.library import Library
from engine.systems.minimind import SPEC
from tests.hub_server import FakeHub
from tests.minimind import checkpoint
from tests.ui.test_browser import generate, set_number, stats, visit
from tests.ui.test_models_tab import card, open_tab
from tests.wavtokenizer import lightning_file
from ui.app import Studio

pytestmark = pytest.mark.browser

CODES, HOP = 40, 320


def test_its_form_shows_and_a_checkpoint_of_ones_own_speaks(
    serve_studio: Callable[..., Studio], page: Page, tmp_path: Path
) -> None:
    importlib.import_module("engine.systems.minimind.system")
    checkpoint(tmp_path / "models" / "minimind" / "mine")
    visit(page, serve_studio(SPEC, models_dir=tmp_path / "models", device="cpu").url)
    form = page.locator(".studio-of-minimind")
    form.locator(".studio-more > button", has_text="Sampling").click()
    # Random weights go round in circles, which would be cut.
    guard = page.get_by_label("Guard against loops")
    expect(guard).to_be_checked()
    guard.uncheck()
    set_number(page, "Longest piece", str(CODES))
    generate(page, "Hello there.")
    expect(page.locator(".take .download.wav")).to_have_count(1)
    heard = stats(page)
    assert heard["rate"] == 24_000
    assert 0 < heard["samples"] <= CODES * HOP
    page.get_by_role("tab", name="Models").click()
    expect(card(page, "minimind/mine")).to_contain_text("ready")


def test_a_public_codec_is_fetched_on_the_models_page_and_neither_speaks_nor_is_loaded(
    serve_studio: Callable[..., Studio], page: Page, tmp_path: Path
) -> None:
    release, models = WAVTOKENIZER.releases[0], tmp_path / "models"
    held = lightning_file(tmp_path / "public")
    with FakeHub({release.repo: {release.files[0].path: held}}) as hub:
        served = Hub(endpoints=[hub.url], ledger=models / ".ledger.json")
        studio = serve_studio(SPEC, models_dir=models, hub=served, codecs=registry.codecs())
        open_tab(page, studio.url)
        codec = card(page, f"wavtokenizer/{release.name}")
        expect(codec).to_contain_text(release.note)
        codec.get_by_role("button", name="Download").click()
        expect(codec.get_by_role("button", name="Verify")).to_be_visible()
        expect(codec.get_by_role("button", name="Speak with it")).to_have_count(0)
        expect(codec.get_by_role("button", name="Load", exact=True)).to_have_count(0)
    here = Library((), models, codecs=registry.codecs())
    assert [each.codec for each in here.codecs()] == ["wavtokenizer"]
