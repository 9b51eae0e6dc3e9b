"""A visitor in a real Chromium: sound is heard early, stops at once, and can be kept."""

import dataclasses
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
from playwright.sync_api import Download, Page, expect

from engine import registry
from engine.engine import Engine
from engine.errors import TextError
from engine.events import Event
from engine.request import SynthesisRequest
from engine.system import SystemSpec
from tests.ports import free_port
from tests.timing import until, within
from ui.app import Studio

pytestmark = pytest.mark.browser

TEXT = "The evening train crossed the river slowly."
LONG = "This is one of many sentences that take their time. " * 30
HEARD = "window.polyphone.stats && window.polyphone.stats.firstSoundMs !== null && window.polyphone.stats.peak > 0.1"
# When Stop was pressed and when nothing was to be heard any more, in ms of the clock that Python has too.
WATCH_STOP = """() => {
  window.stopping = {};
  document.querySelector("#studio-stop").addEventListener("click", () => {
    window.stopping.clicked = Date.now();
    const watch = setInterval(() => {
      if (window.polyphone.stats.playing) return;
      window.stopping.silent = Date.now();
      clearInterval(watch);
    }, 2);
  }, { capture: true, once: true });
}"""
# Whether anything was heard before all of it was there.
WATCH_LIVE = f"""() => {{
  window.early = null;
  const watch = setInterval(() => {{
    if (!({HEARD})) return;
    window.early = document.querySelector(".take.live") !== null;
    clearInterval(watch);
  }}, 2);
}}"""
TYPED = "Typed on the keys and by nothing else, and long enough to be heard."


def visit(page: Page, url: str) -> None:
    page.goto(url)
    page.wait_for_selector("body.studio-ready")
    # The first sample text arrives a moment later; typing before it would be undone.
    page.wait_for_function("document.querySelector('#studio-text textarea').value !== ''")


def set_number(page: Page, name: str, value: str, *, leave: bool = True) -> None:
    """Fill a number field that may still be being drawn: drawing it once more puts back what was there."""
    field = page.get_by_label(f"number input for {name}")
    give_up = time.monotonic() + 60
    stayed = 0
    while stayed < 3:
        assert time.monotonic() < give_up, f"{name} does not stay {value}"
        if field.input_value() != value:
            stayed = 0
            field.fill(value)
            if leave:
                field.press("Tab")
        page.wait_for_timeout(50)
        stayed += field.input_value() == value


def stats(page: Page) -> dict[str, Any]:
    return page.evaluate("({...window.polyphone.stats})")


def generate(page: Page, text: str) -> None:
    page.evaluate("window.polyphone.stats = null")  # those of the sound before
    page.fill("#studio-text textarea", text)
    page.click("#studio-generate")


@contextmanager
def ending(process: subprocess.Popen[bytes]) -> Iterator[None]:
    """Ends the process, however the block ends."""
    try:
        yield
    finally:
        process.terminate()


def download(page: Page, ending: str, folder: Path) -> tuple[Path, Download]:
    with page.expect_download() as waiting:
        page.click(f".take .download.{ending}")
    path = folder / waiting.value.suggested_filename
    waiting.value.save_as(path)
    return path, waiting.value


@pytest.fixture
def slow(serve_studio: Callable[..., Studio], make_fake_spec: Callable[..., SystemSpec]) -> Studio:
    """Four times as fast as the sound lasts; a second system has no checkpoint."""
    return serve_studio(
        make_fake_spec(delay=0.025, seconds_per_character=0.05), make_fake_spec("second", bundled=False), places=1
    )


