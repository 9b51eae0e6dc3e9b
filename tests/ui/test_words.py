"""Every word of the page is there in every language, asked for by somebody, and shown as it was written."""

import json
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from engine.options import slider, toggle
from engine.publisher import Licences
from engine.system import SystemSpec
from tests.conftest import FakeOptions
from tests.ui import conftest
from tests.ui.test_browser import visit
from ui.app import Studio
from ui.look import PAGE
from ui.words import FOLDER, LANGUAGES, Wording, read

UI = Path(__file__).parents[2] / "ui"
SCRIPT = "\n".join(path.read_text("utf-8") for path in sorted(PAGE.glob("*.js")))
PYTHON = "\n".join(path.read_text("utf-8") for path in sorted(UI.glob("*.py")))
METHODS = {"text", "told", "locale"}  # what else `words` has in the script


def asked() -> set[str]:
    """The words that somebody asks for: Python by word("key"), the script by words.key or by a state of the wire."""
    states = re.findall(r'@typedef \{(".*")\} (?:System|Card)State', SCRIPT)
    return {
        *re.findall(r'\bword\("([\w ]+)"\)', PYTHON),
        *(set(re.findall(r"(?<!/)\bwords\.(\w+)", SCRIPT)) - METHODS),
        *(state for union in states for state in re.findall(r'"([\w ]+)"', union)),
        *re.findall(r'const shows = .*"(stop)".*"(play)".*"(pause)"', SCRIPT)[0],
    }


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_has_every_word(language: str) -> None:
    assert list(read(language).words) == list(read("en").words)
    assert all(text.strip() for text in (*read(language).words.values(), *read(language).texts.values()))
    assert not METHODS & read(language).words.keys()


def test_every_word_is_asked_for_and_every_word_that_is_asked_for_exists() -> None:
    assert asked() == read("en").words.keys()


def test_gradio_gets_what_was_asked_for_in_every_language_and_nothing_else() -> None:
    wording = Wording()
    assert wording.word("seed").key == "seed"
    assert wording.text("Speed").key == "Speed"
    assert wording.text("It's 'odd' {").key == "It's 'odd' {"
    assert wording.text("") == ""
    assert wording.text("Closes a {brace}.") == "Closes a {brace}."
    told = wording.i18n().translations_dict
    assert told["en"] == {"seed": "Seed", "Speed": "Speed", "It's 'odd' {": "It's 'odd' {"}
    assert told["ko"] == {"seed": "시드", "Speed": "속도", "It's 'odd' {": "It's 'odd' {"}
    with pytest.raises(KeyError):
        wording.word("nothing")


FASTER = "Higher: faster. 2 is twice as fast, 0.5 half as fast."


@dataclass(frozen=True, slots=True, kw_only=True)
class Options(FakeOptions):
    """Two more: one that is translated, and one in English alone that Gradio could stumble over."""

    speed: float = slider(1.0, 0.5, 2.0, step=0.1, help=FASTER, group="Style")
    odd: bool = toggle(False, help="It's 'odd' <b>here</b>, a { even. Isn't it?", group="Style")
    braced: bool = toggle(False, help="A {name} in braces.", group="Style")


@pytest.fixture
def spoken(make_fake_spec: Callable[..., SystemSpec], serve_studio: Callable[..., Studio]) -> Studio:
    """A studio with a system that says what there are translations of."""
    purpose = "Reads anything at once, on any machine"
    licences = Licences(code="Apache-2.0", weights="CC BY-NC 4.0: not for commercial use")
    return serve_studio(replace(make_fake_spec(), options=Options, purpose=purpose, licences=licences))


@contextmanager
def visitor(browser: Browser, locale: str) -> Iterator[Page]:
    """A page of somebody who reads this language."""
    with conftest.visitor(browser, locale=locale) as context:
        yield context.new_page()


@pytest.mark.browser
@pytest.mark.parametrize(
    ("locale", "facts", "pause", "style", "happy"),
    [
        (
            "zh-CN",
            ("任何机器都能运行", "不得用于商业用途"),
            "短暂停顿。",
            ("风格", "语速", "2 表示快一倍，0.5 表示慢一倍。"),
            "高兴",
        ),
        (
            "ja-JP",
            ("どんなマシンでも", "商用不可"),
            "短い間。",
            ("スタイル", "速さ", "2 で二倍、0.5 で半分の速さ。"),
            "うれしい",
        ),
        ("fr-FR", ("on any machine", "not for"), "A short pause.", ("Style", "Speed", "2 is twice as fast"), "Happy"),
    ],
)
def test_what_the_engine_says_is_in_the_visitors_language_where_that_has_it(
    spoken: Studio,
    browser: Browser,
    locale: str,
    facts: tuple[str, ...],
    pause: str,
    style: tuple[str, str, str],
    happy: str,
) -> None:
    group, name, help = style  # noqa: A001
    with visitor(browser, locale) as page:
        visit(page, spoken.url)
        good_for, licence = facts
        expect(page.locator("#studio-system small")).to_contain_text(good_for)
        expect(page.locator("#studio-facts .licence")).to_contain_text(licence)
        expect(page.locator(".token", has_text="[pause]")).to_have_attribute("title", pause)
        for fold in page.locator(".studio-of-fake .studio-more > button").all():
            fold.click()
        expect(page.locator(".studio-of-fake .studio-more > button", has_text=group)).to_be_visible()
        expect(page.locator("#studio-fake-speed")).to_contain_text(name)
        expect(page.locator("#studio-fake-speed")).to_contain_text(help)
        expect(page.locator(".suggestion").first).to_have_text(happy)
        expect(page.locator("#studio-fake-odd")).to_contain_text("It's 'odd' <b>here</b>, a { even. Isn't it?")
        expect(page.locator("#studio-fake-braced")).to_contain_text("A {name} in braces.")


def refusing(error: dict[str, Any]) -> Callable[[Route], None]:
    """Answers a request with this error."""
    return lambda route: route.fulfill(status=400, json={"error": error})


@pytest.mark.browser
def test_an_error_is_said_by_its_template_in_the_visitors_language(spoken: Studio, browser: Browser) -> None:
    file = json.loads((FOLDER / "zh.json").read_text("utf-8"))
    file["texts"] |= {"{name} is {{no}} voice": "没有音色{{}}{name}", "plain": "普通"}
    told = {"type": "VoiceError", "message": "Ann is {no} voice"}
    with visitor(browser, "zh-CN") as page:
        page.route("**/words/zh.json", lambda route: route.fulfill(json=file))
        visit(page, spoken.url)
        for error, said in (
            ({**told, "template": "{name} is {{no}} voice", "values": {"name": "Ann"}}, "没有音色{}Ann"),
            ({**told, "template": "{name} is new {other}", "values": {"name": "Ann"}}, "Ann is new {other}"),
            ({**told, "message": "plain"}, "普通"),
            (told, "Ann is {no} voice"),
        ):
            page.route("**/studio/speak", refusing(error))
            page.click("#studio-generate")
            expect(page.locator("#studio-status.bad")).to_have_text(said)
