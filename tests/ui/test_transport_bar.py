"""The bar at the foot of the window: what is made, heard or went wrong is seen and stopped without scrolling."""

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from engine.system import SystemSpec
from tests.ui.conftest import visitor
from tests.ui.test_browser import HEARD, LONG, TEXT, generate, visit
from ui.app import Studio

pytestmark = pytest.mark.browser

# What lies in the middle of an element: itself, a part of it, or what covers it.
ON_TOP = """element => {
  const box = element.getBoundingClientRect();
  const found = document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2);
  return box.top >= 0 && box.bottom <= innerHeight && (element === found || element.contains(found));
}"""
MESSAGE = "there is nothing in the text that can be spoken"


@pytest.fixture
def slow(serve_studio: Callable[..., Studio], make_fake_spec: Callable[..., SystemSpec]) -> Studio:
    """Hardly faster than the sound lasts."""
    return serve_studio(make_fake_spec(delay=0.09, seconds_per_character=0.05))


@pytest.fixture(params=[(390, 844, "dark"), (320, 568, "light")], ids=["phone", "small-phone"])
def phone(request: pytest.FixtureRequest, browser: Browser, slow: Studio) -> Iterator[Page]:
    width, height, scheme = request.param
    screen = {"viewport": {"width": width, "height": height}, "is_mobile": True, "has_touch": True}
    with visitor(browser, **screen, color_scheme=scheme) as context:
        page = context.new_page()
        visit(page, slow.url)
        yield page


def bar(page: Page) -> Locator:
    return page.get_by_role("region", name="Player")


def paused(page: Page) -> bool:
    return page.evaluate("document.querySelector('.take audio').paused")


def covered(page: Page) -> list[str]:
    """The controls of the form that cannot be brought above the bar by scrolling."""
    return page.evaluate(
        """() => {
          const top = document.querySelector("#studio-bar").getBoundingClientRect().top;
          const controls = [...document.querySelectorAll("#studio-compose :is(button, input), .take button")];
          window.scrollTo(0, document.body.scrollHeight);
          return controls.filter((each) => each.checkVisibility() && each.getBoundingClientRect().bottom > top + 1)
            .map((each) => each.outerHTML.slice(0, 90));
        }"""
    )


def test_the_bar_is_out_of_sight_and_reach_until_there_is_something_to_tell(slow: Studio, page: Page) -> None:
    visit(page, slow.url)
    box = page.locator("#studio-bar").bounding_box()
    assert box is not None
    assert box["y"] >= 900
    for button in page.locator("#studio-bar button").all():
        expect(button).to_be_hidden()
    # What it will say is listened for from the beginning, in one place.
    assert page.locator("#studio-bar [aria-live]").count() == 1
    assert page.locator("#studio-bar #studio-status[role=status]").count() == 1


def test_an_error_is_seen_without_scrolling_until_it_is_dismissed(phone: Page) -> None:
    generate(phone, "")
    status = phone.locator("#studio-status")
    expect(status).to_contain_text(MESSAGE)
    phone.wait_for_function("document.querySelector('#studio-bar').getAnimations().length === 0")
    assert status.evaluate(ON_TOP)
    assert phone.evaluate("document.documentElement.scrollWidth") == phone.viewport_size["width"]
    phone.wait_for_timeout(6000)  # longer than a word of passing interest stays
    assert status.evaluate(ON_TOP)
    assert covered(phone) == []
    bar(phone).get_by_role("button", name="Dismiss").tap()
    phone.wait_for_function("document.querySelector('#studio-bar').matches('.resting')")
    expect(status).to_have_text("")


def test_a_long_error_wraps_and_leaves_most_of_the_page_to_be_seen(phone: Page) -> None:
    error = {"type": "TextError", "message": f"{'x' * 300} {'long words of no end ' * 60}"}
    phone.route("**/studio/speak", lambda route: route.fulfill(status=400, json={"error": error}))
    generate(phone, TEXT)
    expect(phone.locator("#studio-status.bad")).to_contain_text("long words")
    phone.wait_for_function("document.querySelector('#studio-bar').getAnimations().length === 0")
    assert phone.evaluate("document.documentElement.scrollWidth") == phone.viewport_size["width"]
    height = phone.evaluate("document.querySelector('#studio-bar').offsetHeight")
    assert height < 0.5 * phone.viewport_size["height"]
    assert bar(phone).get_by_role("button", name="Dismiss").evaluate(ON_TOP)


