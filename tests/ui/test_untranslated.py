"""A visitor who reads Chinese, Japanese or Korean finds no English on the page: every word of it is looked at.

Looked at is all text and all that is read aloud or shown under the pointer, on every tab, in every fold, of every
system, and what is said when something goes wrong. What may stand there in Latin letters is listed here: names, units,
formats, the visitor's own text.
"""

import io
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import numpy as np
import pytest
import soundfile
from playwright.sync_api import Browser, Locator, Page, expect

from engine import registry
from engine.comparing.cells import COLUMNS
from engine.errors import OutOfMemory
from engine.hub import Hub
from engine.system import SystemSpec
from server.rights import Policy
from tests.choir import choir_spec
from tests.hub_server import FakeHub
from tests.server.test_grid_routes import made as made_grid
from tests.server.test_listening_routes import make, sit
from tests.server.test_voice_routes import recording
from tests.ui.test_browser import generate, visit
from tests.ui.test_words import visitor
from ui.app import Studio
from ui.words import read
from ui.words.catalogue import of_system

pytestmark = pytest.mark.browser

LOCALES = {"zh": "zh-CN", "ja": "ja-JP", "ko": "ko-KR"}

# Where letters are names: the visitor's own words, ids, addresses, texts to try, names of files.
NAMES = (
    ".said, #studio-bar .text, .rewritten p, .model-id, .model-source, .models-where, .token, .voice-panel .pills div, "
    "option, #studio-endpoint-sound"  # which nobody ever sees: it takes what the endpoint answers
)
SAMPLES = ".sample"  # their titles are texts to try
WORDS = {
    # products, voices, licences
    *("Polyphone", "ChatTTS", "StyleTTS", "VITS", "MB-iSTFT-VITS", "iSTFT", "LJSpeech", "LibriTTS", "VCTK", "2Noise"),
    *(
        "MiniMind-TTS",
        "WavTokenizer",
        "novateur",
        "swiss-ai",
        "VALL-E",
        "EnCodec",
        "encodec",
        "Vocos",
        "vocos",
        "top-k",
        "top-p",
    ),
    *("Apache-2.0", "CC", "BY-NC", "MIT", "Clara", "Hugo", "Kokoro", "af_heart", "bf_emma"),
    # kinds of listening tests
    *("ABX", "MOS", "CMOS", "MUSHRA"),
    # files and where they lie
    *("CSV", "WAV", "FLAC", "MP3", "OPUS", "PCM", "ZIP", "zip", "https", "JSON", "YAML", "ckpt", "safetensors"),
    # units and what engineers everywhere write so
    *(
        "MB",
        "GB",
        "kB",
        "MiB",
        "Hz",
        "kHz",
        "RTF",
        "IPA",
        "AI",
        "Top",
        "float32",
        "cpu",
        "style",
        "seed",
        "dBFS",
        "Windows",
    ),
}
# Ids, paths and addresses, which have a slash or a colon and no blank; files; control tokens.
NAMED = re.compile(r"[\w.:-]*[/:][\w./@:-]+|\b[\w-]+\.(?:json|pth?|flac|k2symbols)\b|\[\w+\]", re.ASCII)
WORD = re.compile(r"[A-Za-z0-9][\w.'’-]*", re.ASCII)

COLLECT = """([names, samples]) => {
  const found = [];
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node; (node = walk.nextNode()); )
    if (!node.parentElement.closest(`script, style, noscript, ${names}`)) found.push(node.textContent);
  for (const each of document.body.querySelectorAll("*:not(#studio-endpoint-sound *)"))
    for (const name of ["aria-label", "aria-description", "aria-roledescription", "aria-valuetext", "title", "alt"])
      if (!(name === "title" && each.matches(samples))) found.push(each.getAttribute(name) ?? "");
  for (const each of document.body.querySelectorAll("[placeholder]")) found.push(each.placeholder);
  return [document.title, ...found];
}"""


