"""The picture of the page in the README: ``make picture`` makes it anew, of the page as it is and the voice that ships.

A studio of its own speaks two sentences in a Chromium without a window; what is then seen becomes ``assets/page.png``.
"""

import io
import os
import shutil
import socket
import tempfile
from pathlib import Path

from PIL import Image
from playwright.sync_api import Page, sync_playwright

from engine import registry
from engine.engine import Engine
from engine.library import Library
from ui.app import serve

PLACE = Path(__file__).parent.parent / "assets" / "page.png"
SIZE = {"width": 1180, "height": 860}
# Not the README's sentence: the picture shows that numbers are read.
SENTENCES = (
    ("Hugo", "Good morning! The train to Oxford leaves at 9:45 from platform 3."),
    (
        "Clara",
        "Once upon a time, in a house at the edge of the forest, there lived a clockmaker who was never on time.",
    ),
)
COLOURS = 128


def main() -> None:
    """Write the picture. CHROMIUM may name a browser; else Playwright's own is used."""
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        studio = serve(_engine(), host="127.0.0.1", port=_free_port(), folder=Path(folder))
        studio.backend.warm_up.start()
        browser = playwright.chromium.launch(executable_path=_chromium(), args=["--no-sandbox"])
        try:
            page = browser.new_page(viewport=SIZE, locale="en-GB", color_scheme="light")
            page.goto(studio.url)
            page.wait_for_selector("body.studio-ready")
            page.wait_for_selector("#studio-pill[data-state=ready]", timeout=120_000)
            for number, (voice, text) in enumerate(SENTENCES, start=1):
                _speak(page, voice, text, number)
            # A bar that rests lies below the window, of which a picture of the whole page knows nothing.
            page.add_style_tag(content="#studio-bar { display: none; }")
            PLACE.write_bytes(_small(page.screenshot(full_page=True)))
        finally:
            browser.close()
            studio.close()


def _engine() -> Engine:
    """One that has nothing but what ships."""
    specs = registry.systems()
    return Engine(specs, library=Library(specs, None))


def _speak(page: Page, voice: str, text: str, takes: int) -> None:
    page.get_by_role("radio", name=voice).check()
    page.fill("#studio-text textarea", text)
    page.wait_for_timeout(300)  # Gradio hears of typed text a moment later
    page.click("#studio-generate")
    page.wait_for_function(f"document.querySelectorAll('.take .download.flac').length === {takes}", timeout=60_000)
    page.wait_for_function("!window.polyphone.stats.playing", timeout=60_000)
    page.wait_for_timeout(500)


def _small(picture: bytes) -> bytes:
    """The picture with few colours, which it has."""
    file = io.BytesIO()
    seen = Image.open(io.BytesIO(picture)).convert("RGB")
    seen.quantize(COLOURS, dither=Image.Dither.NONE).save(file, "PNG", optimize=True)
    return file.getvalue()


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def _chromium() -> str | None:
    names = (os.environ.get("CHROMIUM", ""), "chromium", "chromium-browser", "google-chrome")
    return next((found for name in names if name and (found := shutil.which(name))), None)


if __name__ == "__main__":
    main()