def test_sound_is_heard_while_the_rest_is_made_and_can_be_downloaded(slow: Studio, page: Page, tmp_path: Path) -> None:
    visit(page, slow.url)
    generate(page, "Warm.")
    page.wait_for_selector(".take .download.wav")
    heard: dict[str, Any] = {}

    def late() -> float:
        """Seconds until the first sound, and more than enough where it came after the rest or was interrupted."""
        made = page.locator(".take .download.wav").count()
        page.evaluate("window.polyphone.stats = null")
        page.evaluate(WATCH_LIVE)
        generate(page, TEXT)
        expect(page.locator(".take .download.wav")).to_have_count(made + 1)
        page.wait_for_function("window.early !== null && !window.polyphone.stats.playing")
        heard.update(stats(page))
        return heard["firstSoundMs"] / 1000 + 1000 * (heard["gaps"] + (not page.evaluate("window.early")))

    within(3, late)
    assert heard["peak"] == pytest.approx(0.5, abs=0.05)
    assert heard["audible"] > 0.9 * heard["samples"] * 0.9
    path, _ = download(page, "wav", tmp_path)
    samples, rate = soundfile.read(path, dtype="float32")
    assert rate == 22_050
    assert len(samples) == heard["samples"]
    assert heard["seconds"] == pytest.approx(len(samples) / rate, abs=0.1)
    assert re.fullmatch(r"fake-alto-The-evening-train-crossed-the-\d+\.wav", path.name)
    for ending in ("flac", "mp3", "opus"):
        path, _ = download(page, ending, tmp_path)
        decoded, rate = soundfile.read(path, dtype="float32")
        assert len(decoded) / rate == pytest.approx(len(samples) / 22_050, abs=0.1)
        assert np.abs(decoded).max() > 0.4
    chips = page.locator(".take").first.locator(".chips")
    expect(chips).to_contain_text(re.compile(r"first sound \d+\.\d\d s"))
    expect(chips).to_contain_text(re.compile(r"RTF 0\.\d\d\d"))


def test_a_checkpoint_of_another_rate_is_heard_at_its_own(
    serve_studio: Callable[..., Studio], make_fake_spec: Callable[..., SystemSpec], page: Page
) -> None:
    spec = dataclasses.replace(make_fake_spec(sample_rate=16_000, seconds_per_character=0.05), sample_rate=22_050)
    visit(page, serve_studio(spec).url)
    generate(page, "Warm.")
    page.wait_for_selector(".take .download.wav")
    assert stats(page)["rate"] == 16_000
    generate(page, TEXT)
    page.wait_for_function(HEARD)
    expect(page.locator(".take .download.wav")).to_have_count(2)
    page.wait_for_function("!window.polyphone.stats.playing")
    heard = stats(page)
    assert heard["rate"] == 16_000
    assert heard["seconds"] == pytest.approx(heard["samples"] / 16_000, abs=0.1)


def test_stop_silences_at_once_and_frees_the_model(slow: Studio, page: Page) -> None:
    visit(page, slow.url)

    def stop() -> float:
        generate(page, LONG)
        page.wait_for_function(HEARD)
        assert len(slow.backend.jobs) == 1
        page.evaluate(WATCH_STOP)
        with ThreadPoolExecutor(1) as watching:
            freed = watching.submit(lambda: (until(lambda: len(slow.backend.jobs) == 0), time.time())[1])
            page.click("#studio-stop")
            page.wait_for_function("window.stopping.silent")
            times = page.evaluate("window.stopping")
            return max(freed.result(), times["silent"] / 1000) - times["clicked"] / 1000

    within(0.5, stop)
    before = stats(page)["samples"]
    expect(page.locator("#studio-status")).to_have_text("Stopped.")
    expect(page.locator(".take .chip.warn").first).to_have_text("stopped early")
    assert stats(page)["samples"] == before
    assert page.evaluate("document.body.classList.contains('studio-busy')") is False


def test_closing_the_page_frees_the_model(slow: Studio, page: Page) -> None:
    def leave() -> float:
        visit(page, slow.url)
        generate(page, LONG)
        page.wait_for_function(HEARD)
        page.goto("about:blank")
        return until(lambda: len(slow.backend.jobs) == 0)

    within(0.5, leave)


