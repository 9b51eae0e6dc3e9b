"""What is written and chosen is still there after a reload, in a real Chromium; what is gone since is said calmly."""

import dataclasses
import json
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import BrowserContext, Page, Route, expect

from engine.system import SystemSpec
from tests.ui.test_browser import set_number, visit
from ui.app import Studio

pytestmark = pytest.mark.browser

TEXT = "Half a sentence that nobody"
# When the form is first seen, and what stands in it then and later.
WATCH = """
window.seen = [];
const watch = () => {
  const text = document.querySelector("#studio-text textarea");
  const compose = document.querySelector("#studio-compose");
  const system = document.querySelector("#studio-system input:checked");
  if (text && Number(getComputedStyle(compose).opacity) > 0) {
    const now = JSON.stringify([text.value, system?.value, document.body.dataset.system]);
    if (window.seen.at(-1) !== now) window.seen.push(now);
  }
  requestAnimationFrame(watch);
};
watch();
"""


@pytest.fixture
def systems(make_fake_spec: Callable[..., SystemSpec]) -> tuple[SystemSpec, SystemSpec]:
    """Two, of which the second begins with Chinese."""
    samples = {"zh": ("再见。",), "en": ("Second to none.",)}
    second = dataclasses.replace(make_fake_spec("second"), samples=samples, languages=("zh", "en"))
    return make_fake_spec(), second


@pytest.fixture
def studio(serve_studio: Callable[..., Studio], systems: tuple[SystemSpec, SystemSpec], choirs: Path) -> Studio:
    (choirs / "fake" / "shards").unlink()
    return serve_studio(*systems, models_dir=choirs)


def kept(page: Page) -> None:
    """Wait until the draft is kept, with the text that is in the field, which is filled in last."""
    page.wait_for_function(
        """() => {
          const draft = JSON.parse(sessionStorage.getItem("polyphone.draft"));
          return draft?.fields.text === document.querySelector("#studio-text textarea").value;
        }"""
    )


def reload(page: Page) -> None:
    kept(page)
    page.reload()
    page.wait_for_selector("body.studio-ready")


def fill_in(page: Page) -> None:
    """Everything in the form that can be chosen, with the second system."""
    page.locator("#studio-system").get_by_label("The second system").check()
    expect(page.locator("#studio-text textarea")).to_have_value("Second to none.")
    page.locator("#studio-second-language input[value=en]").check()
    page.locator(".studio-of-second").get_by_label("bass").check()
    page.locator(".studio-of-second .studio-more > button").first.click()
    set_number(page, "Level", "0.25")
    page.fill("#studio-seed input", "1234")
    page.get_by_label("Keep this seed").check()
    page.fill("#studio-text textarea", TEXT)


def holds(page: Page, text: str = TEXT) -> None:
    """The form is as `fill_in` has left it."""
    expect(page.locator("#studio-text textarea")).to_have_value(text)
    expect(page.locator("#studio-system").get_by_label("The second system")).to_be_checked()
    expect(page.locator("#studio-second-language input[value=en]")).to_be_checked()
    expect(page.locator(".studio-of-second").get_by_label("bass")).to_be_checked()
    expect(page.locator("#studio-seed input")).to_have_value("1234")
    expect(page.get_by_label("Keep this seed")).to_be_checked()


def test_a_reload_and_a_new_tab_bring_all_of_it_back(studio: Studio, page: Page, context: BrowserContext) -> None:
    visit(page, studio.url)
    fill_in(page)
    reload(page)
    holds(page)
    page.locator(".studio-of-second .studio-more > button").first.click()
    expect(page.get_by_label("number input for Level")).to_have_value("0.25")
    page.click("#studio-generate")
    page.wait_for_selector(".take .download.wav")
    take = page.locator(".take").first
    expect(take.locator(".said")).to_have_text(TEXT)
    expect(take.locator(".chips")).to_contain_text("bass")
    expect(take.locator(".chips")).to_contain_text("Seed 1234")
    expect(take.locator("dl")).to_contain_text("0.25")
    other = context.new_page()
    visit(other, studio.url)
    holds(other)
    other.fill("#studio-text textarea", "Written in the other tab.")
    reload(page)  # each tab has its own
    holds(page)


def test_what_was_typed_a_moment_ago_is_kept_too(studio: Studio, page: Page) -> None:
    visit(page, studio.url)
    fill_in(page)
    kept(page)
    page.locator("#studio-text textarea").press("End")
    page.keyboard.type(" hears.")
    page.reload()
    page.wait_for_selector("body.studio-ready")
    holds(page, f"{TEXT} hears.")


def test_it_is_there_when_the_form_is_first_seen_and_is_not_replaced_by_a_sample(studio: Studio, page: Page) -> None:
    visit(page, studio.url)
    fill_in(page)
    page.fill("#studio-text textarea", "The quick brown fox.")  # a sample of the other system, typed
    reload(page)
    page.add_init_script(WATCH)
    page.reload()
    page.wait_for_selector("body.studio-ready")
    page.wait_for_timeout(500)
    assert [json.loads(seen) for seen in page.evaluate("window.seen")] == [["The quick brown fox.", "second", "second"]]
    holds(page, "The quick brown fox.")