class Reader:
    """Reads a page and keeps what is English in it."""

    def __init__(self, page: Page, language: str, own: set[str]) -> None:
        self.page, self.language = page, language
        self.words = read(language).words
        self.texts = read(language).texts
        # The longest first: one may stand within another.
        self._own = sorted(own, key=len, reverse=True)
        self.english: set[str] = set()

    def look(self) -> None:
        """Everything that is on the page now, folded away or not."""
        for text in self.page.evaluate(COLLECT, [NAMES, SAMPLES]):
            self.english |= {f"{word!r} in {text.strip()[:80]!r}" for word in self.strange(text)}

    def strange(self, text: str) -> set[str]:
        """The words in Latin letters that have no business in ``text``."""
        for name in self._own:
            text = text.replace(name, "")
        text = NAMED.sub("", text)
        words = {word.strip(".'’-") for word in WORD.findall(text)}
        return {word for word in words if re.search("[A-Za-z]{2}", word)} - WORDS

    def button(self, word: str) -> Locator:
        return self.page.get_by_role("button", name=self.words[word], exact=True)

    def says(self, place: str, template: str) -> None:
        """Wait until the translation of ``template`` is said, whatever its values are, then look."""
        pieces = [re.escape(piece) for piece in re.split(r"\{\w+\}", self.texts[template])]
        expect(self.page.locator(place).filter(has_text=re.compile(".*".join(pieces))).first).to_be_visible()
        self.look()


@contextmanager
def reader(browser: Browser, url: str, language: str, own: set[str] = frozenset()) -> Iterator[Reader]:
    """A page in ``language``, in which ``own`` names may stand; what is English in the end is an error."""
    with visitor(browser, LOCALES[language]) as page:
        visit(page, url)
        reading = Reader(page, language, own)
        reading.look()
        yield reading
        reading.look()
    assert not reading.english, "\n".join(sorted(reading.english))


@pytest.mark.parametrize("language", LOCALES)
def test_every_system_option_and_model_is_in_the_visitors_language(
    serve_studio: Callable[..., Studio], browser: Browser, tmp_path: Path, language: str
) -> None:
    studio = serve_studio(*registry.systems(), models_dir=tmp_path / "models")
    with reader(browser, studio.url, language) as reading:
        page = reading.page
        for spec in registry.systems():
            page.locator(f'#studio-system input[value="{spec.id}"]').check(force=True)
            expect(page.locator(f".studio-of-{spec.id} .studio-more > button").first).to_be_visible()
            for fold in page.locator(f".studio-of-{spec.id} .studio-more > button").all():
                if fold.is_visible():  # one whose options all need something else is not there
                    fold.click()
            expect(page.locator(f".studio-of-{spec.id} .studio-more > button.open")).not_to_have_count(0)
            reading.look()
        page.locator("#studio-tab-models-button").click()
        page.wait_for_selector(".model")
        reading.look()
        page.locator(".own-repository input").first.fill("n0wh3r3!")
        page.locator(".own-repository button").first.click()
        reading.says(".own .model-problem", "{id} is no repository; write SYSTEM:ORG/NAME or SYSTEM:ORG/NAME@REVISION")


@pytest.mark.parametrize("language", LOCALES)
def test_listening_tests_are_in_the_visitors_language(
    serve_studio: Callable[..., Studio],
    fake_spec: SystemSpec,
    browser: Browser,
    tmp_path: Path,
    own: set[str],
    language: str,
) -> None:
    studio = serve_studio(fake_spec, models_dir=tmp_path / "models")
    with httpx.Client(base_url=studio.url, timeout=60) as client:
        tests = [make(client, kind, checks=1) for kind in ("ab", "abx", "mushra")]
    for made in tests[:2]:
        sit(studio.url, made, lambda _: [1])
    with reader(
        browser, studio.url, language, own | {"Which?", "Low", "High", "Good morning.", "And good night."}
    ) as reading:
        page, words = reading.page, reading.words
        generate(page, "Good morning.")
        page.wait_for_selector(".take .download.wav")
        page.locator("#studio-tab-tests-button").click()
        expect(page.locator(".test-card")).to_have_count(3)
        for card in page.locator(".test-card").all():
            card.locator("summary").click()
        expect(page.get_by_text(words["test_unanswered"])).to_be_visible()
        expect(page.get_by_role("region", name=words["by_voice"])).to_have_count(2)
        reading.look()
        reading.button("test_make").click()
        reading.says(".test-said", "nothing can be compared: no sentence is said by two; choose takes of the same text")
        page.get_by_role("button", name=words["delete"]).first.click()
        reading.look()
        page.goto(f"{studio.url}listen/{tests[-1]['link']}")
        reading.button("listen_begin").click()
        expect(page.locator(".judge-trial")).to_be_visible()
        reading.look()
        page.locator(".judge-slider input").first.fill("70")
        reading.look()