def test_the_finished_take_plays_seeks_shows_its_spectrum_and_survives_a_reload(slow: Studio, page: Page) -> None:
    visit(page, slow.url)
    generate(page, TEXT * 6)
    page.wait_for_selector(".take .download.wav")
    page.wait_for_function("!window.polyphone.stats.playing")
    picture = page.locator(".take .mel")
    expect(picture).to_be_visible()
    page.wait_for_function("document.querySelector('.take .mel').naturalWidth > 100")
    page.reload()
    page.wait_for_selector(".take .download.wav")
    expect(page.locator(".take .said")).to_have_text(TEXT * 6)
    box = page.locator(".take .wave").bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    playing = "(() => { const a = document.querySelector('.take audio'); return !a.paused && a.currentTime > 6.4; })()"
    page.wait_for_function(playing)
    page.focus(".take .wave")
    page.keyboard.press("Home")
    page.wait_for_function("document.querySelector('.take audio').currentTime < 6")
    page.click(".take .play")
    page.wait_for_function("document.querySelector('.take audio').paused")


def test_the_settings_of_a_take_come_back(slow: Studio, page: Page) -> None:
    visit(page, slow.url)
    page.get_by_label("bass").check()
    page.locator(".studio-of-fake .studio-more > button").first.click()
    set_number(page, "Level", "0.25")
    page.locator("#studio-fake-shape").get_by_label("square").check()
    generate(page, "First.")
    page.wait_for_selector(".take .download.wav")
    seed = page.input_value("#studio-seed input")
    page.get_by_label("alto").check()
    set_number(page, "Level", "0.75")
    generate(page, "Second.")
    expect(page.locator(".take .download.wav")).to_have_count(2)
    assert page.input_value("#studio-seed input") != seed
    page.locator(".take").nth(1).get_by_text("Use these settings").click()
    expect(page.locator("#studio-text textarea")).to_have_value("First.")
    expect(page.locator("#studio-seed input")).to_have_value(seed)
    expect(page.get_by_label("bass")).to_be_checked()
    expect(page.get_by_label("Keep this seed")).to_be_checked()
    page.click("#studio-generate")
    expect(page.locator(".take .download.wav")).to_have_count(3)
    chips = page.locator(".take").first.locator(".chips")
    expect(chips).to_contain_text(f"Seed {seed}")
    expect(chips).to_contain_text("bass")
    expect(page.locator(".take").first.locator("dl")).to_contain_text("0.25")


def test_the_chosen_model_brings_its_voices_speaks_and_comes_back_with_a_take(
    serve_studio: Callable[..., Studio], fake_spec: SystemSpec, choirs: Path, page: Page
) -> None:
    visit(page, serve_studio(fake_spec, models_dir=choirs).url)
    models = page.get_by_role("radiogroup", name="Model")
    voices = page.get_by_role("radiogroup", name="Voice").locator("visible=true").get_by_role("radio")
    expect(voices).to_have_count(2)
    expect(voices.first).to_have_attribute("value", "alto")
    models.get_by_label("choir").check()
    expect(voices.first).to_have_attribute("value", "bass")
    expect(voices.first).to_be_checked()
    generate(page, "First.")
    page.wait_for_selector(".take .download.wav")
    expect(page.locator(".take .chips")).to_contain_text("choir")
    models.get_by_label("built-in").check()
    expect(voices.first).to_have_attribute("value", "alto")
    page.locator(".take").get_by_text("Use these settings").click()
    expect(models.get_by_label("choir")).to_be_checked()
    expect(voices.first).to_have_attribute("value", "bass")
    page.click("#studio-generate")
    expect(page.locator(".take .download.wav")).to_have_count(2)
    expect(page.locator(".take").first.locator(".chips")).to_contain_text("choir")


def test_another_system_begins_with_its_own_text_and_leaves_the_visitors_alone(
    serve_studio: Callable[..., Studio], make_fake_spec: Callable[..., SystemSpec], page: Page
) -> None:
    second = dataclasses.replace(make_fake_spec("second"), samples={"zh": ("再见。",), "en": ("Second to none.",)})
    visit(page, serve_studio(make_fake_spec(), second).url)
    text, systems = page.locator("#studio-text textarea"), page.locator("#studio-system")
    systems.get_by_label("The second system").check()
    expect(text).to_have_value("Second to none.")
    expect(page.locator("#studio-second-language input[value=en]")).to_be_checked()
    page.evaluate("window.polyphone.use('fake', 'built-in')")  # as the Models page does
    expect(text).to_have_value("The quick brown fox.")
    expect(systems.get_by_label("The fake system")).to_be_checked()
    for sample in ("Another one.", "The quick brown fox."):
        page.click("button.sample:text-is('English')")
        expect(text).to_have_value(sample)
    text.fill("Mine.")
    systems.get_by_label("The second system").check()
    page.wait_for_timeout(300)
    expect(text).to_have_value("Mine.")
    expect(systems.get_by_label("The second system")).to_be_checked()


