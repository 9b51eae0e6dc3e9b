"""No call to the Gradio side gives away a file of the machine, in whatever form the path is wrapped."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from ui.app import Studio

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


def answers(studio: Studio, value: Any) -> str:
    """Everything that the server says to a call with ``value`` in every place, files that it names included."""
    said = ""
    data = [value, "fake", value, "", 0, "{}"]
    started = httpx.post(f"{studio.url}gradio_api/call/synthesize", json={"data": data})
    said += started.text
    if started.status_code == 200:
        said += httpx.get(f"{studio.url}gradio_api/call/synthesize/{started.json()['event_id']}", timeout=30).text
    return said


def test_a_crafted_call_does_not_read_a_file(studio: Studio, secret: Path, tmp_path: Path) -> None:
    for path in (str(secret), relative(secret), "/etc/passwd"):
        for value in wrapped(path):
            said = answers(studio, value)
            assert SECRET not in said
            assert "root:" not in said
    copied = [p for p in tmp_path.rglob("*") if p.is_file() and SECRET.encode() in p.read_bytes()]
    assert copied == []


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