@pytest.mark.parametrize("language", LOCALES)
def test_grids_are_in_the_visitors_language(
    serve_studio: Callable[..., Studio],
    fake_spec: SystemSpec,
    browser: Browser,
    tmp_path: Path,
    own: set[str],
    language: str,
) -> None:
    studio = serve_studio(fake_spec, models_dir=tmp_path / "models")
    with httpx.Client(base_url=studio.url, timeout=60) as client:
        made_grid(client, texts=["Good morning.", "☃"])
    # What was typed, and what only the fake system says.
    own |= {"Which?", "Good morning.", "☃", "loud", "there is no sound for any of this", *COLUMNS}
    with reader(browser, studio.url, language, own) as reading:
        page, words = reading.page, reading.words
        page.locator("#studio-tab-compare-button").click()
        expect(page.locator(".grid-cell")).to_have_count(4)
        page.locator(".grid-form summary").last.click()
        page.locator('.grid-cell[data-state="done"] summary').first.click()
        reading.look()
        page.locator(".grid-form textarea").last.fill("loud")
        page.get_by_role("button", name=words["grid_make"]).click()
        reading.says(".grid-said", "{part} is no setting; write name=value, and ; between them")
        reading.button("delete").first.click()
        reading.look()


@pytest.fixture
def failing(make_fake_spec: Callable[..., SystemSpec]) -> tuple[SystemSpec, ...]:
    """Systems of which one has too little memory and one has a fault that nobody foresaw."""
    full = OutOfMemory(
        "{spec} ran out of memory on {device}; try a shorter text or recording, or unload models",
        spec="VITS",
        device="cpu",
    )
    return make_fake_spec("full", failure=full), make_fake_spec("broken", failure=ValueError("a bug"))


@pytest.fixture
def own(fake_spec: SystemSpec, failing: tuple[SystemSpec, ...]) -> set[str]:
    """What the fake systems call themselves and theirs: that is translated by nobody."""
    declared = {text for spec in (choir_spec(fake_spec), *failing) for text in (spec.name, *of_system(spec))}
    return declared | {"alto", "bass", "pitch:", "CON", "Ann", "loading"}


@pytest.mark.parametrize("language", LOCALES)
def test_voices_and_takes_are_in_the_visitors_language(
    serve_studio: Callable[..., Studio],
    make_fake_spec: Callable[..., SystemSpec],
    browser: Browser,
    tmp_path: Path,
    own: set[str],
    language: str,
) -> None:
    studio = serve_studio(make_fake_spec(delay=0.2, seconds_per_character=0.05), models_dir=tmp_path / "models")
    with reader(browser, studio.url, language, own) as reading:
        page, button, words = reading.page, reading.button, reading.words
        said = page.locator(".studio-of-fake .voice-said")
        for tool in ("string", "blend", "draw"):
            button(tool).click()
            reading.look()
        button("save_voice").click()
        name = page.get_by_role("textbox", name=words["name"])
        name.fill("CON")
        page.keyboard.press("Enter")
        reading.says(".voice-said", "{name} is the name of a device on Windows; choose another")
        name.fill("Ann")
        page.keyboard.press("Enter")
        expect(said).to_have_text(words["saved"])
        reading.look()
        button("delete").click()
        reading.look()
        button("delete").click()
        expect(said).to_have_text(words["deleted"])
        sound = page.locator(".studio-of-fake .voice-tool:visible input[type=file]")
        for file in (recording(), silence()):
            button("recording").click()
            sound.set_input_files([{"name": "Ann.flac", "mimeType": "audio/flac", "buffer": file}])
            reading.look()
            button("use_voice").click()
            expect(page.locator(".studio-of-fake .tool.primary:disabled")).to_have_count(0)
        reading.says(".voice-said", "{name} is silent ({level} dBFS); record it louder")
        page.locator(".studio-of-fake .studio-more > button").last.click()
        page.locator("#studio-fake-rewrite input").check()
        generate(page, "\u200bOne. " * 40)
        expect(page.locator(".take.live .rewritten p")).to_be_visible()
        reading.look()
        page.click("#studio-stop")
        page.wait_for_selector(".take .download.wav")
        expect(page.locator("#studio-status")).to_contain_text(words["silenced"])
        reading.look()
        page.locator("#studio-fake-rewrite input").uncheck()
        generate(page, "\u200bOne.")
        expect(page.locator(".take .download.wav")).to_have_count(2)
        reading.says(".take .notices li", "1 invisible character was left out of the text")
        page.locator(".take .restore").first.click()
        reading.look()