def test_the_dice_changes_the_seed(slow: Studio, page: Page) -> None:
    visit(page, slow.url)
    before = page.input_value("#studio-seed input")
    page.click("#studio-dice")
    expect(page.locator("#studio-seed input")).not_to_have_value(before)


def test_everything_can_be_done_with_the_keyboard(slow: Studio, page: Page) -> None:
    visit(page, slow.url)
    page.focus("#studio-text textarea")
    page.keyboard.press("Control+A")
    page.keyboard.type(TYPED)
    page.keyboard.press("Control+Enter")
    page.wait_for_function(HEARD)
    page.wait_for_selector(".take .download.wav")
    expect(page.locator(".take .said")).to_have_text(TYPED)
    page.get_by_label("alto").focus()
    page.keyboard.press("ArrowRight")
    expect(page.get_by_label("bass")).to_be_checked()
    for name in ("System", "Voice"):
        expect(page.get_by_role("radiogroup", name=name).first).to_be_visible()
    expect(page.locator(".take").get_by_role("slider", name="Position in the sound")).to_be_visible()
    expect(page.get_by_role("button", name="New seed")).to_be_visible()
    assert page.get_attribute("#studio-status", "aria-live") == "polite"


def test_a_mistake_is_said_and_the_next_request_works(slow: Studio, page: Page) -> None:
    visit(page, slow.url)
    generate(page, "")
    expect(page.locator("#studio-status")).to_contain_text("nothing in the text that can be spoken")
    page.get_by_label("The second system").check()
    generate(page, "Hello.")
    expect(page.locator("#studio-status")).to_contain_text("needs a checkpoint")
    expect(page.locator(".take")).to_have_count(0)
    page.get_by_label("The fake system").check()
    generate(page, "<img src=x onerror=alert(1)> Hello.")
    page.wait_for_selector(".take .download.wav")
    expect(page.locator(".take .said")).to_have_text("<img src=x onerror=alert(1)> Hello.")
    assert page.locator(".take .said img").count() == 0


def test_the_page_asks_nobody_else_for_anything(slow: Studio, page: Page) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    visit(page, slow.url)
    generate(page, "Hello.")
    page.wait_for_selector(".take .download.wav")
    page.wait_for_function("document.querySelector('.take .mel').naturalWidth > 100")
    assert len(asked) > 10
    assert [url for url in asked if not url.startswith((slow.url, "blob:", "data:"))] == []


PHONE = {"viewport": {"width": 390, "height": 844}, "is_mobile": True, "has_touch": True, "color_scheme": "dark"}


@pytest.mark.parametrize("context", [PHONE], indirect=True)
def test_a_phone_shows_it_without_scrolling_sideways(slow: Studio, page: Page) -> None:
    visit(page, slow.url)
    page.fill("#studio-text textarea", TEXT * 3 + "W" * 200)
    page.tap("#studio-generate")
    page.wait_for_selector(".take .download.wav")
    page.locator(".studio-of-fake .studio-more > button").first.tap()
    expect(page.locator(".take .mel")).to_be_hidden()  # nothing opens by itself where there is little room
    page.locator(".take summary").tap()
    page.wait_for_function("document.querySelector('.take .mel').naturalWidth > 100")
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    page.set_viewport_size({"width": 844, "height": 390})
    page.wait_for_timeout(200)
    page.set_viewport_size({"width": 390, "height": 844})
    page.wait_for_function("document.documentElement.scrollWidth === 390")
    # Dark comes from the system and is dark.
    ground = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert max(map(int, re.findall(r"\d+", ground)[:3])) < 60
    page.click("#studio-theme")
    ground = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert min(map(int, re.findall(r"\d+", ground)[:3])) > 200