def test_what_is_spoken_is_seen_paused_and_stopped_from_anywhere(phone: Page, slow: Studio) -> None:
    generate(phone, LONG)
    phone.wait_for_function(HEARD)
    stop, pause = (bar(phone).get_by_role("button", name=name, exact=True) for name in ("Stop", "Pause"))
    phone.wait_for_function("document.querySelector('#studio-bar').getAnimations().length === 0")
    for end in ("0", "document.body.scrollHeight"):
        phone.evaluate(f"window.scrollTo(0, {end})")
        assert stop.evaluate(ON_TOP)
        assert pause.evaluate(ON_TOP)
        assert phone.locator("#studio-status").evaluate(ON_TOP)
    assert covered(phone) == []
    expect(bar(phone).get_by_role("progressbar")).to_have_attribute("aria-valuenow", re.compile(r"^\d\d?$"))
    pause.tap()
    phone.wait_for_function("!window.polyphone.stats.playing")
    held = phone.evaluate("window.polyphone.stats.seconds")
    assert held > 0
    phone.wait_for_timeout(300)
    assert phone.evaluate("window.polyphone.stats.seconds") == held
    assert len(slow.backend.jobs) == 1  # it is made all the same
    bar(phone).get_by_role("button", name="Play", exact=True).tap()
    phone.wait_for_function(f"window.polyphone.stats.playing && window.polyphone.stats.seconds > {held} + 0.2")
    stop.tap()
    phone.wait_for_function("!document.body.matches('.studio-busy, .studio-sounding')")
    expect(phone.locator("#studio-status")).to_have_text("Stopped.")
    expect(phone.locator(".take .chip.warn")).to_have_text("stopped early")
    phone.wait_for_function("document.querySelector('#studio-bar').matches('.resting')")  # calm after a while


def test_a_finished_take_is_played_sought_and_stopped_in_the_bar(
    serve_studio: Callable[..., Studio], make_fake_spec: Callable[..., SystemSpec], page: Page
) -> None:
    visit(page, serve_studio(make_fake_spec(seconds_per_character=0.7)).url)
    generate(page, TEXT)
    page.wait_for_selector(".take .download.wav")
    bar(page).get_by_role("button", name="Stop", exact=True).click()  # it is all there
    page.wait_for_function("!document.body.matches('.studio-sounding')")
    page.click(".take .play")
    page.wait_for_function("document.querySelector('.take audio').currentTime > 0.2")
    expect(bar(page)).to_contain_text(TEXT)
    expect(bar(page).locator(".time")).to_have_text(re.compile(r"^0:\d\d / 0:30$"))
    bar(page).get_by_role("button", name="Pause").click()
    assert paused(page)
    slider = bar(page).get_by_role("slider", name="Position in the sound")
    slider.fill("1")
    assert page.evaluate("document.querySelector('.take audio').currentTime") == pytest.approx(1, abs=0.01)
    assert paused(page)  # it is moved, not begun
    expect(slider).to_have_attribute("aria-valuetext", "0:01")
    slider.focus()
    page.keyboard.press("ArrowRight")
    assert page.evaluate("document.querySelector('.take audio').currentTime") > 1.01
    bar(page).get_by_role("button", name="Play", exact=True).click()
    page.wait_for_function("!document.querySelector('.take audio').paused")
    bar(page).get_by_role("slider", name="Volume").fill("0.25")
    assert page.evaluate("document.querySelector('.take audio').volume") == 0.25
    bar(page).get_by_role("button", name="Stop", exact=True).click()
    assert page.evaluate("[...document.querySelectorAll('.take audio')].map((a) => [a.paused, a.currentTime])") == [
        [True, 0]
    ]


