"""No call to the Gradio side gives away a file of the machine, in whatever form the path is wrapped."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import gradio as gr
import httpx
import pytest
import uvicorn
from fastapi import FastAPI

from engine.engine import Engine
from engine.system import SystemSpec
from server.backend import Backend
from tests.ports import free_port
from ui.app import Studio, build
from ui.words import Wording

SECRET = "a line that only this machine knows"


@pytest.fixture
def secret(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("private") / "secret.txt"
    path.write_text(SECRET)
    return path


def file_data(path: str, **more: Any) -> dict[str, Any]:
    return {"path": path, "meta": {"_type": "gradio.FileData"}, **more}


def wrapped(path: str) -> list[Any]:
    """A path in every form in which a caller could hand it in."""
    return [
        path,
        file_data(path),
        file_data(path, url=f"file://{path}", orig_name="x.wav"),
        file_data(f"file://{path}"),
        {"path": None, "url": f"file://{path}", "meta": {"_type": "gradio.FileData"}},
        [file_data(path)],
        [[file_data(path)]],
        {"a": file_data(path)},
        {"video": file_data(path), "subtitles": file_data(path)},
        json.dumps(file_data(path)),
        f"/gradio_api/file={path}",
        file_data(f"/gradio_api/file={path}"),
    ]


def relative(path: Path) -> str:
    return "/".join([".."] * (len(Path.cwd().parts) - 1)) + str(path)


def answers(url: str, value: Any) -> str:
    """Everything that the server says to a call with ``value`` in every place, files that it names included."""
    said = ""
    for system in ("fake", value):
        data = [value, system, value, "", 0, "{}", value, value]
        started = httpx.post(f"{url}gradio_api/call/synthesize", json={"data": data})
        said += started.text
        if started.status_code == 200:
            said += httpx.get(f"{url}gradio_api/call/synthesize/{started.json()['event_id']}").text
    return said


def copies(folder: Path) -> list[Path]:
    """The files below ``folder`` that hold the secret."""
    return [path for path in folder.rglob("*") if path.is_file() and SECRET.encode() in path.read_bytes()]


@pytest.fixture
def mounted(fake_spec: SystemSpec, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The address of the same page, mounted into an app of ours: the way in which the studio does not serve it."""
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(tmp_path / "gradio"))
    wording = Wording()
    blocks, _ = build(Backend.over(Engine((fake_spec,)), tmp_path), wording)
    app = gr.mount_gradio_app(FastAPI(), blocks, path="/", i18n=wording.i18n(), ssr_mode=False)
    port = free_port()
    server = uvicorn.Server(uvicorn.Config(app, port=port, log_level="error", ws="none"))
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        assert thread.is_alive()
        time.sleep(0.01)
    yield f"http://127.0.0.1:{port}/"
    server.should_exit = True
    thread.join(10)


def test_a_crafted_call_does_not_read_a_file(studio: Studio, secret: Path, tmp_path: Path) -> None:
    for path in (str(secret), relative(secret), "/etc/passwd"):
        for value in wrapped(path):
            said = answers(studio.url, value)
            assert SECRET not in said
            assert "root:" not in said
    assert copies(tmp_path) == []


def test_the_same_call_to_a_mounted_page_gives_the_file_away(mounted: str, secret: Path, tmp_path: Path) -> None:
    """The hole that the test above guards: it is seen when it is there."""
    said = answers(mounted, file_data(str(secret)))
    copied = copies(tmp_path)
    assert len(copied) == 1
    assert str(copied[0]) in said  # the caller is even told where the copy is
    assert httpx.get(f"{mounted}gradio_api/file={copied[0]}").text == SECRET


def test_the_file_routes_do_not_serve_files_of_the_machine(studio: Studio, secret: Path) -> None:
    routes: list[Callable[[str], str]] = [
        lambda p: f"gradio_api/file={p}",
        lambda p: f"gradio_api/file=file://{p}",
        lambda p: f"gradio_api/file=.{p}",
        lambda p: f"file={p}",
        lambda p: f"gradio_api/proxy=file://{p}",
        lambda p: f"gradio_api/proxy=http://127.0.0.1{p}",
        lambda p: f"static/..{relative(Path(p))}",
        lambda p: f"studio/takes/..%2F..{p}.wav",
    ]
    for path in (str(secret), relative(secret), "/etc/passwd"):
        for route in routes:
            answer = httpx.get(studio.url + route(path), follow_redirects=True)
            assert SECRET not in answer.text
            assert "root:x" not in answer.text
            assert answer.status_code >= 400, route(path)


def test_nobody_watches_what_others_say(studio: Studio) -> None:
    for path in ("monitoring", "monitoring/summary", "monitoring/anything"):
        assert httpx.get(studio.url + path, follow_redirects=True).status_code == 404
