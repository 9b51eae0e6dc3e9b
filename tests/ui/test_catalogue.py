"""The head of the Models page in a real Chromium: what somebody wants to do, and voices found in a catalogue."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from engine.hub import Hub
from engine.systems.chattts import SPEC as CHATTTS
from engine.systems.kokoro import SPEC as KOKORO
from engine.systems.vits import SPEC as VITS
from engine.systems.vits.catalogue import REPOSITORY
from tests.hub_server import FakeHub
from tests.piper import MMS, folder_of, piper_repository
from tests.ui.test_browser import generate, stats, visit
from tests.ui.test_models_tab import card
from ui.app import Studio

pytestmark = pytest.mark.browser


@pytest.fixture
def server() -> Iterator[FakeHub]:
    with FakeHub(piper_repository() | MMS) as hub:
        yield hub


@pytest.fixture
def studio(serve_studio: Callable[..., Studio], server: FakeHub, tmp_path: Path) -> Studio:
    """A studio whose voices come from the hub on loopback."""
    folder = tmp_path / "models"
    hub = Hub(endpoints=[server.url], ledger=folder / ".ledger.json")
    return serve_studio(VITS, CHATTTS, models_dir=folder, hub=hub)


def open_models(page: Page, studio: Studio) -> None:
    visit(page, f"{studio.url}#models")
    page.wait_for_selector(".found-row")


def look_for(page: Page, words: str) -> None:
    page.get_by_label("Language, country or name").fill(words)


def offer(page: Page, id: str) -> Locator:  # noqa: A002
    return page.locator(f".offered .model[data-offer='{id}']")


def test_a_voice_is_found_heard_read_about_accepted_and_downloaded(studio: Studio, server: FakeHub, page: Page) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    open_models(page, studio)
    look_for(page, "francais")
    expect(page.locator(".found-row")).to_have_count(1)
    expect(page.locator(".catalogue .find-said")).to_have_text("1 of 1")
    page.locator(".found-row").click()
    siwis = offer(page, "vits/fr_FR-siwis-medium")
    expect(siwis.locator(".model-licence.restricted")).to_contain_text("CC BY-NC-SA 4.0: Not for commercial use")
    page.get_by_text("What its card says").click()
    expect(page.locator(".offered pre")).to_contain_text("* License: CC BY-NC-SA 4.0")
    expect(page.locator(".offered audio")).to_have_count(0)
    weights = f"{folder_of('fr_FR-siwis-medium')}/fr_FR-siwis-medium.onnx"
    assert not [seen for seen in server.log if weights in seen.path]
    siwis.get_by_role("button", name="Download").click()
    expect(siwis).to_contain_text("Accept it once to go on")
    server.faults.bps = 20_000
    siwis.get_by_role("button", name="Accept and go on").click()
    expect(siwis.locator(".model-said")).to_contain_text(re.compile(r"\d+ kB / 990 kB"))
    server.faults.bps = None
    expect(siwis.get_by_role("button", name="Speak with it")).to_be_visible()
    expect(card(page, "vits/fr_FR-siwis-medium")).to_contain_text("ready")
    server.close()
    siwis.get_by_role("button", name="Speak with it").click()
    expect(page.locator(".licence.restricted")).to_contain_text("CC BY-NC-SA 4.0")
    page.click(".licence-badge")
    expect(page.locator(".licence-told a")).to_have_text(re.compile("rhasspy/piper-voices/.*/siwis/medium"))
    expect(page.locator(".studio-of-vits .voice-portrait")).to_contain_text("French")
    generate(page, "Bonjour.")
    page.wait_for_selector(".take .download.wav")
    assert stats(page)["samples"] > 2000
    assert all(url.startswith((studio.url, "blob:", "data:")) for url in asked)


def test_a_sample_is_heard_through_the_server(studio: Studio, page: Page) -> None:
    open_models(page, studio)
    look_for(page, "anna")
    expect(page.locator(".found-row")).to_have_count(1)
    page.locator(".found-row").click()
    sound = page.locator(".offered audio")
    expect(sound).to_be_visible()
    seconds = sound.evaluate(
        "sound => new Promise((done, fail) => { sound.onerror = fail; sound.ontimeupdate = () => done(sound.duration); "
        "sound.play(); })"
    )
    assert 0.9 < seconds < 1.2


def test_what_goes_wrong_is_said_where_it_was_asked_for(studio: Studio, server: FakeHub, page: Page) -> None:
    open_models(page, studio)
    look_for(page, "anna")
    expect(page.locator(".found-row")).to_have_count(1)
    page.locator(".found-row").click()
    anna = offer(page, "vits/de_DE-anna-low")
    files = server.repos[REPOSITORY]
    path = f"{folder_of('de_DE-anna-low')}/de_DE-anna-low.onnx"
    published = files[path]
    assert isinstance(published, bytes)
    files[path] = published[:-1] + b"\0"
    anna.get_by_role("button", name="Download").click()
    expect(anna.get_by_role("alert")).to_contain_text("hash")
    expect(anna).to_contain_text("partly here")
    files[path] = published
    anna.get_by_role("button", name="Resume").click()
    expect(anna.get_by_role("button", name="Speak with it")).to_be_visible()
    look_for(page, "nobody at all")
    expect(page.locator(".catalogue .find-said")).to_have_text("Nothing is found; try fewer words.")


def test_filters_and_the_keyboard(studio: Studio, page: Page) -> None:
    open_models(page, studio)
    page.get_by_label("Quality").select_option("high")
    expect(page.locator(".found-row")).to_have_count(1)
    page.get_by_label("Quality").select_option("")
    page.get_by_label("Several voices in one").check()
    expect(page.locator(".found-row")).to_have_count(2)
    page.locator(".found-row").first.focus()
    page.keyboard.press("Enter")
    expect(page.locator(".found-row").first).to_have_attribute("aria-expanded", "true")
    expect(page.locator(".offered .model")).to_be_visible()
    page.get_by_label("Size").select_option("30000000")
    expect(page.locator(".offered .model")).to_be_visible()  # what is open stays so while it is found
    page.keyboard.press("Escape")
    for width in (1280, 320):
        page.set_viewport_size({"width": width, "height": 844})
        assert page.evaluate("document.documentElement.scrollWidth") == width


def test_the_best_for_a_purpose_is_three_clicks_away(studio: Studio, page: Page) -> None:
    visit(page, studio.url)
    page.get_by_role("tab", name="Models").click()
    best = page.locator(".advised .model.best")
    expect(best).to_contain_text("Recommended")
    expect(page.locator(".advice select")).to_have_value("en")
    page.locator(".advice select").select_option("de")
    expect(best).to_have_attribute("data-offer", "vits/de_DE-thorsten_emotional-medium")
    expect(best).to_contain_text("Commercial use: yes")
    page.locator(".advice select").select_option("zh")
    expect(best).to_have_attribute("data-offer", "chattts/chattts")
    page.get_by_label("Sound at once").check()
    expect(best).to_have_attribute("data-offer", "vits/zh_CN-huayan-x_low")
    page.get_by_label("What it speaks may be sold or serve a business").check()
    expect(best).to_have_attribute("data-offer", "vits/zh_CN-huayan-x_low")
    best.get_by_role("button", name="Download").click()
    expect(best.get_by_role("button", name="Speak with it")).to_be_visible()


@pytest.mark.parametrize("context", [{"locale": "ja-JP"}], indirect=True)
def test_a_visitor_is_advised_in_the_language_that_they_have(studio: Studio, page: Page) -> None:
    visit(page, f"{studio.url}#models")
    expect(page.locator(".advice select")).to_have_value("ja")
    expect(page.locator(".advice .find-said")).to_contain_text("この条件でこの言語を話すモデルはありません。")
    expect(page.locator(".advice h2")).to_have_text("何をしたいですか？")


def test_without_a_network_the_page_says_so_and_works_on(
    serve_studio: Callable[..., Studio], page: Page, tmp_path: Path
) -> None:
    studio = serve_studio(KOKORO, VITS, models_dir=tmp_path / "models", hub=Hub(offline=True))
    visit(page, f"{studio.url}#models")
    expect(page.locator(".catalogue .find-said.bad")).to_contain_text("offline mode")
    expect(page.locator(".catalogue button:visible")).to_have_count(0)
    expect(page.locator(".advised .model")).to_have_count(1)
    expect(page.locator(".advised .model").get_by_role("button", name="Speak with it")).to_be_visible()
