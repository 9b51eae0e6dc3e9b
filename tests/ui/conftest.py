"""A studio on a free port over a fake or a real engine, and a Chromium to look at it with."""

import contextlib
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from engine.engine import Engine
from engine.hub import Hub
from engine.library import Library
from engine.publisher import Publisher
from engine.recognition.recogniser import RecogniserSpec
from engine.system import SystemSpec
from server.desk import Say
from server.gate import Sites
from server.rights import Policy
from tests.ports import free_port
from tests.timing import PATIENCE_S, be_patient
from ui.app import Studio, serve

be_patient()
expect.set_options(timeout=1000 * PATIENCE_S)

CHROMIUM_FLAGS = (
    "--no-sandbox",
    "--disable-dev-shm-usage",
    "--autoplay-policy=no-user-gesture-required",
    # A microphone that beeps once a second, and nobody to be asked for it.
    "--use-fake-device-for-media-stream",
    "--use-fake-ui-for-media-stream",
)


@pytest.fixture
def serve_studio(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Studio]]:
    """A function that starts studios; all are ended.

    It takes (*specs, models_dir=None, hub=None, recognisers=(), codecs=(), policy=None, sites=None, say=None,
    **arguments of Engine).
    """
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(tmp_path / "gradio"))
    running: list[Studio] = []

    def start(
        *specs: SystemSpec,
        models_dir: Path | None = None,
        hub: Hub | None = None,
        recognisers: tuple[RecogniserSpec, ...] = (),
        codecs: tuple[Publisher, ...] = (),
        policy: Policy | None = None,
        sites: Sites | None = None,
        say: Say | None = None,
        **engine: object,
    ) -> Studio:
        made = Engine(specs, library=Library(specs, models_dir, hub, recognisers, codecs), **engine)
        more = {"policy": policy, "sites": sites, "say": say}
        studio = serve(made, host="127.0.0.1", port=free_port(), folder=tmp_path / "studio", **more)
        running.append(studio)
        return studio

    yield start
    for studio in running:
        studio.close()


@pytest.fixture
def studio(serve_studio: Callable[..., Studio], fake_spec: SystemSpec) -> Studio:
    """A studio with the fake system as it is by default."""
    return serve_studio(fake_spec)


def find_chromium() -> str | None:
    """The path of an installed Chromium, Debian's package if we may install it, else None: Playwright's own."""
    if named := os.environ.get("CHROMIUM"):
        return named
    names = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
    if found := next(filter(None, map(shutil.which, names)), None):
        return found
    if os.geteuid() == 0 and shutil.which("apt-get"):
        subprocess.run(["apt-get", "update", "-qq"], check=False, capture_output=True)
        install = ["apt-get", "install", "-y", "-qq", "--no-install-recommends", "chromium"]
        subprocess.run(install, check=False, capture_output=True)
        if found := shutil.which("chromium"):
            return found
    subprocess.run([sys.executable, "-m", "playwright", "install", "chromium"], check=False, capture_output=True)
    return None


# For a module and no longer: while Playwright runs, it keeps an event loop that asyncio.run would trip over.
@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A headless Chromium; without one the browser tests fail and say what to install."""
    with sync_playwright() as playwright:
        try:
            browser = playwright.chromium.launch(executable_path=find_chromium(), args=list(CHROMIUM_FLAGS))
        except Exception as error:  # noqa: BLE001 - Playwright has one class for all of it
            reason = str(error).strip().splitlines()[0]
            pytest.fail(f"no browser: install chromium, or name one in CHROMIUM ({reason})", pytrace=False)
        yield browser
        browser.close()


@contextlib.contextmanager
def visitor(browser: Browser, **traits: Any) -> Iterator[BrowserContext]:
    """One of whom nothing is remembered, and whose pages are waited for with patience; English unless told."""
    context = browser.new_context(**{"locale": "en-GB", "viewport": {"width": 1280, "height": 900}, **traits})
    context.set_default_timeout(1000 * PATIENCE_S)
    yield context
    context.close()


@pytest.fixture
def context(request: pytest.FixtureRequest, browser: Browser) -> Iterator[BrowserContext]:
    """A visitor, of traits that a test may give as its parameter."""
    with visitor(browser, **getattr(request, "param", {})) as context:
        yield context


@pytest.fixture
def page(context: BrowserContext) -> Iterator[Page]:
    """A tab that must see no error of the script; the test looks at what it asked for in ``page.asked``."""
    page = context.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    yield page
    assert not errors
