"""A visitor in a real Chromium writes: what will be said, in which language, and which fields are wrong."""

import dataclasses
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, Request, expect

from engine.system import SystemSpec
from tests.conftest import FakeFrontEnd
from tests.ui.test_browser import generate, set_number, visit
from ui.app import Studio
from ui.speak_tab import DEFAULT_SEED, MAX_SEED

pytestmark = pytest.mark.browser


class English(FakeFrontEnd):
    """A front end of a checkpoint that speaks English alone."""

    languages = ("en",)


def only_english(spec: SystemSpec) -> SystemSpec:
    return dataclasses.replace(spec, languages=("en",), front_end=lambda _: English(), samples={"en": ("A fox.",)})


@pytest.fixture
def choir(serve_studio: Callable[..., Studio], make_fake_spec: Callable[..., SystemSpec], tmp_path: Path) -> Studio:
    """An English system, one of English and Chinese, and two of Korean, of which one has no checkpoint."""
    korean = [
        dataclasses.replace(make_fake_spec(name, bundled=ready), languages=("ko",), samples={})
        for name, ready in (("absent", False), ("korean", True))
    ]
    return serve_studio(
        only_english(make_fake_spec()), make_fake_spec("second"), *korean, models_dir=tmp_path / "models"
    )


@pytest.fixture
def sent(page: Page) -> list[str]:
    """The last parts of the addresses to which the page has posted something."""
    posted: list[str] = []

    def note(request: Request) -> None:
        if request.method == "POST":
            posted.append(request.url.rsplit("/", 1)[-1])

    page.on("request", note)
    return posted


@pytest.fixture
def spoken(page: Page) -> Iterator[list[dict[str, Any]]]:
    """What the page has asked to be spoken."""
    asked: list[dict[str, Any]] = []
    page.on("request", lambda each: asked.append(each.post_data_json) if each.url.endswith("studio/speak") else None)
    return asked


def write(page: Page, text: str) -> None:
    page.fill("#studio-text textarea", text)


def hint(page: Page) -> Locator:
    return page.locator("#studio-language-hint")


def choose(page: Page, system: str) -> None:
    page.locator("#studio-system").get_by_label(f"The {system} system").check()


def language(page: Page, system: str, code: str) -> Locator:
    return page.locator(f"#studio-{system}-language input[value={code}]")


# -- what will be said --


def test_the_fold_shows_what_will_be_said_and_follows_text_and_options(
    choir: Studio, page: Page, sent: list[str]
) -> None:
    visit(page, choir.url)
    said = page.locator("#studio-said")
    page.wait_for_timeout(600)
    assert sent == [], "a page that is only opened asks for nothing"
    with page.expect_request("**/studio/languages"):
        write(page, "Salt & snow ☃.")
    page.wait_for_timeout(600)
    assert set(sent) == {"languages"}, "a closed fold asks for nothing"
    said.locator("summary").focus()
    page.keyboard.press("Enter")
    expect(said.locator("li p").first).to_have_text("Salt and snow .")
    expect(said.locator(".reading-phonemes")).to_have_text("Phonemes SALT AND SNOW .")
    expect(said.locator("kbd")).to_have_text("☃")
    expect(said.locator("ul li")).to_have_text("there is no sound for ☃")
    write(page, "One. Two three four.\n\nAnother paragraph.")
    expect(said.locator("ol")).to_contain_text("Another paragraph.")
    expect(said.locator(".reading-pause").first).to_contain_text("s pause")
    expect(said.locator("kbd")).to_have_count(0)
    page.locator(".studio-of-fake .studio-more > button").first.click()
    page.locator("#studio-fake-compat").get_by_role("checkbox").check()
    expect(said.locator(".reading-phonemes")).to_have_count(0)
    expect(said.locator("[aria-live], [role=status]")).to_have_count(0)
    said.locator("summary").click()
    sent.clear()
    write(page, "Closed again.")
    page.wait_for_timeout(600)
    assert "text" not in sent


def test_what_cannot_be_said_is_told_calmly_and_the_next_text_is_shown(choir: Studio, page: Page) -> None:
    visit(page, choir.url)
    page.click("#studio-said summary")
    write(page, "...")
    expect(page.locator(".reading-problem")).to_contain_text("nothing in the text that can be spoken")
    expect(page.locator("#studio-status.bad")).to_have_count(0)
    write(page, "Better.")
    expect(page.locator("#studio-said li p").first).to_have_text("Better.")
    expect(page.locator(".reading-problem")).to_have_count(0)


