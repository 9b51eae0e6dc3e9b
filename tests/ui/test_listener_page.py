"""ui/listener_page.py and what it loads, in a browser: somebody with a link hears and judges, without names."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, Page, Route, expect

from engine.system import SystemSpec
from server.rights import Policy
from tests.server.test_listening_routes import OWNER, TOKEN, make
from tests.timing import PATIENCE_S
from tests.ui.test_words import visitor
from ui.app import Studio
from ui.words import read

pytestmark = pytest.mark.browser

QUESTIONS = {
    "ab": "Which of the two sounds better?",
    "abx": "Which of the two is X?",
    "mos": "How good does this sound?",
    "cmos": "How does B sound beside A?",
    "mushra": "How good does each of these sound?",
}
# Whatever a listener could see, hear read aloud, or find in the page.
SEEN = "document.documentElement.outerHTML"


@pytest.fixture
def studio(serve_studio: Callable[..., Studio], fake_spec: SystemSpec, tmp_path: Path) -> Studio:
    """One that lets in nobody without its token."""
    return serve_studio(fake_spec, models_dir=tmp_path / "models", policy=Policy(token=TOKEN))


@pytest.fixture
def owner(studio: Studio) -> Any:
    with httpx.Client(base_url=studio.url, headers=OWNER, timeout=60) as client:
        yield client


def sounds(page: Page) -> list[str]:
    """The names of the sounds of the trial."""
    return [button.inner_text() for button in page.locator(".judge-play").all()]


def hear(page: Page) -> None:
    """Every sound to its end, by keys alone."""
    expect(page.locator(".judge-trial")).to_be_visible()
    for name in sounds(page):
        page.keyboard.press(name.lower())
        expect(page.get_by_role("button", name=f"Play {name}")).to_contain_class("heard")


def judge(page: Page, kind: str) -> None:
    """The first choice, or 51 for the sound A, 52 for B, ...; by keys alone."""
    if kind != "mushra":
        return page.keyboard.press("1")
    for presses, name in enumerate(sounds(page), 1):
        page.keyboard.press("Tab")
        expect(page.get_by_role("button", name=f"Play {name}")).to_be_focused()
        page.keyboard.press("Tab")
        for _ in range(presses):
            page.keyboard.press("ArrowRight")
        expect(page.locator(".judge-value").nth(presses - 1)).to_have_text(f"{50 + presses} · fair")
    return None


@pytest.mark.parametrize("kind", QUESTIONS)
def test_a_test_is_done_by_keyboard_alone_and_shows_no_name(
    studio: Studio, owner: httpx.Client, page: Page, kind: str
) -> None:
    made = make(owner, kind, checks=1)
    page.goto(f"{studio.url}listen/{made['link']}")
    expect(page.get_by_role("heading", name="Which?")).to_be_visible()
    expect(page.get_by_role("button", name="Begin")).to_be_focused()
    page.keyboard.press("Enter")
    following = page.get_by_role("button", name="Next")
    for place in range(made["trials"]):
        heading = page.get_by_role("heading", name=f"{place + 1} / {made['trials']}")
        expect(heading).to_be_focused()
        expect(page.get_by_role("progressbar")).to_have_attribute("value", str(place))
        expect(page.locator(".judge-trial")).to_contain_text(QUESTIONS[kind])
        hidden = page.evaluate(SEEN)
        assert not [word for word in ("Low", "High", "pitch", "morning", "night", made["test"]) if word in hidden]
        expect(following).to_be_disabled()
        judge(page, kind)
        expect(following).to_be_disabled()  # nothing was heard yet
        hear(page)
        expect(following).to_be_enabled()
        page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_have_text("That was all. Thank you!")
    found = owner.get(f"studio/listening-tests/{made['test']}.json").json()
    assert (found["listeners"], found["finished"]) == (1, 1)
    wanted = {"mos": {1}, "mushra": {51, 52, 53}, "ab": {-1, 1}, "abx": {0, 1}, "cmos": {-3, 3}}[kind]
    values = {line["value"] for line in found["judgements"]}
    assert values <= wanted
    assert kind != "mushra" or {51, 52} <= values


def test_who_comes_back_goes_on_and_another_begins_anew(
    studio: Studio, owner: httpx.Client, page: Page, browser: Browser
) -> None:
    made = make(owner, "mos")
    address = f"{studio.url}listen/{made['link']}"
    page.goto(address)
    page.get_by_role("button", name="Begin").click()
    hear(page)
    judge(page, "mos")
    page.get_by_role("button", name="Next").click()
    expect(page.get_by_role("heading", name="2 / 4")).to_be_visible()
    page.reload()
    expect(page.get_by_role("heading", name="2 / 4")).to_be_visible()
    with visitor(browser, "en-GB") as other:
        other.goto(address)
        expect(other.get_by_role("button", name="Begin")).to_be_visible()
    owner.delete(f"studio/listening-tests/{made['test']}")
    page.reload()
    expect(page.get_by_role("alert")).to_have_text("There is no test under this link (any more).")


def test_an_answer_that_does_not_arrive_is_sent_again(studio: Studio, owner: httpx.Client, page: Page) -> None:
    made = make(owner, "ab")
    page.goto(f"{studio.url}listen/{made['link']}")
    page.get_by_role("button", name="Begin").click()
    expect(page.locator(".judge-play")).to_have_count(2)
    hear(page)
    page.get_by_label("No difference").check(force=True)
    lost: list[str] = []

    def lose(route: Route) -> None:
        """The answer arrives, and the reply is lost."""
        if route.request.method == "POST" and not lost:
            lost.append(route.fetch().text())
            route.abort()
        else:
            route.continue_()

    page.route("**/studio/listen/**", lose)
    page.get_by_role("button", name="Next").click()
    expect(page.get_by_role("alert")).to_have_text("The studio does not answer. Is it still running?")
    page.get_by_role("button", name="Next").click()
    expect(page.get_by_role("heading", name="2 / 2")).to_be_visible()
    assert len(owner.get(f"studio/listening-tests/{made['test']}.json").json()["judgements"]) == 1


@pytest.mark.parametrize("kind", QUESTIONS)
def test_a_phone_of_320_px_is_wide_enough(studio: Studio, owner: httpx.Client, browser: Browser, kind: str) -> None:
    made = make(owner, kind)
    context = browser.new_context(locale="ko-KR", viewport={"width": 320, "height": 640}, has_touch=True)
    context.set_default_timeout(1000 * PATIENCE_S)
    page, words = context.new_page(), read("ko").words
    page.goto(f"{studio.url}listen/{made['link']}")
    begin = page.get_by_role("button", name=words["listen_begin"])
    expect(begin).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") == 320
    begin.tap()
    expect(page.locator(".judge-trial")).to_contain_text(words[f"ask_{kind}"])
    assert page.evaluate("document.documentElement.scrollWidth") == 320
    for button in page.locator(".judge-play").all():
        box = button.bounding_box()
        assert min(box["width"], box["height"]) >= 44
        assert box["x"] + box["width"] <= 320
    context.close()


@pytest.mark.parametrize(("locale", "language"), [("zh-CN", "zh"), ("ja-JP", "ja"), ("ko-KR", "ko")])
def test_a_listener_reads_their_language(
    studio: Studio, owner: httpx.Client, browser: Browser, locale: str, language: str
) -> None:
    made, words = make(owner, "cmos"), read(language).words
    with visitor(browser, locale) as page:
        page.goto(f"{studio.url}listen/{made['link']}")
        expect(page.locator("#listener")).to_contain_text(words["listen_how"])
        assert page.evaluate("document.documentElement.lang") == language
        page.get_by_role("button", name=words["listen_begin"]).click()
        for key in ("much_worse", "about_the_same", "much_better", "listen_all", "listen_next", "ask_cmos"):
            expect(page.locator("#listener")).to_contain_text(words[key])
        page.goto(f"{studio.url}listen/nothing")
        expect(page.get_by_role("alert")).to_have_text(words["listen_gone"])