def test_an_empty_text_stays_empty_and_an_untouched_page_keeps_nothing(studio: Studio, page: Page) -> None:
    visit(page, studio.url)
    page.wait_for_timeout(700)
    assert page.evaluate("localStorage.getItem('polyphone.draft')") is None
    page.fill("#studio-text textarea", "")
    reload(page)
    page.wait_for_timeout(200)
    expect(page.locator("#studio-text textarea")).to_have_value("")


def test_who_types_before_the_page_is_ready_is_left_alone(studio: Studio, page: Page) -> None:
    visit(page, studio.url)
    fill_in(page)
    reload(page)
    held: list[Route] = []
    page.route("**/studio/systems", lambda route: route.continue_() if held else held.append(route))
    with page.expect_request("**/studio/systems"):
        page.reload()
    page.fill("#studio-text textarea", "Sooner.")
    held[0].continue_()
    page.wait_for_selector("body.studio-ready")
    page.wait_for_timeout(300)
    holds(page, "Sooner.")


def test_voices_that_were_made_come_back_as_long_as_they_last(studio: Studio, page: Page) -> None:
    visit(page, studio.url)
    page.locator(".studio-of-fake").get_by_role("button", name="Draw", exact=True).click()
    page.locator(".studio-of-fake .voice-draw input").fill("77")
    expect(page.get_by_label("№ 77")).to_be_checked()
    reload(page)
    expect(page.get_by_label("№ 77")).to_be_checked()
    page.locator(".studio-of-fake").get_by_role("button", name="Blend", exact=True).click()
    page.locator(".studio-of-fake").get_by_role("button", name="Hear it").click()
    page.wait_for_selector(".take .download.wav")
    blend = page.locator(".studio-of-fake").get_by_label("50 % ")
    expect(blend).to_be_checked()
    reload(page)
    expect(blend).to_be_checked()
    page.click("#studio-generate")
    expect(page.locator(".take .download.wav")).to_have_count(2)
    studio.backend.voices._voices.clear()  # after a day
    page.reload()
    expect(page.locator("#studio-status")).to_contain_text("No longer here, so the default is chosen: 50 %")
    expect(page.get_by_label("alto").first).to_be_checked()
    expect(blend).to_have_count(0)


def test_a_model_and_a_voice_that_are_gone_fall_back_with_a_word(studio: Studio, page: Page) -> None:
    visit(page, studio.url)
    saved = httpx.post(f"{studio.url}studio/voices/fake/save", json={"voice": "seed:1", "name": "Ann"})
    assert saved.json() == {"name": "Ann"}
    page.reload()
    page.wait_for_selector("body.studio-ready")
    page.locator(".studio-of-fake").get_by_label("choir").check()
    page.locator(".studio-of-fake").get_by_label("Ann").check()
    page.fill("#studio-text textarea", TEXT)
    reload(page)
    expect(page.locator(".studio-of-fake").get_by_label("choir")).to_be_checked()
    expect(page.locator(".studio-of-fake").get_by_label("Ann")).to_be_checked()
    expect(page.locator("#studio-status")).to_have_text("")
    httpx.post(f"{studio.url}studio/voices/fake/delete", json={"name": "Ann"})
    httpx.post(f"{studio.url}studio/models/delete", json={"id": "fake/choir"})
    page.reload()
    expect(page.locator("#studio-status")).to_have_text("No longer here, so the default is chosen: choir, Ann")
    expect(page.locator("#studio-text textarea")).to_have_value(TEXT)
    page.click("#studio-generate")
    page.wait_for_selector(".take .download.wav")


def test_a_draft_of_another_version_is_taken_as_far_as_it_fits(studio: Studio, page: Page) -> None:
    fields = {
        "text": TEXT,
        "system": "gone",
        "fake/language": "xx",
        "fake/options/level": "loud",
        "fake/options/gone": 1,
        "seed": -1,
        "lock": "yes",
    }
    kept = json.dumps({"fields": fields, "choices": {"fake": {"model": 3, "voice": {"key": "x"}}, "gone": None}})
    page.add_init_script(f"localStorage['polyphone.draft'] = {json.dumps(kept)};")
    visit(page, studio.url)
    expect(page.locator("#studio-text textarea")).to_have_value(TEXT)
    expect(page.locator("#studio-system").get_by_label("The fake system")).to_be_checked()
    expect(page.locator("#studio-fake-language input[value=en]")).to_be_checked()
    page.click("#studio-generate")
    page.wait_for_selector(".take .download.wav")
    expect(page.locator("#studio-status")).to_have_text("Done")


def test_a_text_that_is_far_too_long_is_not_kept_but_the_rest_is(studio: Studio, page: Page) -> None:
    visit(page, studio.url)
    fill_in(page)
    kept(page)
    page.evaluate(
        """() => {
          const field = document.querySelector("#studio-text textarea");
          field.value = "x".repeat(300000);
          field.dispatchEvent(new Event("input", { bubbles: true }));
        }"""
    )
    page.wait_for_function("!('text' in JSON.parse(sessionStorage.getItem('polyphone.draft') ?? '{}').fields)")
    assert page.evaluate("localStorage.getItem('polyphone.draft').length") < 20_000
    page.reload()
    page.wait_for_selector("body.studio-ready")
    holds(page, "")