def silence() -> bytes:
    """A recording in which nothing is heard."""
    file = io.BytesIO()
    soundfile.write(file, np.zeros(66_150), 22_050, format="FLAC")
    return file.getvalue()


@pytest.mark.parametrize("language", LOCALES)
def test_what_goes_wrong_is_said_in_the_visitors_language(
    serve_studio: Callable[..., Studio],
    fake_spec: SystemSpec,
    failing: tuple[SystemSpec, ...],
    browser: Browser,
    tmp_path: Path,
    own: set[str],
    language: str,
) -> None:
    folder = tmp_path / "models"
    with FakeHub({}) as server:
        hub = Hub(endpoints=[server.url], ledger=folder / ".ledger.json")
        studio = serve_studio(choir_spec(fake_spec), *failing, models_dir=folder, hub=hub)
        with reader(browser, studio.url, language, own) as reading:
            page = reading.page
            for text, template in (
                ("", "there is nothing in the text that can be spoken; write at least one letter or digit"),
                ("a" * 200_000, "the text has {count} characters; at most {max_chars} are read at once, so cut it"),
            ):
                generate(page, text)
                reading.says("#studio-status.bad", template)
            for system, template in (
                ("full", "{spec} ran out of memory on {device}; try a shorter text or recording, or unload models"),
                ("broken", "the studio made a mistake; its log says which"),
            ):
                page.locator(f'#studio-system input[value="{system}"]').check(force=True)
                generate(page, "Hello.")
                reading.says("#studio-status.bad", template)
            models(reading)
            page.locator("#studio-tab-speak-button").click()
            page.route("**/studio/**", lambda route: route.abort())  # or it would answer again at once
            generate(page, "Hello.")
            expect(page.locator("#studio-status.bad")).to_have_text(reading.words["offline"])


def models(reading: Reader) -> None:
    """What is asked, told and refused on the Models tab."""
    page = reading.page
    page.locator("#studio-tab-models-button").click()
    bound = page.locator(".model[data-id='fake/bound']")
    bound.locator("[data-act=download]").click()
    reading.look()
    bound.locator("[data-act=yes]").click()
    expect(bound.get_by_role("alert")).to_be_visible()  # the hub has nothing
    reading.look()
    bundled = page.locator(".model[data-id='fake/built-in']")
    bundled.locator("[data-act=verify]").click()
    expect(bundled.locator(".model-good")).to_be_visible()
    bundled.locator("[data-act=load]").click()
    expect(bundled.locator("[data-act=unload]")).to_be_visible()
    reading.look()
    page.locator(".own-repository input").first.fill("nobody/nothing")
    page.locator(".own-repository button").first.click()
    reading.says(
        ".own .model-problem", "{what} is not there; check the names of repository, revision and file ({reasons})"
    )


@pytest.mark.parametrize("language", LOCALES)
def test_the_owners_door_is_in_the_visitors_language(
    serve_studio: Callable[..., Studio], fake_spec: SystemSpec, browser: Browser, own: set[str], language: str
) -> None:
    studio = serve_studio(fake_spec, policy=Policy(public=True, token="the-owner"))
    with reader(browser, studio.url, language, own) as reading:
        page = reading.page
        page.locator("#studio-sign-in").click()
        page.fill("#token", "wrong")
        reading.look()
        page.keyboard.press("Enter")
        expect(page.get_by_role("alert")).to_be_visible()
