"""StyleTTS2 in a real Chromium: its releases downloaded by the real program, its terms accepted, its voices heard."""

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.hub_server import FakeHub
from tests.releases import STYLETTS2_COMMITS, styletts2_releases
from tests.ui.test_browser import generate, stats
from tests.ui.test_models_tab import card, open_tab, program

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, bytes | Path]]:
    return styletts2_releases(tmp_path_factory.mktemp("published"))[1]


def test_a_visitor_accepts_the_terms_downloads_and_speaks_in_a_recorded_voice(
    served: dict[str, dict[str, bytes | Path]], page: Page, tmp_path: Path
) -> None:
    with FakeHub(served, STYLETTS2_COMMITS) as hub, program(tmp_path / "models", "--endpoint", hub.url) as url:
        open_tab(page, url)
        libri = card(page, "styletts2/libritts")
        libri.get_by_role("button", name="Download").click()
        expect(libri).to_contain_text("Listeners must be told")
        libri.get_by_role("button", name="Accept").click()
        libri.get_by_role("button", name="Speak with it").click()
        expect(page.locator(".licence.restricted .licence-told")).to_contain_text("Listeners must be told")
        expect(page.get_by_role("radiogroup", name="Voice").get_by_label("Reader 1221")).to_have_value(
            "1221-135767-0014"
        )
        page.get_by_role("radiogroup", name="Voice").get_by_label("Gavin").check()
        generate(page, "Hello, hub.")
        page.wait_for_selector(".take .download.wav")
        expect(page.locator(".take .chips").first).to_contain_text("Gavin")
        assert stats(page)["samples"] > 10_000