def test_of_many_segments_the_first_are_shown_and_the_rest_on_demand(choir: Studio, page: Page) -> None:
    visit(page, choir.url)
    page.click("#studio-said summary")
    write(page, "This is a sentence that takes a line of its own, and it is one of very many here. " * 40)
    items = page.locator("#studio-said ol li")
    expect(items).to_have_count(12)
    more = page.locator("#studio-said").get_by_role("button", name="Show")
    left = int((more.text_content() or "").split()[1])
    assert left > 5
    more.focus()
    page.keyboard.press("Enter")
    expect(items).to_have_count(12 + left)
    expect(items.nth(12)).to_be_focused()
    expect(more).to_have_count(0)


def test_an_answer_that_comes_too_late_is_not_shown(choir: Studio, page: Page) -> None:
    visit(page, choir.url)
    page.click("#studio-said summary")
    expect(page.locator("#studio-said li p").first).to_have_text("A fox.")
    held: list[Any] = []
    page.route("**/studio/text", lambda route: held.append(route) if not held else route.continue_())
    with page.expect_request("**/studio/text"):
        write(page, "The first.")
    # The first question is given up, and its place at the server is free.
    with page.expect_event("requestfailed", lambda request: request.url.endswith("/studio/text")):
        write(page, "The second.")
    expect(page.locator("#studio-said li p").first).to_have_text("The second.")
    assert held[0].request.failure == "net::ERR_ABORTED"
    page.unroute_all(behavior="ignoreErrors")


# -- in which language --


def test_what_a_voice_does_not_speak_is_said_and_who_does_takes_over_with_one_click(
    choir: Studio, page: Page, spoken: list[dict[str, Any]]
) -> None:
    visit(page, choir.url)
    expect(hint(page)).to_be_hidden()
    write(page, "Hello, 你好世界, my friend.")
    expect(hint(page).locator("p")).to_have_text("alto speaks English; 4 characters are Chinese.")
    expect(page.locator("#studio-reading [role=status]")).to_have_text("alto speaks English; 4 characters are Chinese.")
    offers = hint(page).get_by_role("button")
    expect(offers).to_have_text(["Speak with The second system · alto"])
    write(page, "Hello, 你好世界你好, my friend.")
    expect(hint(page).locator("p")).to_have_text("alto speaks English; 6 characters are Chinese.")
    # Whoever listens has heard of the Chinese, and is not told of every character.
    expect(page.locator("#studio-reading [role=status]")).to_have_text("alto speaks English; 4 characters are Chinese.")
    write(page, "你好世界。")
    expect(hint(page).locator("p")).to_have_text("alto speaks English; the text is Chinese.")
    offers.click()
    expect(page.locator("#studio-system").get_by_label("The second system")).to_be_checked()
    expect(page.locator("#studio-text textarea")).to_have_value("你好世界。")
    expect(page.locator("#studio-text textarea")).to_be_focused()
    expect(language(page, "second", "zh")).to_be_checked()
    expect(hint(page)).to_be_hidden()
    generate(page, "你好世界。")
    page.wait_for_selector(".take .download.wav")
    assert spoken[-1]["system"] == "second"
    assert spoken[-1]["language"] == "zh"


def test_a_system_without_a_checkpoint_leads_to_the_models_and_a_language_of_nobody_is_said(
    choir: Studio, page: Page
) -> None:
    visit(page, choir.url)
    write(page, "안녕하세요, 만나서 반갑습니다.")
    offers = hint(page).get_by_role("button")
    expect(offers).to_have_text(["Speak with The korean system · alto", "Get The absent system, which speaks Korean"])
    offers.last.click()
    expect(page.locator("#studio-library")).to_be_visible()
    page.click("#studio-tab-speak-button")
    write(page, "Guten Morgen, wie geht es dir heute?")
    expect(hint(page)).to_contain_text("alto speaks English; the text is German.")
    expect(hint(page)).to_contain_text("No system here speaks German.")
    write(page, "Good morning, how are you today?")
    expect(hint(page)).to_be_hidden()


def test_the_language_follows_the_text_until_the_visitor_sets_it(choir: Studio, page: Page) -> None:
    visit(page, choir.url)
    write(page, "这是我写的一句话。")
    choose(page, "second")
    expect(language(page, "second", "zh")).to_be_checked()  # that of the text that was there
    write(page, "And this is an English one of mine.")
    expect(language(page, "second", "en")).to_be_checked()
    language(page, "second", "zh").check()
    page.press("#studio-text textarea", "End")
    page.keyboard.type(" More of it, in English.")
    page.wait_for_timeout(1000)
    expect(language(page, "second", "zh")).to_be_checked()
    expect(page.locator("#studio-text textarea")).to_have_value(
        "And this is an English one of mine. More of it, in English."
    )
    write(page, "Another text altogether.")
    expect(language(page, "second", "en")).to_be_checked()
    with page.expect_request("**/studio/speak") as speaking:
        page.click("#studio-generate")
    assert speaking.value.post_data_json["language"] == "en"


