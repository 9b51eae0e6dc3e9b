"""ui/page/verdict.js, checking.js and the button of the Clone page, in a browser, with a real voice and recogniser."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from engine.audio.encode import encode
from engine.engine import Engine
from engine.registry import recognisers
from engine.system import SystemSpec
from engine.systems.kokoro import SPEC as KOKORO
from tests.ui.test_browser import generate, visit
from tests.ui.test_clone import open_tab, take, transcript
from ui.app import Studio

pytestmark = pytest.mark.browser

TEXT = "It costs 20 dollars."
SLOW_MS = 120_000


@pytest.fixture
def studio(serve_studio: Callable[..., Studio], make_fake_spec: Callable[..., SystemSpec], tmp_path: Path) -> Studio:
    specs = (KOKORO, make_fake_spec())
    return serve_studio(*specs, models_dir=tmp_path / "models", recognisers=recognisers(), device="cpu")


def test_a_take_is_checked_on_demand_by_keyboard(studio: Studio, page: Page) -> None:
    visit(page, studio.url)
    generate(page, TEXT)
    check = page.get_by_role("button", name="Check what was said")
    expect(check).to_be_visible(timeout=SLOW_MS)
    check.focus()
    page.keyboard.press("Enter")
    count = page.locator(".verdict-count")
    expect(count).to_have_text("Every word was heard.", timeout=SLOW_MS)
    told = page.locator(".verdict dl")
    expect(told).to_contain_text("syllables a second")
    expect(told).to_contain_text("Naturalness, a model's guess")
    expect(page.get_by_role("region", name="What a machine hears")).to_be_visible()


def test_tries_are_folded_into_one_take_and_every_take_is_checked_where_that_is_chosen(
    studio: Studio, page: Page
) -> None:
    visit(page, studio.url)
    page.get_by_label("Check every take").check()
    page.get_by_label("Best of", exact=True).select_option("3")
    generate(page, TEXT)
    expect(page.locator(".verdict-count")).to_have_text("Every word was heard.", timeout=SLOW_MS)
    expect(page.locator(".take")).to_have_count(1)
    tries = page.locator(".verdict-tries")
    tries.locator("summary").click()
    expect(tries.locator("li").first).to_contain_text("0 / 4")
    expect(tries.locator("li[aria-current]")).to_have_count(1)
    page.reload()
    expect(page.get_by_label("Check every take")).to_be_checked()
    expect(page.get_by_label("Best of", exact=True)).to_have_value("3")


def test_errors_are_marked_in_the_text_itself(studio: Studio, page: Page) -> None:
    """What the fake system says are tones: no word of it is heard, or others are."""
    visit(page, studio.url)
    marks = [
        {"kind": "same", "text": "It ", "heard": ""},
        {"kind": "missing", "text": "costs ", "heard": ""},
        {"kind": "added", "text": "", "heard": "about"},
        {"kind": "other", "text": "20 ", "heard": "thirty"},
        {"kind": "same", "text": "dollars.", "heard": ""},
    ]
    verdict = {
        "transcript": {"text": "It about thirty dollars", "language": "en"},
        "comparison": {"marks": marks, "errors": 3, "total": 4, "by_character": False},
        "sound": {"rate": 4, "level_db": -20, "peak_db": -3, "clipped": 0.01, "lead_s": 0.1, "tail_s": 0.2},
        "naturalness": None,
    }
    page.route(re.compile(r"/verdict$"), lambda route: route.fulfill(json=verdict))
    generate(page, TEXT)
    page.get_by_role("button", name="Check what was said").click(timeout=SLOW_MS)
    text = page.locator(".verdict-text")
    expect(page.locator(".verdict-count")).to_have_text("3 / 4 words wrong")
    expect(text.locator("del")).to_have_text("costs")
    expect(text.locator("ins")).to_have_text("about")
    expect(text.locator("mark")).to_have_text("20")
    expect(text).to_contain_text("→ thirty")
    expect(page.locator(".verdict dl")).to_contain_text("1.00 %")


def test_a_recording_is_written_down_for_the_visitor_to_correct(studio: Studio, page: Page) -> None:
    speech = Engine(device="cpu").say("The kettle is on, and the tea is nearly ready.", system="kokoro", seed=1)
    open_tab(page, studio)
    write = page.get_by_role("button", name="Write down what is said")
    write.click()
    expect(page.locator(".clone-status")).to_have_text(re.compile("recording"))
    take(page, encode(speech.samples, speech.sample_rate, "wav", {}))
    write.click()
    expect(transcript(page)).to_have_value(re.compile("kettle is on.* the tea is nearly ready"), timeout=SLOW_MS)
    expect(page.get_by_text("This is what was heard; correct what is wrong.")).to_be_visible()
    transcript(page).fill("The kettle is on.")
    expect(transcript(page)).to_have_value("The kettle is on.")
