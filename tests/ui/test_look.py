"""The page's head names files that exist, and the type checker sees every one of the script's."""

import re
from html.parser import HTMLParser
from typing import Any

import httpx
import pytest
from playwright.sync_api import Page, expect

from tests.ui.test_browser import visit
from ui.app import Studio
from ui.look import DOOR, ENTRIES, IMPORT, PAGE, files, head, imported, joined, links

SCRIPTS = sorted(path.name for path in PAGE.glob("*.js"))
LONGEST = 250


class Tags(HTMLParser):
    """Collects the tags of a head and the addresses in them."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, str]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        self.found.append((tag, values.get("href") or values.get("src") or ""))


def test_the_head_asks_for_one_style_and_one_script_and_cannot_be_broken_out_of() -> None:
    tags = Tags()
    tags.feed(head("static/", ["text", "</script><img>"]))
    assert tags.found == [("meta", ""), ("link", "static/studio.css"), ("script", ""), ("script", "static/studio.js")]
    assert links("static/") == ["<static/studio.css>; rel=preload; as=style", "<static/studio.js>; rel=modulepreload"]
    assert {"studio.css", "studio.js", "models_page.js", "words/ko.json"} <= files().keys()
    assert DOOR not in files()


@pytest.mark.parametrize("entry", ENTRIES)
def test_modules_that_are_joined_come_after_those_that_they_import_and_share_no_name(entry: str) -> None:
    order = imported(entry)
    assert len(order) == len(set(order)) > 5
    names: list[str] = []
    for index, name in enumerate(order):
        script = (PAGE / name).read_text("utf-8")
        assert set(IMPORT.findall(script)) <= set(order[:index])
        assert not re.search(r"^import (?!\{ [\w, ]+ \} from)", script, re.MULTILINE), "an import that joining breaks"
        assert " as " not in "".join(re.findall(r"^import .*", script, re.MULTILINE))
        names += re.findall(r"^(?:export )?(?:async )?(?:function\*?|class|const) (\w+)", script, re.MULTILINE)
    assert len(names) == len(set(names))
    kept = re.findall(r"^export .*", (PAGE / entry).read_text("utf-8"), re.MULTILINE)
    assert re.findall(r"^(?:import|export) .*", joined(entry), re.MULTILINE) == kept


@pytest.mark.parametrize("name", SCRIPTS)
def test_a_script_is_checked_short_and_keeps_nothing_for_itself(name: str) -> None:
    script = (PAGE / name).read_text("utf-8")
    assert script.startswith("// @ts-check\n")
    assert script.count("\n") <= LONGEST
    assert not re.search(r"^(export )?(let|var) ", script, re.MULTILINE)
    assert not re.search(r"@ts-(ignore|nocheck|expect-error)", script)


def test_the_server_serves_the_files_and_no_other(studio: Studio) -> None:
    page = httpx.get(studio.url)
    base = re.match(r"<(studio/static/\w+/)", page.headers["link"])[1]
    for name, content in files().items():
        assert httpx.get(studio.url + base + name).content == content
    for name in (DOOR, "tsconfig.json", "", "../words/en.json", "words/__init__.py"):
        assert httpx.get(studio.url + base + name).status_code == 404


@pytest.mark.browser
def test_a_call_that_comes_before_the_script_waits_for_it(studio: Studio, page: Page) -> None:
    held: list[Any] = []
    page.route("**/studio/static/*/studio.js", lambda route: held.append(route))
    page.goto(studio.url)
    page.wait_for_selector("#studio-generate")
    page.evaluate("void (window.early = window.polyphone.dice())")
    page.fill("#studio-text textarea", "Said too early.")
    page.click("#studio-generate")
    page.wait_for_timeout(300)
    assert page.locator("body.studio-ready").count() == 0
    for route in held:
        route.continue_()
    page.wait_for_selector("body.studio-ready")
    assert page.evaluate("window.early") >= 0
    page.wait_for_selector(".take .download.wav")
    expect(page.locator(".take .said")).to_have_text("Said too early.")


@pytest.mark.browser
def test_the_script_is_loaded_once_and_then_kept(studio: Studio, page: Page) -> None:
    asked: list[str] = []
    page.on("response", lambda answer: asked.append(answer.url) if not answer.from_service_worker else None)
    visit(page, studio.url)
    ours = [url for url in asked if "/studio/static/" in url]
    assert len(ours) == len(set(ours)) == 3  # the style, the script, the words of one language
    cached = (
        "performance.getEntriesByType('resource').filter(e => e.name.includes('/studio/static/') && e.transferSize)"
    )
    assert page.evaluate(f"{cached}.length") == len(ours)
    page.reload()
    page.wait_for_selector("body.studio-ready")
    assert page.evaluate(f"{cached}.length") == 0