def test_the_settings_of_a_take_keep_their_language(choir: Studio, page: Page) -> None:
    visit(page, choir.url)
    choose(page, "second")
    write(page, "An English text.")
    expect(language(page, "second", "en")).to_be_checked()
    language(page, "second", "zh").check()
    page.click("#studio-generate")
    page.wait_for_selector(".take .download.wav")
    write(page, "Another text.")
    expect(language(page, "second", "en")).to_be_checked()
    page.locator(".take").get_by_text("Use these settings").click()
    expect(page.locator("#studio-text textarea")).to_have_value("An English text.")
    page.wait_for_timeout(1000)
    expect(language(page, "second", "zh")).to_be_checked()


# -- fields --


def test_a_string_that_is_no_voice_is_refused_while_it_is_pasted(choir: Studio, page: Page) -> None:
    visit(page, choir.url)
    page.locator(".studio-of-fake").get_by_role("button", name="String", exact=True).click()
    field = page.locator(".studio-of-fake").get_by_role("textbox", name="A pitch, such as")
    problem = page.locator(".studio-of-fake .field-problem:visible")
    field.fill("pitch:")
    expect(field).to_have_attribute("aria-invalid", "true")
    told = "there is no voice 'pitch:'; the voices are alto, bass"
    expect(problem).to_have_text(told)
    assert field.get_attribute("aria-describedby") == problem.get_attribute("id")
    assert choir.backend.engine.loaded() == (), "no model is needed for it"
    generate(page, "Hello.")
    expect(page.locator("#studio-status.bad")).to_have_text(told)
    field.fill("pitch:350")
    expect(field).not_to_have_attribute("aria-invalid", "true")
    expect(problem).to_have_count(0)
    generate(page, "Hello.")
    page.wait_for_selector(".take .download.wav")
    field.fill("pitch: 350 Hz")
    field.blur()
    expect(field).to_have_attribute("aria-invalid", "true")


def test_a_number_that_draws_no_voice_is_refused(choir: Studio, page: Page) -> None:
    visit(page, choir.url)
    page.locator(".studio-of-fake").get_by_role("button", name="Draw", exact=True).click()
    number = page.locator(".studio-of-fake").get_by_role("spinbutton", name="Number")
    first = number.input_value()
    number.fill("-5")
    expect(number).to_have_attribute("aria-invalid", "true")
    expect(page.locator(".studio-of-fake .voice-draw .field-problem")).to_have_text(
        f"A whole number from 0 to {2**31 - 1:,}, please."
    )
    number.fill("")
    number.blur()
    expect(number).to_have_value(first)
    expect(number).not_to_have_attribute("aria-invalid", "true")


def test_a_cleared_number_is_its_default_again(choir: Studio, page: Page, spoken: list[dict[str, Any]]) -> None:
    visit(page, choir.url)
    seed = page.locator("#studio-seed input")
    expect(seed).to_have_value(str(DEFAULT_SEED))
    page.get_by_label("Keep this seed").check()
    page.locator(".studio-of-fake .studio-more > button").first.click()
    for name, default, other in (("level", "0.5", "0.25"), ("partials", "1", "3")):
        field = page.locator(f"#studio-fake-{name} input[type=number]")
        expect(field).to_be_visible()
        set_number(page, name.capitalize(), other)
        field.fill("")
        field.press("Tab")
        expect(field).to_have_value(default)
        expect(page.locator(f"#studio-fake-{name} input[type=range]")).to_have_value(default)
    seed.fill("")
    seed.press("Tab")
    expect(seed).to_have_value(str(DEFAULT_SEED))
    # A request that comes while a field is empty has the default, too.
    page.locator("#studio-fake-level input[type=number]").fill("")
    page.keyboard.press("Control+Enter")
    page.wait_for_selector(".take .download.wav")
    assert spoken[-1]["options"].get("level", 0.5) == 0.5
    assert spoken[-1]["options"]["partials"] == 1
    assert spoken[-1]["seed"] == DEFAULT_SEED
    seed.fill("")
    page.keyboard.press("Control+Enter")
    expect(page.locator(".take .download.wav")).to_have_count(2)
    assert spoken[-1]["seed"] == DEFAULT_SEED


def test_a_number_that_is_out_of_bounds_is_told_in_a_persons_words(choir: Studio, page: Page) -> None:
    visit(page, choir.url)
    page.get_by_label("Keep this seed").check()
    page.fill("#studio-seed input", "-5")
    page.click("#studio-generate")
    expect(page.locator("#studio-status.bad")).to_have_text(
        "Seed must be between 0 and 9,223,372,036,854,775,807; it was -5"
    )
    page.fill("#studio-seed input", str(MAX_SEED))
    page.locator(".studio-of-fake .studio-more > button").first.click()
    set_number(page, "Level", "7", leave=False)
    page.locator("#studio-fake-level input[type=number]").press("Control+Enter")
    expect(page.locator("#studio-status.bad")).to_have_text("Level must be between 0 and 1; it was 7")
