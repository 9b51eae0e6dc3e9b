"""A page of another site in a real Chromium, on the same machine and under a name that was made to lead here.

It tries what was once possible: read the models, delete a voice, speak, begin a download, leave a file; by script, form
and picture, as another site and, with its name turned to our port, as if it were ours. All of it fails.
"""

import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from engine.system import SystemSpec
from tests.ui.conftest import CHROMIUM_FLAGS, find_chromium, visitor
from tests.ui.test_browser import generate, visit
from ui.app import Studio

pytestmark = pytest.mark.browser

EVIL = "evil.example"
MAPPED = f"--host-resolver-rules=MAP {EVIL} 127.0.0.1, MAP *.{EVIL} 127.0.0.1"
BODY = '{"text": "Hello there.", "system": "fake"}'
# Each attempt is what a page of another site can send without being asked; `true` means that it has read something.
ATTEMPTS = """async (studio) => {
  const heard = {};
  const attempt = async (name, path, init) => {
    try {
      const answer = await fetch(studio + path, init);
      heard[name] = answer.type === "opaque" ? "opaque" : `${answer.status} ${(await answer.text()).slice(0, 60)}`;
    } catch (error) {
      heard[name] = "refused";
    }
  };
  const json = (body, type = "application/json") => ({ method: "POST", headers: { "Content-Type": type }, body });
  const form = () => {
    const form = new FormData();
    form.append("files", new File(["left by another site"], "left.txt"));
    return { method: "POST", body: form };
  };
  const call = '{"data": ["Hello.", "fake"], "fn_index": 0, "session_hash": "a"}';
  for (const mode of ["cors", "no-cors"]) {
    for (const credentials of ["omit", "include"]) {
      const all = { mode, credentials };
      const key = (name) => `${name} ${mode} ${credentials}`;
      await attempt(key("read"), "studio/models", all);
      await attempt(key("config"), "config", all);
      await attempt(key("page"), "", all);
      await attempt(key("delete"), "studio/voices/fake/delete", { ...json('{"name": "Ann"}', "text/plain"), ...all });
      await attempt(key("speak"), "studio/speak", { ...json(BODY, "text/plain"), ...all });
      await attempt(key("download"), "studio/models/download", { ...json('{"id": "fake:a/b"}', "text/plain"), ...all });
      await attempt(key("upload"), "gradio_api/upload", { ...form(), ...all });
      await attempt(key("call"), "gradio_api/call/synthesize", { ...json(call, "text/plain"), ...all });
      await attempt(key("join"), "gradio_api/queue/join", { ...json(call, "text/plain"), ...all });
    }
    await attempt(`delete as JSON ${mode}`, "studio/voices/fake/delete", { ...json('{"name": "Ann"}'), mode });
    await attempt(`speak as JSON ${mode}`, "studio/speak", { ...json(BODY), mode });
    await attempt(`put ${mode}`, "studio/uploads/a/b", { method: "PUT", body: "x", mode });
  }
  const picture = (path) => new Promise((resolve) => {
    const image = new Image();
    image.onload = () => resolve("loaded");
    image.onerror = () => resolve("refused");
    image.src = studio + path;
  });
  heard.picture = await picture(TAKE);
  const script = document.createElement("script");
  heard.script = await new Promise((resolve) => {
    script.onload = () => resolve("loaded");
    script.onerror = () => resolve("refused");
    script.src = studio + "gradio_api/info";
    document.head.append(script);
  });
  return heard;
}"""
FORMS = {
    "gradio_api/upload": ("multipart/form-data", "files"),
    "studio/voices/fake/delete": ("text/plain", '{"name": "Ann", "x": "'),
    "studio/models/download": ("text/plain", '{"id": "fake:a/b", "x": "'),
    "studio/sign-out": ("application/x-www-form-urlencoded", "x"),
}


