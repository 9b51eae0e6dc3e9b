"""The cards of takes: deleted with a way back, played by one player, described in the words of the form."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Page, Route, expect

from engine.audio.encode import encode
from engine.errors import SaveError
from tests.timing import PATIENCE_S, until
from tests.ui.test_browser import generate, set_number, visit
from ui.app import Studio

pytestmark = pytest.mark.browser

# The timers of the way back run out when the test says so.
HOLD_TIMERS = """() => {
  const { setTimeout: set, clearTimeout: clear } = window;
  const held = new Map();
  const hold = (act) => {
    held.set(-held.size - 1, act);
    return -held.size;
  };
  window.setTimeout = (act, wait, ...more) => (wait === 8000 || wait === 2000 ? hold(act) : set(act, wait, ...more));
  window.clearTimeout = (timer) => void (held.delete(timer) || clear(timer));
  window.expire = () => {
    const acts = [...held.values()];
    held.clear();
    for (const act of acts) act();
  };
}"""


def made(page: Page, *texts: str) -> None:
    """Takes of these texts, the last on top."""
    for count, text in enumerate(texts, start=page.locator(".take .download.wav").count() + 1):
        generate(page, text)
        expect(page.locator(".take .download.wav")).to_have_count(count)
        page.wait_for_function("!document.body.matches('.studio-sounding')")


def files(tmp_path: Path) -> set[str]:
    # What is still written has a name that begins with a dot.
    return {path.name.split(".")[0] for path in (tmp_path / "studio" / "takes").glob("[!.]*")}


def remembered(page: Page) -> str:
    return page.evaluate("sessionStorage.getItem('polyphone.takes') ?? ''")


def ids(page: Page) -> list[str]:
    """The ids of the takes, from the top."""
    links = page.locator(".take .download.wav").all()
    return [str(link.get_attribute("href")).split("/")[-1].split(".")[0] for link in links]


@pytest.fixture
def sounds(studio: Studio, page: Page) -> Page:
    page.add_init_script(f"({HOLD_TIMERS})()")
    visit(page, studio.url)
    return page


def test_a_take_is_deleted_when_the_way_back_has_closed(sounds: Page, tmp_path: Path) -> None:
    made(sounds, "First.", "Second.")
    second, first = ids(sounds)
    takes = sounds.locator(".take:visible")
    takes.first.get_by_role("button", name="Delete").click()
    expect(takes).to_have_count(1)
    expect(sounds.locator(".deletion")).to_contain_text("The take is deleted.")
    assert second in files(tmp_path)  # not yet
    sounds.evaluate("window.expire()")
    expect(sounds.locator(".deletion")).to_have_count(0)
    until(lambda: files(tmp_path) == {first})
    expect(sounds.locator(".take")).to_have_count(1)
    expect(sounds.locator(".take .said")).to_have_text("First.")
    assert second not in remembered(sounds)
    sounds.reload()
    sounds.wait_for_selector(".take .download.wav")
    expect(sounds.locator(".take")).to_have_count(1)


def test_the_way_back_is_at_hand_of_the_keyboard_and_waits_for_it(sounds: Page, tmp_path: Path) -> None:
    made(sounds, "Only this one.")
    before = files(tmp_path)
    sounds.locator(".take .play").click()
    sounds.locator(".take .remove").focus()
    sounds.keyboard.press("Enter")
    undo = sounds.get_by_role("button", name="The take is deleted. Undo")
    expect(undo).to_be_focused()
    assert sounds.evaluate("document.querySelector('.take audio').paused")
    sounds.evaluate("window.expire()")  # the time is over, but somebody is there
    expect(undo).to_be_visible()
    sounds.keyboard.press("Enter")
    expect(sounds.locator(".take:visible")).to_have_count(1)
    expect(sounds.locator(".take .remove")).to_be_focused()
    sounds.evaluate("window.expire()")
    expect(sounds.locator(".take:visible")).to_have_count(1)
    assert files(tmp_path) == before


def test_leaving_the_page_closes_the_way_back(sounds: Page, studio: Studio, tmp_path: Path) -> None:
    made(sounds, "Gone with the page.")
    sounds.locator(".take .remove").click()
    sounds.goto("about:blank")
    until(lambda: files(tmp_path) == set())
    visit(sounds, studio.url)
    expect(sounds.locator(".take")).to_have_count(0)


def test_all_takes_are_deleted_at_once_and_can_all_come_back(sounds: Page, tmp_path: Path) -> None:
    made(sounds, "One.")
    everything = sounds.get_by_role("button", name="Delete all")
    expect(everything).to_be_hidden()
    made(sounds, "Two.", "Three.")
    everything.click()
    expect(sounds.locator(".take:visible")).to_have_count(0)
    expect(sounds.locator(".deletion")).to_have_count(1)
    sounds.get_by_role("button", name="All takes are deleted. Undo").click()
    expect(sounds.locator(".take:visible .said")).to_have_text(["Three.", "Two.", "One."])
    assert len(files(tmp_path)) == 3
    everything.click()
    sounds.evaluate("window.expire()")
    until(lambda: files(tmp_path) == set())
    expect(sounds.locator(".takes-empty")).to_be_visible()


def test_what_the_server_does_not_delete_comes_back_and_that_is_said(sounds: Page) -> None:
    made(sounds, "Kept all the same.")
    (kept,) = ids(sounds)
    refuse = {"error": {"type": "SaveError", "message": "the disk is read-only"}}

    def answer(route: Route) -> None:
        if route.request.method == "DELETE":
            route.fulfill(status=507, json=refuse)
        else:
            route.continue_()

    sounds.route("**/studio/takes/*", answer)
    sounds.locator(".take .remove").click()
    sounds.evaluate("window.expire()")
    expect(sounds.locator("#studio-status.bad")).to_have_text("the disk is read-only")
    expect(sounds.locator(".take:visible")).to_have_count(1)
    assert kept in remembered(sounds)


def test_a_card_has_one_player_with_a_name_that_keys_reach(studio: Studio, page: Page) -> None:
    visit(page, studio.url)
    made(page, "A tone to seek in, which is long enough for it. " * 6)
    assert page.locator(".take audio[controls]").count() == 0
    card = page.get_by_role("article", name="A tone to seek in")
    player = card.get_by_role("group", name="Player")
    play = player.get_by_role("button", name="Play", exact=True)
    expect(play).to_have_accessible_description("A tone to seek in, which is long enough for it. " * 6)
    slider = player.get_by_role("slider", name="Position in the sound")
    slider.focus()
    page.keyboard.press("ArrowRight")
    now = "document.querySelector('.take audio').currentTime"
    page.wait_for_function(f"{now} === 1")
    assert page.evaluate("document.querySelector('.take audio').paused")  # a key moves, and begins nothing
    play.focus()
    page.keyboard.press("Enter")
    page.wait_for_function(f"{now} > 1.1")
    slider.focus()
    page.keyboard.press("Home")
    page.wait_for_function(f"{now} < 0.9")
    assert not page.evaluate("document.querySelector('.take audio').paused")


def test_details_name_what_was_used_as_the_form_does(studio: Studio, page: Page) -> None:
    visit(page, studio.url)
    page.locator(".studio-of-fake .studio-more > button").first.click()
    set_number(page, "Level", "0.25")
    page.get_by_label("Compat").check()
    made(page, "Not by default.")
    details = page.locator(".take dl")
    rows = dict(zip(details.locator("dt").all_text_contents(), details.locator("dd").all_text_contents(), strict=True))
    assert (rows["System"], rows["Voice"], rows["Level"], rows["Compat"]) == ("The fake system", "alto", "0.25", "yes")
    assert rows["Pace"].endswith("× real time")
    assert rows["Sample rate"] == "22050 Hz"
    assert "Partials" not in rows  # as it is by default
    assert not [name for name in rows if "_" in name or name.islower()]
    expect(page.locator(".take .chips")).to_contain_text("English")


def test_details_open_by_themselves_where_there_is_room_and_leave_the_visitors_alone(
    studio: Studio, page: Page
) -> None:
    visit(page, studio.url)
    made(page, "One.", "Two.")
    opened = "[...document.querySelectorAll('.take details')].map((box) => box.open)"
    assert page.evaluate(opened) == [True, False]
    page.locator(".take summary").nth(1).click()
    made(page, "Three.")
    assert page.evaluate(opened) == [True, False, True]
    page.set_viewport_size({"width": 600, "height": 800})
    made(page, "Four.")
    assert page.evaluate(opened) == [False, False, False, True]


def test_a_button_shows_how_far_its_file_is_and_downloads_when_it_is_there(
    studio: Studio, page: Page, monkeypatch: pytest.MonkeyPatch
) -> None:
    allowed: set[str] = set()

    def when_allowed(samples: np.ndarray, rate: int, ending: str, tags: Any) -> bytes:
        if ending == "mp3" and "mp3 fails" in allowed:
            raise SaveError("the disk is full")
        until(lambda: ending in ("wav", "flac") or ending in allowed, 5 * PATIENCE_S)
        return encode(samples, rate, ending, tags)

    monkeypatch.setattr("server.takes.encode", when_allowed)
    visit(page, studio.url)
    made(page, "Files take their time.")
    states = "[...document.querySelectorAll('.take .download')].map((link) => link.dataset.state)"
    assert page.evaluate(states) == ["ready", "ready", "encoding", "encoding"]
    mp3, opus = page.locator(".take .download.mp3"), page.locator(".take .download.opus")
    expect(mp3).to_have_accessible_name("Download MP3 (compressed, being encoded)")
    with page.expect_download() as waiting:
        page.click(".take .download.flac")  # what is there does not wait for what is not
    assert waiting.value.suggested_filename.endswith(".flac")
    with page.expect_download() as waiting:
        mp3.click()
        expect(mp3).to_have_attribute("aria-busy", "true")
        generate(page, "And the page goes on.")  # nothing is blocked
        expect(page.locator(".take .download.wav")).to_have_count(2)
        allowed.add("mp3")
    assert waiting.value.suggested_filename.endswith(".mp3")
    first = page.locator(".take").last
    expect(first.locator(".download.mp3")).to_have_attribute("data-state", "ready")
    expect(first.locator(".download.opus")).to_have_attribute("data-state", "encoding")
    allowed.update(("ogg", "opus"))
    expect(first.locator(".download.opus")).to_have_attribute("data-state", "ready")
    expect(first.locator(".download.opus")).to_have_accessible_name("Download OPUS (compressed)")
    assert opus.count() == 2
    allowed.add("mp3 fails")
    made(page, "A file that cannot be made.")
    failed = page.locator(".take").first.locator(".download.mp3")
    expect(failed).to_have_attribute("data-state", "failed")
    failed.click()
    expect(page.locator("#studio-status.bad")).to_have_text("the disk is full")
    allowed.remove("mp3 fails")
    with page.expect_download() as waiting:
        failed.click()
    assert waiting.value.suggested_filename.endswith(".mp3")
