"""Every system's public release goes its whole way on the page: fetched, spoken with, and again without a network."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from engine import registry
from engine.hub import Hub
from tests.hub_server import FakeHub
from tests.releases import (
    STYLETTS2_COMMITS,
    chattts_release,
    kokoro_release,
    styletts2_releases,
    vallex_release,
    vits_release,
)
from tests.ui.test_browser import generate, stats, visit
from tests.ui.test_models_tab import card
from ui.app import Studio

# A release of each system, who builds it in small, and settings that keep it short: (fold, option, value).
RELEASES: dict[str, tuple[Callable[[Path], Any], tuple[str, str, str] | None]] = {
    "vits/ljs-mini-mb": (vits_release, None),
    "chattts/chattts": (chattts_release, ("Sampling", "Longest piece", "48")),
    "kokoro/v1_0": (kokoro_release, None),
    "styletts2/libritts": (styletts2_releases, None),
    "vallex/vallex": (vallex_release, ("Sampling", "Longest sentence in seconds", "1")),
}


def speak(page: Page, system: str, setting: tuple[str, str, str] | None) -> None:
    """Say something with what is chosen, and see that it sounded, under its licence, and was kept."""
    if setting:
        fold, option, value = setting
        page.locator(f".studio-of-{system} .studio-more > button", has_text=fold).click()
        page.get_by_label(f"number input for {option}", exact=True).fill(value)
        page.keyboard.press("Tab")
    takes = page.locator(".take .download.wav").count()
    generate(page, "Hello, hub.")
    expect(page.locator(".take .download.wav")).to_have_count(takes + 1)
    assert stats(page)["samples"] > 2000


@pytest.mark.browser
@pytest.mark.parametrize("release", RELEASES)
def test_a_release_is_downloaded_by_the_page_and_speaks_when_the_hub_is_gone(
    serve_studio: Callable[..., Studio], page: Page, tmp_path: Path, release: str
) -> None:
    build, setting = RELEASES[release]
    spec, served = build(tmp_path / "release")
    models, ledger = tmp_path / "models", tmp_path / "models" / ".ledger.json"
    terms = next(each.terms for each in spec.releases if f"{spec.id}/{each.name}" == release)
    with FakeHub(served, STYLETTS2_COMMITS) as hub:
        studio = serve_studio(spec, models_dir=models, hub=Hub(endpoints=[hub.url], ledger=ledger))
        visit(page, studio.url)
        page.get_by_role("tab", name="Models").click()
        card(page, release).get_by_role("button", name="Download").click()
        if terms.restricted:
            card(page, release).get_by_role("button", name="Accept and go on").click()
        card(page, release).get_by_role("button", name="Speak with it").click()
        expect(page.locator(".licence.restricted")).to_have_count(int(terms.restricted))
        expect(page.locator(".licence-badge")).to_contain_text(terms.name)
        page.click(".licence-badge")
        expect(page.locator(".licence-told")).to_contain_text(terms.summary)
        speak(page, spec.id, setting)
    studio.close()
    visit(page, serve_studio(spec, models_dir=models, hub=Hub(offline=True, ledger=ledger)).url)
    speak(page, spec.id, setting)


def test_there_is_one_of_every_registered_system_that_is_published() -> None:
    published = {spec.id for spec in registry.systems() if any(release.repo for release in spec.releases)}
    assert {release.split("/")[0] for release in RELEASES} == published