@pytest.mark.parametrize("context", [{"locale": "zh-CN"}], indirect=True)
def test_the_words_and_the_sample_are_the_visitors(slow: Studio, page: Page) -> None:
    visit(page, slow.url)
    expect(page.locator("#studio-generate")).to_have_text("生成")
    expect(page.locator("#studio-text textarea")).to_have_value("你好。")
    expect(page.locator("#studio-fake-language input[value=zh]")).to_be_checked()


def test_without_webaudio_the_finished_file_is_played(slow: Studio, page: Page) -> None:
    page.add_init_script("delete window.AudioContext; delete window.webkitAudioContext;")
    visit(page, slow.url)
    generate(page, "Hello there.")
    page.wait_for_function("[...document.querySelectorAll('.take audio')].some((audio) => audio.currentTime > 0.1)")
    expect(page.locator(".take .said")).to_have_text("Hello there.")
    expect(page.locator("#studio-endpoint-sound")).to_be_hidden()


def test_where_only_the_endpoint_may_speak_the_page_asks_it_and_stops_it(
    serve_studio: Callable[..., Studio], make_fake_spec: Callable[..., SystemSpec], page: Page
) -> None:
    said: list[str] = []
    log: list[str] = []

    def speaking(engine: Engine, request: SynthesisRequest) -> Iterator[Event]:
        said.append(request.text)
        if "not" in request.text:
            raise TextError("that is not to be said")
        yield from engine.synthesize(request)

    spec = make_fake_spec(delay=0.05, seconds_per_character=0.05, log=log)
    visit(page, serve_studio(spec, say=speaking).url)
    streams: list[str] = []
    page.on("request", lambda request: streams.append(request.url) if "studio/speak" in request.url else None)
    generate(page, "One.")
    expect(page.locator(".take")).to_have_count(1)
    generate(page, "This is not.")
    expect(page.locator("body")).to_contain_text("that is not to be said")
    expect(page.locator("body")).not_to_have_class(re.compile("studio-busy"))
    generate(page, LONG)
    expect(page.locator("body")).to_have_class(re.compile("studio-busy"))
    until(lambda: log[-1:] == ["started"])
    page.click("#studio-stop")
    until(lambda: log[-1:] == ["closed"])
    generate(page, "Two.")
    expect(page.locator(".take")).to_have_count(2)
    expect(page.locator(".take .said").first).to_have_text("Two.")
    assert said == ["One.", "This is not.", LONG, "Two."]
    assert streams == []


def test_the_bundled_voice_speaks_through_the_real_program(page: Page, tmp_path: Path) -> None:
    bundled = registry.find("kokoro").bundled
    assert bundled is not None
    assert bundled.exists(), f"the voice that ships with the project is missing: {bundled}"
    port = free_port()
    command = [sys.executable, "webui.py", "--port", str(port), "--offline"]
    with subprocess.Popen(command, cwd=Path(__file__).parents[2], stdout=subprocess.PIPE) as process, ending(process):
        assert process.stdout is not None
        url = process.stdout.readline().decode().split()[-1]
        visit(page, url)
        expect(page.locator("#studio-pill")).to_have_attribute("data-state", "ready", timeout=60_000)
        generate(page, "Hello. This voice was never recorded; it is made while you listen to it.")
        page.wait_for_function("window.polyphone.stats && window.polyphone.stats.firstSoundMs !== null", timeout=60_000)
        page.wait_for_selector(".take .download.flac", timeout=60_000)
        page.wait_for_function("!window.polyphone.stats.playing", timeout=60_000)
        heard = stats(page)
        assert heard["rate"] == registry.find("kokoro").sample_rate  # declared as it is: the player need not reopen
        assert heard["peak"] > 0.05
        assert heard["audible"] > 22_050
        path, _ = download(page, "flac", tmp_path)
        samples, rate = soundfile.read(path)
        assert 2 < len(samples) / rate < 15
        assert np.sqrt(np.mean(samples**2)) > 0.01