def test_escape_stops_whatever_sounds_and_then_dismisses_what_is_told(slow: Studio, page: Page) -> None:
    visit(page, slow.url)
    generate(page, LONG)
    page.wait_for_function(HEARD)
    page.focus("#studio-text textarea")
    page.keyboard.press("Escape")
    page.wait_for_function("!document.body.matches('.studio-busy, .studio-sounding')")
    page.wait_for_selector(".take .download.wav")
    page.click(".take .play")
    page.wait_for_function("document.querySelector('.take audio').currentTime > 0.1")
    page.keyboard.press("Escape")
    page.wait_for_function("document.querySelector('.take audio').paused")
    generate(page, "")
    expect(page.locator("#studio-status.bad")).to_contain_text(MESSAGE)
    page.keyboard.press("Escape")
    expect(page.locator("#studio-status")).to_have_text("")
    page.wait_for_function("document.querySelector('#studio-bar').matches('.resting')")


def test_the_bar_is_there_on_every_tab_and_leads_to_its_take(slow: Studio, page: Page) -> None:
    visit(page, slow.url)
    page.set_viewport_size({"width": 1280, "height": 500})
    generate(page, LONG)
    page.wait_for_function(HEARD)
    page.click("#studio-tab-models-button")
    stop = bar(page).get_by_role("button", name="Stop", exact=True)
    page.wait_for_function("document.querySelector('#studio-bar').getAnimations().length === 0")
    assert stop.evaluate(ON_TOP)
    page.click("#studio-tab-speak-button")
    page.evaluate("window.scrollTo(0, document.body.scrollHeight)")
    bar(page).locator(".text").click()
    page.wait_for_function(f"({ON_TOP})(document.querySelector('.take .play'))")
    expect(page.locator(".take .play")).to_be_focused()
    stop.focus()
    page.keyboard.press("Enter")
    page.wait_for_function("!document.body.matches('.studio-busy, .studio-sounding')")


def test_notices_are_told_when_all_is_done_and_stay_on_the_take(slow: Studio, page: Page) -> None:
    visit(page, slow.url)
    generate(page, "A snowman ☃ speaks.")
    page.wait_for_selector(".take .download.wav")
    expect(page.locator("#studio-status.note")).to_have_text("Done · there is no sound for ☃")
    notice = page.locator(".take .notices li")
    expect(notice).to_have_text("there is no sound for ☃")
    assert notice.evaluate("(element) => element.scrollWidth <= element.clientWidth")


def test_progress_is_not_said_number_by_number(slow: Studio, page: Page) -> None:
    visit(page, slow.url)
    page.evaluate(
        """() => {
          window.said = [];
          const line = document.querySelector("#studio-status");
          const keep = () => window.said.push(line.textContent);
          new MutationObserver(keep).observe(line, { childList: true, characterData: true, subtree: true });
        }"""
    )
    generate(page, LONG[:200])
    page.wait_for_function("document.querySelector('#studio-bar .share').textContent !== ''")
    page.wait_for_selector(".take .download.wav")
    expect(page.locator("#studio-status")).to_have_text("Done")
    said: list[Any] = page.evaluate("window.said")
    assert said[-1] == "Done"
    assert len(said) == len(set(said)) <= 4
    assert not [text for text in said if "%" in text]


def test_the_volume_stays_as_it_was_over_a_reload_and_counts_for_all_sound(slow: Studio, page: Page) -> None:
    visit(page, slow.url)
    generate(page, TEXT * 3)
    bar(page).get_by_role("slider", name="Volume").fill("0.25")
    page.wait_for_selector(".take .download.wav")
    page.reload()
    page.wait_for_selector(".take audio", state="attached")
    assert page.evaluate("document.querySelector('.take audio').volume") == 0.25
    assert page.evaluate("document.querySelector('#studio-bar .volume input').value") == "0.25"
    generate(page, "And again.")
    expect(page.locator(".take .download.wav")).to_have_count(2)
    assert page.evaluate("document.querySelector('.take audio').volume") == 0.25
