"""Tabs have addresses in a real Chromium: Back and Forward walk through them, also in a frame and under a sub path."""

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Frame, Page, Route, expect

from engine.system import SystemSpec
from server.rights import Policy
from tests.ui.test_browser import visit
from ui.app import Studio

pytestmark = pytest.mark.browser


@pytest.fixture
def studio(serve_studio: Callable[..., Studio], fake_spec: SystemSpec, tmp_path: Path) -> Studio:
    return serve_studio(fake_spec, models_dir=tmp_path / "models")


def shown(page: Page | Frame, tab: str) -> None:
    expect(page.get_by_role("tab", name=tab)).to_have_attribute("aria-selected", "true")
    expect(page.locator("#studio-text")).to_be_visible(visible=tab == "Speak")
    expect(page.locator("#studio-library")).to_be_visible(visible=tab == "Models")


def test_back_and_forward_walk_through_the_tabs(studio: Studio, page: Page) -> None:
    page.goto("about:blank")
    visit(page, studio.url)
    for tab, address in (("Models", "#models"), ("Speak", ""), ("Models", "#models")):
        page.get_by_role("tab", name=tab).click()
        shown(page, tab)
        assert page.url == studio.url + address
    page.get_by_role("tab", name="Models").click()  # once more makes no step of it
    for tab in ("Speak", "Models", "Speak"):
        page.go_back()
        shown(page, tab)
    page.go_forward()
    shown(page, "Models")
    page.reload()
    page.wait_for_selector("body.studio-ready")
    shown(page, "Models")
    page.go_back()
    shown(page, "Speak")
    page.go_back()
    assert page.url == "about:blank"


def test_an_address_opens_its_tab_and_an_unknown_one_the_first(studio: Studio, page: Page) -> None:
    page.goto(f"{studio.url}?x=1#models")
    shown(page, "Models")
    page.get_by_role("tab", name="Speak").click()
    shown(page, "Speak")
    assert page.url == f"{studio.url}?x=1"
    page.evaluate("location.hash = '#models'")
    shown(page, "Models")
    page.evaluate("location.hash = '#nothing'")
    page.wait_for_timeout(100)
    shown(page, "Models")
    page.goto("about:blank")
    page.goto(f"{studio.url}#nothing")
    page.wait_for_selector("body.studio-ready")
    shown(page, "Speak")


def test_what_leads_to_a_tab_is_a_step_too(
    serve_studio: Callable[..., Studio], make_fake_spec: Callable[..., SystemSpec], page: Page
) -> None:
    visit(page, serve_studio(make_fake_spec(bundled=False)).url)
    page.get_by_role("button", name="Get a model").click()
    shown(page, "Models")
    page.evaluate("window.polyphone.use('fake', '')")  # as the Models page does
    shown(page, "Speak")
    page.go_back()
    shown(page, "Models")
    page.go_back()
    shown(page, "Speak")


def test_a_tab_that_is_not_for_the_visitor_stays_closed(
    serve_studio: Callable[..., Studio], fake_spec: SystemSpec, page: Page
) -> None:
    page.goto(f"{serve_studio(fake_spec, policy=Policy(public=True, token='owner')).url}#models")
    page.wait_for_selector("body.studio-ready")
    expect(page.get_by_role("tab", name="Speak")).to_have_attribute("aria-selected", "true")
    expect(page.locator("#studio-library")).to_have_count(0)


def test_in_a_frame_the_page_around_it_stays(studio: Studio, page: Page) -> None:
    framed = f'<iframe src="{studio.url}" width="1200" height="800">'
    page.route("**/around.html", lambda route: route.fulfill(body=framed, content_type="text/html"))
    page.goto(f"{studio.url}around.html")
    page.wait_for_function("frames[0]?.document.querySelector('body.studio-ready')")
    frame = page.frames[1]
    frame.get_by_role("tab", name="Models").click()
    shown(frame, "Models")
    assert page.url == f"{studio.url}around.html"
    page.evaluate("history.back()")
    shown(frame, "Speak")
    page.evaluate("history.forward()")
    shown(frame, "Models")
    assert page.url == f"{studio.url}around.html"


def test_under_a_sub_path_the_address_keeps_it(studio: Studio, page: Page) -> None:
    def proxy(route: Route) -> None:
        route.fulfill(response=route.fetch(url=route.request.url.replace("/sub/path/", "/")))

    page.route("**/sub/path/**", proxy)
    visit(page, f"{studio.url}sub/path/")
    page.get_by_role("tab", name="Models").click()
    shown(page, "Models")
    assert page.url == f"{studio.url}sub/path/#models"
    page.go_back()
    shown(page, "Speak")
    assert page.url == f"{studio.url}sub/path/"
