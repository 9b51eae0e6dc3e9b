"""A visitor in a real Chromium makes voices, hears them, keeps them; inserts tokens; speaks a rewritten text."""

import dataclasses
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from engine import voice_store
from engine.system import Portrait, SystemSpec
from tests.conftest import fake_pitch
from tests.server.test_voice_routes import recording
from tests.ui.test_browser import generate, visit
from ui.app import Studio

pytestmark = pytest.mark.browser


@pytest.fixture
def voices(tmp_path: Path) -> Path:
    """The folder of the saved voices."""
    return tmp_path / "models" / "voices" / "fake"


@pytest.fixture
def studio(serve_studio: Callable[..., Studio], make_fake_spec: Callable[..., SystemSpec], tmp_path: Path) -> Studio:
    """A studio that can keep voices, with a second system that is not chosen."""
    return serve_studio(make_fake_spec(), make_fake_spec("second"), models_dir=tmp_path / "models")


def button(page: Page, name: str) -> Locator:
    return page.get_by_role("button", name=name, exact=True)


def chosen(page: Page) -> Locator:
    """The voice that is chosen."""
    return page.locator(".studio-of-fake .voice-panel .pills label:has(:checked)")


def speak(page: Page, voice: str, text: str = "Hello.") -> Locator:
    """Generate; returns the take's card, which names the voice."""
    takes = page.locator(".take .download.wav").count()
    generate(page, text)
    expect(page.locator(".take .download.wav")).to_have_count(takes + 1)
    expect(page.locator(".take").first.locator(".chips")).to_contain_text(voice)
    return page.locator(".take").first


def save(page: Page, name: str) -> None:
    button(page, "Save this voice").click()
    page.get_by_role("textbox", name="Name").fill(name)
    page.keyboard.press("Enter")
    expect(page.locator(".studio-of-fake .voice-said")).to_have_text("The voice is saved.")
    expect(chosen(page)).to_have_text(name)


def test_a_recording_becomes_a_voice_that_is_saved_and_still_speaks_after_a_reload(
    studio: Studio, page: Page, voices: Path
) -> None:
    visit(page, studio.url)
    button(page, "Recording").click()
    inside = page.locator(".studio-of-fake .voice-tool:visible input[type=file]")
    inside.set_input_files([{"name": "Aunt Ann.flac", "mimeType": "audio/flac", "buffer": recording()}])
    page.get_by_role("textbox", name="What is said in it").fill("la")
    button(page, "Use this voice").click()
    expect(chosen(page)).to_have_text("Aunt Ann")
    speak(page, "Aunt Ann")
    button(page, "Save this voice").click()
    expect(page.get_by_role("textbox", name="Name")).to_have_value("Aunt Ann")
    page.keyboard.press("Enter")
    expect(page.locator(".studio-of-fake .voice-said")).to_have_text("The voice is saved.")
    saved = voice_store.load(voices / "Aunt Ann.safetensors")
    assert fake_pitch(saved) == pytest.approx(300, abs=2)
    assert saved.meta == {"transcript": "la"}
    page.reload()
    visit(page, studio.url)
    page.locator(".studio-of-fake").get_by_label("Aunt Ann").check()
    speak(page, "Aunt Ann")
    with page.expect_download() as waiting:
        page.locator(".studio-of-fake .voice-acts a").click()
    file = voices.parent / waiting.value.suggested_filename
    waiting.value.save_as(file)
    tool = page.locator(".studio-of-fake .voice-acts").get_by_role("button", name="Delete", exact=True)
    tool.click()
    tool.click()
    expect(page.locator(".studio-of-fake .voice-said")).to_have_text("The voice is deleted.")
    expect(chosen(page)).to_have_text("alto")
    page.locator(".studio-of-fake .voice-tools input[type=file]").set_input_files(file)
    expect(chosen(page)).to_have_text("fake-Aunt Ann")
    wrong = {"name": "x.safetensors", "mimeType": "", "buffer": b"nothing"}
    page.locator(".studio-of-fake .voice-tools input[type=file]").set_input_files([wrong])
    expect(page.locator(".studio-of-fake .voice-said.bad")).to_contain_text("x.safetensors is no voice file")


def test_the_microphone_records_a_voice(studio: Studio, page: Page) -> None:
    visit(page, studio.url)
    button(page, "Recording").click()
    button(page, "Record").click()
    stop = page.get_by_role("button", name=re.compile(r"^Stop 0:\d\d$"))
    expect(stop).to_be_visible()
    page.wait_for_function("parseFloat(document.querySelector('.meter i').style.width) > 20")  # the beep was heard
    page.wait_for_timeout(1500)
    stop.click()
    button(page, "Use this voice").click()
    expect(chosen(page)).to_have_text("recording")
    speak(page, "recording")


