"""A visitor in a real Chromium clones a voice: from a recording with faults to a voice that is heard, kept and used."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Locator, Page, expect

from engine import voice_store
from engine.system import SystemSpec
from server.rights import Policy
from tests.conftest import fake_pitch
from tests.engine.audio.prompts import RATE, voice, with_noise
from tests.server.test_recording_routes import wav
from tests.ui.test_browser import visit
from ui.app import Studio

pytestmark = pytest.mark.browser

SAID = "The evening train crossed the river slowly, and everybody looked at the water."
CONSENT = "This is my own voice, or the speaker has agreed to this."


def bad() -> bytes:
    """Stereo, noisy, too long, and silent at both ends."""
    silence = np.zeros(RATE, np.float32)
    noisy = with_noise(np.concatenate([silence, voice(16.0), silence]), 24)
    return wav(np.stack([noisy, 0.5 * noisy]))


@pytest.fixture
def studio(serve_studio: Callable[..., Studio], make_fake_spec: Callable[..., SystemSpec], tmp_path: Path) -> Studio:
    """Two systems that clone, and one that has no model."""
    specs = (make_fake_spec(), make_fake_spec("second"), make_fake_spec("third", bundled=False))
    return serve_studio(*specs, models_dir=tmp_path / "models")


def button(page: Page, name: str) -> Locator:
    return page.locator("#studio-cloning").get_by_role("button", name=name, exact=True)


def card(page: Page, system: str) -> Locator:
    return page.locator(f".clone-preview[data-system={system}]")


def finding(page: Page, name: str) -> Locator:
    return page.locator(f".clone-findings li[data-name={name}]")


def open_tab(page: Page, studio: Studio) -> None:
    visit(page, studio.url)
    page.get_by_role("tab", name="Clone").click()
    expect(page.locator("#studio-cloning")).to_be_visible()


def take(page: Page, data: bytes, name: str = "Aunt Ann.wav") -> None:
    files: Any = [{"name": name, "mimeType": "audio/wav", "buffer": data}]
    page.locator(".clone-column input[type=file]").set_input_files(files)
    expect(page.locator(".trim")).to_be_visible()
    expect(page.locator(".clone-findings li").first).to_be_visible()


def transcript(page: Page) -> Locator:
    return page.locator("#studio-cloning").get_by_label("What is said in it")


def agree(page: Page) -> None:
    transcript(page).fill(SAID)
    page.get_by_label(CONSENT).check()


def grade(page: Page, name: str, expected: str) -> None:
    expect(finding(page, name)).to_have_attribute("data-grade", expected)


def test_a_bad_recording_is_checked_mended_and_heard_before_and_after(studio: Studio, page: Page) -> None:
    open_tab(page, studio)
    assert page.url == f"{studio.url}#clone"
    take(page, bad())
    grade(page, "length", "poor")
    grade(page, "channels", "fair")
    grade(page, "noise", "fair")
    grade(page, "silence", "fair")
    expect(finding(page, "channels")).to_contain_text("It has 2 channels; a voice is made of one. can be repaired")
    grade(page, "transcript", "fair")
    expect(finding(page, "transcript")).to_contain_text("Nothing is typed")
    button(page, "Repair it").click()
    expect(page.locator(".clone-status")).to_have_text("The recording is repaired: compare before and after.")
    for name in ("length", "channels", "noise", "silence"):
        grade(page, name, "good")
    expect(button(page, "Repair it")).to_be_hidden()
    after, before = page.locator(".clone-after"), page.locator(".clone-rest audio")
    expect(button(page, "▶ After")).to_be_focused()
    page.keyboard.press("Enter")
    page.wait_for_function("document.querySelector('.clone-after').currentTime > 0.1")
    button(page, "▶ Before").click()
    page.wait_for_function("document.querySelector('.clone-rest audio').currentTime > 0.1")
    assert after.evaluate("sound => sound.paused")  # only one at a time
    page.keyboard.press("Escape")
    assert before.evaluate("sound => sound.paused")
    page.get_by_role("radio", name="Before").check()
    grade(page, "channels", "fair")
    page.get_by_role("radio", name="After").check()
    grade(page, "channels", "good")


def test_a_transcript_that_does_not_fit_is_told(studio: Studio, page: Page) -> None:
    open_tab(page, studio)
    take(page, wav(voice(5.0)))
    typed = transcript(page)
    typed.fill(SAID * 5)
    expect(finding(page, "transcript")).to_contain_text("too long to be said in")
    typed.fill("Hi.")
    expect(finding(page, "transcript")).to_contain_text("type all that is said")
    typed.fill(SAID)
    grade(page, "transcript", "good")
    page.get_by_label("Language of the recording").select_option("zh")
    expect(finding(page, "language")).to_contain_text("not in the language that is chosen")
    expect(page.locator("#studio-cloning .clone-accent[role=status]")).to_contain_text("the voice may keep an accent")
    page.get_by_label("Language of the text").select_option("zh")
    expect(page.get_by_label("Text to hear")).to_have_value("你好。")
    expect(page.locator("#studio-cloning .clone-accent[role=status]")).to_be_empty()


def test_the_part_is_chosen_by_keys_and_by_dragging(studio: Studio, page: Page) -> None:
    open_tab(page, studio)
    take(page, wav(voice(12.0)))
    grade(page, "length", "fair")
    start, end = page.get_by_role("slider", name="Beginning"), page.get_by_role("slider", name="End")
    end.focus()
    for _ in range(4):
        page.keyboard.press("PageDown")
    page.keyboard.press("ArrowLeft")
    expect(end).to_have_attribute("aria-valuenow", "7.9")
    expect(end).to_have_attribute("aria-valuetext", "7.9 s")
    start.focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    expect(page.locator(".trim-span")).to_have_text("0.2 – 7.9 s (7.7 s)")
    grade(page, "length", "good")
    expect(finding(page, "length")).to_contain_text("It is 7.7 s long")
    page.keyboard.press("End")  # never past the other
    expect(start).to_have_attribute("aria-valuenow", "7.4")
    page.keyboard.press("Home")
    box, grip = page.locator(".trim").bounding_box(), end.bounding_box()
    assert box
    assert grip
    page.mouse.move(grip["x"] + grip["width"] / 2, grip["y"] + grip["height"] / 2)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + 10, steps=5)
    page.mouse.up()
    expect(end).to_have_attribute("aria-valuenow", "6.0")
    expect(finding(page, "length")).to_contain_text("It is 6.0 s long")
    # Play stops at the end of the part.
    page.locator(".clone-rest audio").evaluate("sound => { sound.currentTime = 5.7; sound.play(); }")
    page.wait_for_function("document.querySelector('.clone-rest audio').paused")
    assert page.locator(".clone-rest audio").evaluate("sound => sound.currentTime") < 11.5


@pytest.mark.parametrize("context", [{"has_touch": True, "viewport": {"width": 390, "height": 800}}], indirect=True)
def test_a_finger_moves_a_handle(studio: Studio, page: Page) -> None:
    open_tab(page, studio)
    take(page, wav(voice(10.0)))
    end = page.get_by_role("slider", name="End")
    end.scroll_into_view_if_needed()
    box, grip = page.locator(".trim").bounding_box(), end.bounding_box()
    assert box
    assert grip
    finger = page.context.new_cdp_session(page)

    def touch(kind: str, x: float | None = None) -> None:
        assert grip
        points = [] if x is None else [{"x": x, "y": grip["y"] + 20}]
        finger.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    touch("touchStart", grip["x"] + grip["width"] / 2)
    touch("touchMove", box["x"] + box["width"] * 0.7)
    touch("touchMove", box["x"] + box["width"] * 0.5)
    touch("touchEnd")
    expect(end).to_have_attribute("aria-valuenow", "5.0")
    assert page.evaluate("document.documentElement.scrollWidth") == 390


def test_a_voice_is_heard_in_each_system_saved_and_used_at_once(studio: Studio, page: Page, tmp_path: Path) -> None:
    open_tab(page, studio)
    expect(page.locator(".clone-preview")).to_have_count(2)
    card(page, "fake").get_by_role("button", name="Hear it").click()
    expect(page.locator(".clone-status.bad")).to_have_text("Record or choose a recording first.")
    tone = 0.4 * np.sin(2 * np.pi * 300 * np.arange(4 * RATE) / RATE)
    tone[RATE : RATE + RATE // 2] *= 0.01
    take(page, wav(tone.astype(np.float32)))
    card(page, "fake").get_by_role("button", name="Hear it").click()
    expect(page.locator(".clone-status.bad")).to_have_text("Tick first that the speaker has agreed.")
    expect(page.get_by_label(CONSENT)).to_be_focused()
    agree(page)
    page.get_by_label("Text to hear").fill("One sentence to compare.")
    page.get_by_label("Text to hear").press("Control+Enter")
    for system in ("fake", "second"):
        expect(card(page, system).locator(".take .download.wav")).to_be_visible()
        expect(card(page, system).locator(".take .said")).to_have_text("One sentence to compare.")
    expect(page.locator("#studio-player .take")).to_have_count(0)
    first = card(page, "fake")
    expect(first.get_by_role("textbox", name="Name")).to_have_value("Aunt Ann")
    first.get_by_role("textbox", name="Name").press("Enter")
    expect(first.locator(".status.note")).to_have_text("The voice is saved. Aunt Ann")
    kept = voice_store.load(tmp_path / "models" / "voices" / "fake" / "Aunt Ann.safetensors")
    assert fake_pitch(kept) > 200
    assert kept.meta["transcript"] == SAID
    assert kept.meta["consent"].endswith(f": {CONSENT}")
    card(page, "second").get_by_role("button", name="Use it on Speak").click()
    expect(page.locator("#studio-text")).to_be_visible()
    assert page.url == studio.url
    expect(page.get_by_label("The second system")).to_be_checked()
    expect(page.locator(".studio-of-second .voice-panel .pills label:has(:checked)")).to_have_text("Aunt Ann")
    page.click("#studio-generate")
    expect(page.locator("#studio-player .take .chips").first).to_contain_text("Aunt Ann")
    page.go_back()
    first.get_by_role("button", name="Use it on Speak").click()
    expect(page.locator(".studio-of-fake .voice-panel .pills label.saved:has(:checked)")).to_have_text("Aunt Ann")


def test_previews_do_not_talk_over_each_other_and_escape_ends_them(
    serve_studio: Callable[..., Studio], make_fake_spec: Callable[..., SystemSpec], page: Page
) -> None:
    slow = {"delay": 0.05, "seconds_per_character": 0.2}
    open_tab(page, serve_studio(make_fake_spec(**slow), make_fake_spec("second", **slow)))
    take(page, wav(voice(4.0)))
    agree(page)
    page.get_by_label("Text to hear").fill("A sentence that takes its time, and some more. " * 4)
    hear = [card(page, system).locator("button.hear") for system in ("fake", "second")]
    hear[0].click()
    expect(card(page, "fake").locator(".take.live")).to_be_visible()
    hear[1].click()
    expect(card(page, "second").locator(".take.live")).to_be_visible()
    expect(card(page, "fake").locator(".take.live")).to_have_count(0)
    expect(hear[0]).to_have_text("Hear it")
    expect(hear[1]).to_have_text("Stop")
    page.keyboard.press("Escape")
    expect(hear[1]).to_have_text("Hear it")
    expect(card(page, "second").locator(".take .download.wav")).to_be_visible()


def test_the_microphone_records(studio: Studio, page: Page) -> None:
    open_tab(page, studio)
    button(page, "Record").click()
    stop = page.locator(".clone-column .record")
    expect(stop).to_have_text(re.compile(r"^Stop 0:(0[2-9]|[1-5]\d)$"))  # a second may be passed over
    stop.click()
    expect(page.locator(".trim")).to_be_visible()
    expect(page.locator(".clone-findings li").first).to_be_visible()


def test_what_is_no_recording_is_told(studio: Studio, page: Page) -> None:
    open_tab(page, studio)
    files: Any = [{"name": "x.wav", "mimeType": "audio/wav", "buffer": b"nothing"}]
    page.locator(".clone-column input[type=file]").set_input_files(files)
    expect(page.locator(".clone-status.bad")).to_contain_text("is damaged, or of a kind that cannot be read here")
    take(page, wav(voice(5.0)))
    expect(page.locator(".clone-status")).to_be_empty()


def test_a_visitor_of_a_public_studio_clones_for_the_visit(
    serve_studio: Callable[..., Studio], fake_spec: SystemSpec, tmp_path: Path, page: Page
) -> None:
    policy = Policy(public=True, token="the-token-of-the-owner")
    open_tab(page, serve_studio(fake_spec, models_dir=tmp_path / "models", policy=policy))
    take(page, wav(voice(5.0)))
    agree(page)
    expect(card(page, "fake").get_by_role("button", name="Save this voice")).to_be_hidden()
    card(page, "fake").get_by_role("button", name="Hear it").click()
    expect(card(page, "fake").locator(".take .download.wav")).to_be_visible()
    card(page, "fake").get_by_role("button", name="Use it on Speak").click()
    expect(page.locator(".studio-of-fake .voice-panel .pills label:has(:checked)")).to_have_text("Aunt Ann")


def test_without_a_system_that_clones_the_way_to_one_is_shown(
    serve_studio: Callable[..., Studio], make_fake_spec: Callable[..., SystemSpec], page: Page
) -> None:
    open_tab(page, serve_studio(make_fake_spec(bundled=False)))
    expect(page.locator(".clone-none")).to_contain_text("No model that can clone is here yet.")
    button(page, "Get a model").click()
    expect(page.locator("#studio-models")).to_be_visible()