class _Elsewhere(BaseHTTPRequestHandler):
    """A site with one empty page."""

    def do_GET(self) -> None:
        page = b"<!doctype html><title>elsewhere</title><body>"
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", str(len(page)))
        self.end_headers()
        self.wfile.write(page)

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture
def elsewhere() -> Iterator[int]:
    """The port of another site."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Elsewhere)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server.server_address[1]
    server.shutdown()
    server.server_close()
    thread.join(10)


@pytest.fixture(scope="module")
def misled() -> Iterator[Browser]:
    """A Chromium for which the name of the other site leads to this machine."""
    with sync_playwright() as playwright:
        flags = [*CHROMIUM_FLAGS, MAPPED]
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=flags)
        yield browser
        browser.close()


@pytest.fixture
def furnished(serve_studio: Callable[..., Studio], fake_spec: SystemSpec, tmp_path: Path) -> Studio:
    """A studio with a saved voice and a take."""
    studio = serve_studio(fake_spec, models_dir=tmp_path / "models")
    saved = httpx.post(f"{studio.url}studio/voices/fake/save", json={"voice": "seed:7", "name": "Ann"})
    saved.raise_for_status()
    httpx.post(f"{studio.url}studio/speak", json={"text": "Hello there.", "system": "fake"}).raise_for_status()
    return studio


def files(folder: Path) -> dict[str, int]:
    """Every file below ``folder`` with its size, less what the studio encodes of its takes in the background."""
    paths = (path for path in folder.rglob("*") if path.is_file() and path.parent.name != "takes")
    takes = {str(path): path.stat().st_size for path in folder.rglob("takes/*.f32")}
    return takes | {str(path): path.stat().st_size for path in paths}


def take_of(studio: Studio) -> str:
    return next(iter(studio.backend.takes._takes))


def tried(page: Page, studio: Studio, address: str) -> dict[str, str]:
    """What came of every attempt of a page upon the studio at ``address``."""
    script = ATTEMPTS.replace("BODY", repr(BODY)).replace("TAKE", f'"studio/takes/{take_of(studio)}.png"')
    return page.evaluate(script, address)


def send_forms(page: Page, address: str) -> None:
    for path, (kind, field) in FORMS.items():
        page.evaluate(
            """([action, kind, name]) => {
              const form = document.createElement("form");
              Object.assign(form, { action, method: "post", enctype: kind, target: "_blank" });
              const input = document.createElement("input");
              Object.assign(input, { name, value: '"}', type: "text" });
              if (kind === "multipart/form-data") {
                input.type = "file";
                const files = new DataTransfer();
                files.items.add(new File(["left by another site"], "left.txt"));
                input.files = files.files;
              }
              form.append(input);
              document.body.append(form);
              form.submit();
            }""",
            [address + path, kind, field],
        )
        page.wait_for_timeout(200)


def test_another_site_reads_nothing_and_changes_nothing(
    furnished: Studio, misled: Browser, elsewhere: int, tmp_path: Path
) -> None:
    port = httpx.URL(furnished.url).port
    before, takes = files(tmp_path), len(furnished.backend.takes)
    for site in (f"http://{EVIL}:{elsewhere}/", f"http://localhost:{elsewhere}/"):
        for address in (furnished.url, f"http://localhost:{port}/", f"http://{EVIL}:{port}/"):
            with visitor(misled) as context:
                page = context.new_page()
                page.goto(site)
                heard = tried(page, furnished, address)
                assert len(heard) > 40
                assert {name: said for name, said in heard.items() if said not in ("refused", "opaque")} == {}
                send_forms(page, address)
    assert files(tmp_path) == before
    assert len(furnished.backend.takes) == takes
    assert furnished.backend.tasks.status() == []
    assert furnished.backend.engine.shelf.names("fake") == ("Ann",)


def test_a_name_that_was_turned_to_this_machine_is_not_answered(
    furnished: Studio, misled: Browser, tmp_path: Path
) -> None:
    """The page is then of the same origin, so that no rule of the browser's holds it back."""
    before, takes = files(tmp_path), len(furnished.backend.takes)
    address = f"http://{EVIL}:{httpx.URL(furnished.url).port}/"
    with visitor(misled) as context:
        page = context.new_page()
        answer = page.goto(address)
        assert answer is not None
        assert answer.status == 421
        heard = tried(page, furnished, address)
        # A browser refuses a few by itself, such as a PUT that must not ask first.
        assert {said.split()[0] for name, said in heard.items()} == {"421", "refused"}
        assert sum(said.startswith("421") for said in heard.values()) > 30
        assert (heard["picture"], heard["script"]) == ("refused", "refused")
        send_forms(page, address)
    assert files(tmp_path) == before
    assert len(furnished.backend.takes) == takes
    assert furnished.backend.engine.shelf.names("fake") == ("Ann",)


def test_no_other_site_shows_the_page_in_a_frame(furnished: Studio, misled: Browser, elsewhere: int) -> None:
    with visitor(misled) as context:
        page = context.new_page()
        page.goto(f"http://{EVIL}:{elsewhere}/")
        page.evaluate(
            "url => { const frame = document.createElement('iframe'); frame.src = url; document.body.append(frame); }",
            furnished.url,
        )
        page.wait_for_timeout(1500)
        assert not [
            frame.url
            for frame in page.frames[1:]
            if frame.url.startswith(furnished.url) and frame.query_selector("gradio-app")
        ]


def test_the_page_itself_works_and_nothing_of_it_is_held_back(furnished: Studio, misled: Browser) -> None:
    held_back: list[str] = []
    with visitor(misled) as context:
        page = context.new_page()
        page.on("console", lambda said: held_back.append(said.text) if "Content Security Policy" in said.text else None)
        visit(page, furnished.url)
        generate(page, "Hello there.")
        expect(page.locator(".take .download.wav")).to_be_visible()
        page.click("#studio-tab-models-button")
        expect(page.locator(".models-system").first).to_be_visible()
    assert held_back == []