def test_voices_are_drawn_pasted_copied_and_blended(studio: Studio, page: Page, voices: Path) -> None:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    visit(page, studio.url)
    button(page, "Draw").click()
    number = page.get_by_role("spinbutton", name="Number")
    first = number.input_value()
    expect(chosen(page)).to_have_text(f"№ {first}")
    button(page, "Another voice").click()
    expect(number).not_to_have_value(first)
    number.fill("50")
    speak(page, "seed:50")
    button(page, "Copy as a string").click()
    expect(page.locator(".studio-of-fake .voice-said")).to_have_text("The string is copied.")
    assert page.evaluate("navigator.clipboard.readText()") == "pitch:150"
    button(page, "String").click()
    page.get_by_role("textbox", name="A pitch, such as").fill("pitch:350")
    speak(page, "pitch:350")
    button(page, "Blend").click()
    page.get_by_role("combobox", name="First voice").select_option("№ 50")
    page.get_by_role("combobox", name="Second voice").select_option("pitch:350")
    page.get_by_role("slider", name="Share of the second voice").fill("25")
    takes = page.locator(".take .download.wav").count()
    button(page, "Hear it").click()
    expect(page.locator(".take .download.wav")).to_have_count(takes + 1)
    expect(page.locator(".take").first.locator(".chips")).to_contain_text("№ 50 + pitch:350")
    save(page, "Both")
    assert fake_pitch(voice_store.load(voices / "Both.safetensors")) == pytest.approx(200)
    # A take brings back what it was spoken with, a voice that was never saved too.
    page.get_by_role("radio", name="bass").check()
    page.locator(".take").first.get_by_text("Use these settings").click()
    expect(chosen(page)).to_have_text("№ 50 + pitch:350")
    page.locator(".take").last.get_by_text("Use these settings").click()
    expect(chosen(page)).to_have_text("№ 50")


def test_tokens_go_in_at_the_cursor_and_suggestions_into_their_field(studio: Studio, page: Page) -> None:
    visit(page, studio.url)
    page.fill("#studio-text textarea", "Well, hello.")
    for _ in range(6):
        page.keyboard.press("ArrowLeft")
    laugh = page.get_by_role("button", name="Insert [laugh]: A laugh.")
    laugh.focus()
    page.keyboard.press("Enter")
    page.keyboard.type("again, ")
    expect(page.locator("#studio-text textarea")).to_have_value("Well, [laugh]again, hello.")
    page.locator(".studio-of-fake .studio-more > button").first.click()
    button(page, "Sad").click()
    take = speak(page, "alto", page.input_value("#studio-text textarea"))
    expect(take.locator(".said")).to_have_text("Well, [laugh]again, hello.")
    expect(take.locator("dl")).to_contain_text("Oh no.")
    # A radio that was folded away answers to the arrow keys, too.
    page.locator("#studio-fake-shape").get_by_label("sine").focus()
    page.keyboard.press("ArrowRight")
    expect(page.locator("#studio-fake-shape").get_by_label("square")).to_be_checked()


def test_a_rewritten_text_is_shown_at_once_edited_and_spoken(
    serve_studio: Callable[..., Studio], make_fake_spec: Callable[..., SystemSpec], page: Page
) -> None:
    visit(page, serve_studio(make_fake_spec(delay=0.2, seconds_per_character=0.05)).url)
    button(page, "Rewriting ▼").click()
    page.get_by_label("Rewrite", exact=True).check()
    generate(page, "One. " * 20)
    card = page.locator(".take").first
    expect(card.locator(".rewritten p")).to_have_text("Hm, " + "One. " * 19 + "One.")
    expect(card.locator(".download")).to_have_count(0)  # it still speaks
    page.click("#studio-stop")
    expect(card.locator(".download.wav")).to_be_visible()
    button(page, "Edit and speak").click()
    expect(page.locator("#studio-text textarea")).to_have_value("Hm, " + "One. " * 19 + "One.")
    expect(page.get_by_label("Rewrite", exact=True)).not_to_be_checked()
    take = speak(page, "alto", "Hm, two.")
    expect(take.locator(".said")).to_have_text("Hm, two.")
    expect(take.locator(".rewritten")).to_be_hidden()
    page.reload()
    expect(page.locator(".take .rewritten:visible")).to_have_count(1)


def test_a_voice_has_a_portrait_and_is_heard_in_its_language_without_leaving_a_take(
    serve_studio: Callable[..., Studio], make_fake_spec: Callable[..., SystemSpec], page: Page
) -> None:
    portraits = {"alto": Portrait(language="zh", character="a high hum")}
    slow = make_fake_spec(seconds_per_character=0.2)  # so that it can be seen
    studio = serve_studio(dataclasses.replace(slow, portraits=lambda _: portraits))
    asked: list[dict[str, object]] = []
    visit(page, studio.url)
    page.on("request", lambda request: asked.append(request.post_data_json) if "/speak" in request.url else None)
    page.locator(".studio-of-fake .pills").get_by_label("alto").check()
    portrait = page.locator(".studio-of-fake .voice-portrait")
    expect(portrait).to_contain_text("Chinese · a high hum")
    button(page, "Preview").click()
    expect(portrait.get_by_role("button")).to_have_text("Stop")
    expect(portrait.get_by_role("button")).to_have_text("Preview")
    (said,) = asked
    assert (said["language"], said["voice"]) == ("zh", "alto")
    assert "早上好" in str(said["text"])
    expect(page.locator(".take")).to_have_count(0)
    page.locator(".studio-of-fake .pills").get_by_label("bass").check()
    expect(portrait).to_have_text("Preview")  # of two languages, nobody knows which
    with page.expect_request("**/studio/speak") as again:
        button(page, "Preview").click()
    assert again.value.post_data_json["language"] == "en"
    expect(portrait.get_by_role("button")).to_have_text("Preview")
