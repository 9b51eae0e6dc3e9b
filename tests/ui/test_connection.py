"""A real program that ends and comes back while a real Chromium looks at it: it says so, and nothing is lost."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Page, Request, Route, expect

from tests.ports import free_port
from tests.ui.test_browser import HEARD, generate, visit
from ui.app import Studio

pytestmark = pytest.mark.browser

ROOT = Path(__file__).parents[2]
LOST = "not connected, trying again"
OFFLINE = "The studio does not answer"
HIDE = """(value) => {
  Object.defineProperty(document, "hidden", { value, configurable: true });
  document.dispatchEvent(new Event("visibilitychange"));
}"""
# How often the page has asked for the status.
COUNT = """
  window.asked = 0;
  const send = window.fetch;
  window.fetch = (...sent) => {
    if (String(sent[0]?.url ?? sent[0]).endsWith("studio/status")) window.asked += 1;
    return send(...sent);
  };
"""
LONG = "This is one of many sentences that take their time. " * 40


@contextmanager
def program(port: int) -> Iterator[str]:
    """The real program, which is killed in the end as if its machine had failed; gives its address."""
    command = [sys.executable, "webui.py", "--port", str(port), "--offline"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        try:
            yield process.stdout.readline().decode().split()[-1]
        finally:
            process.kill()


def expect_pill(page: Page, state: str) -> None:
    expect(page.locator("#studio-pill")).to_have_attribute("data-state", state)


def test_a_server_that_is_killed_and_started_again(page: Page) -> None:
    port = free_port()
    with program(port) as url:
        visit(page, url)
        expect_pill(page, "ready")
        generate(page, "Said before it was killed.")
        page.wait_for_selector(".take .download.wav")
        page.wait_for_function("!window.polyphone.stats.playing")
    expect_pill(page, "lost")  # by itself, and without a click
    expect(page.locator("#studio-pill")).to_have_text(LOST)
    first = page.locator(".take").last
    page.evaluate("document.querySelector('.take audio').load()")  # what the browser has of it is forgotten
    first.locator(".play").click()
    expect(page.locator("#studio-status")).to_contain_text(OFFLINE)
    expect(first.locator(".play")).to_be_enabled()  # it may still be there
    generate(page, "Said while nobody listens.")
    expect(page.locator("#studio-status")).to_contain_text(OFFLINE)
    expect(page.locator(".take")).to_have_count(1)
    again = page.get_by_role("button", name="Try again")
    again.click()
    expect(again).to_be_visible()
    with program(port):
        expect(page.locator("#studio-pill")).not_to_have_attribute("data-state", "lost")
        expect(first).to_contain_text("The studio no longer has this sound")
        expect(first.locator(".play")).to_be_disabled()
        expect(first.locator(".download")).to_have_count(0)
        expect(page.locator("#studio-status")).to_contain_text("The studio answers again.")
        again.click()
        expect(page.locator(".take .download.wav")).to_have_count(1)
        expect(page.locator(".take").first.locator(".said")).to_have_text("Said while nobody listens.")
        page.reload()
        page.wait_for_selector("body.studio-ready")
        expect(first.locator(".said")).to_have_text("Said before it was killed.")
        expect(first.locator(".play")).to_be_disabled()
        expect(page.locator(".take").first.locator(".play")).to_be_enabled()
        first.get_by_text("Use these settings").click()
        expect(page.locator("#studio-text textarea")).to_have_value("Said before it was killed.")
        expect_pill(page, "ready")


def test_a_server_that_ends_while_it_speaks(page: Page) -> None:
    port = free_port()
    with program(port) as url:
        visit(page, url)
        generate(page, LONG)
        page.wait_for_function(HEARD)
    expect(page.locator("#studio-status")).to_contain_text(OFFLINE)
    expect_pill(page, "lost")
    page.wait_for_function("!document.body.classList.contains('studio-busy')")
    seed = page.input_value("#studio-seed input")
    with program(port):
        expect(page.locator("#studio-pill")).not_to_have_attribute("data-state", "lost")
        page.get_by_role("button", name="Try again").click()
        page.wait_for_selector(".take.live")
        page.click("#studio-stop")
        expect(page.locator(".take .chips")).to_contain_text(f"Seed {seed}")


def test_what_only_reads_is_asked_again_and_a_proxy_in_its_place_is_no_answer(studio: Studio, page: Page) -> None:
    failed: list[str] = []

    def fail_twice(route: Route, request: Request) -> None:
        failed.append(request.url)
        if len(failed) <= 2:
            route.fulfill(status=502, body="<html>Bad gateway</html>", content_type="text/html")
        else:
            route.continue_()

    page.route("**/studio/systems", fail_twice)
    visit(page, studio.url)
    assert len(failed) == 3
    page.route("**/studio/speak", lambda route: route.fulfill(status=504, body="<html>", content_type="text/html"))
    generate(page, "Hello.")
    expect(page.get_by_role("button", name="Try again")).to_be_visible()
    page.unroute("**/studio/speak")
    page.get_by_role("button", name="Try again").click()
    page.wait_for_selector(".take .download.wav")
    expect(page.locator("#studio-pill")).not_to_have_attribute("data-state", "lost")


def test_a_stream_that_is_cut_off_is_no_success(studio: Studio, page: Page) -> None:
    visit(page, studio.url)
    page.route(
        "**/studio/speak", lambda route: route.fulfill(status=200, body=b"", content_type="application/octet-stream")
    )
    generate(page, "Hello.")
    expect(page.locator("#studio-status")).to_contain_text(OFFLINE)
    expect(page.locator(".take")).to_have_count(0)


def test_a_take_that_the_server_has_dropped_is_marked_when_it_is_asked_for(studio: Studio, page: Page) -> None:
    visit(page, studio.url)
    for text in ("First.", "Second."):
        generate(page, text)
        expect(page.locator(".take .said").first).to_have_text(text)
        page.wait_for_function("document.querySelector('.take .download.wav') && !window.polyphone.stats.playing")
    for take in list(studio.backend.takes._takes):
        studio.backend.takes._path(take, "f32").unlink()
    page.locator(".take").first.locator(".play").click()
    expect(page.locator(".take").first).to_contain_text("no longer has this sound")
    expect(page.locator(".take").last.locator(".play")).to_be_enabled()
    page.reload()
    page.wait_for_selector("body.studio-ready")
    expect(page.locator(".take .lost")).to_have_count(2)
    assert page.evaluate("document.querySelectorAll('.take .wave').length") == 2


def test_a_page_that_nobody_sees_asks_nothing(studio: Studio, page: Page) -> None:
    page.clock.install()
    page.add_init_script(COUNT)
    studio.backend.warm_up.start()
    visit(page, studio.url)
    expect_pill(page, "ready")

    def asked() -> int:
        return page.evaluate("window.asked")

    page.evaluate(HIDE, True)
    page.clock.run_for(15_000)
    before = asked()
    page.clock.run_for(300_000)
    page.wait_for_timeout(1_000)
    assert asked() == before
    with page.expect_response("**/studio/status"):
        page.evaluate(HIDE, False)
    assert asked() == before + 1
    rounds = 0
    while asked() < before + 4:
        page.clock.run_for(10_000)
        page.wait_for_timeout(300)
        rounds += 1
        assert rounds < 100
    assert asked() <= before + 1 + rounds
