"""The page and the backend's routes answer from one server, which is quick to start and passes sound on untouched."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import httpx
import numpy as np

from engine.system import SystemSpec
from tests.ports import free_port
from tests.server.test_speak_routes import LONG, body, frames, speak
from tests.timing import until
from ui.app import Studio

ROOT = Path(__file__).parents[2]

FIRST_ANSWER = """
import sys, tempfile, urllib.request
from pathlib import Path
from engine.engine import Engine
from ui.app import serve
with tempfile.TemporaryDirectory() as folder:
    studio = serve(Engine(), host="127.0.0.1", port=int(sys.argv[1]), folder=Path(folder))
    page = urllib.request.urlopen(studio.url).read().decode()
    status = urllib.request.urlopen(studio.url + "studio/status").read().decode()
    print("torch" in sys.modules, "Polyphone" in page, "state" in status)
    studio.close()
"""


def test_the_page_answers_before_torch_is_imported() -> None:
    run = subprocess.run(
        [sys.executable, "-c", FIRST_ANSWER, str(free_port())], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert run.stdout.split() == ["False", "True", "True"]


def test_the_page_and_the_routes_are_beside_each_other(studio: Studio) -> None:
    assert "Polyphone" in httpx.get(studio.url).text
    assert [system["id"] for system in httpx.get(f"{studio.url}studio/systems").json()] == ["fake"]
    assert httpx.get(f"{studio.url}studio/models").json()["cards"]
    assert httpx.get(f"{studio.url}studio/voices/fake").json() == {"voices": []}


def test_nothing_of_gradio_squeezes_or_collects_the_sound(studio: Studio) -> None:
    squeezing = {"Accept-Encoding": "gzip, br"}
    with httpx.stream("POST", f"{studio.url}studio/speak", json=body(), headers=squeezing) as sent:
        assert sent.headers["content-encoding"] == "identity"
        assert any(isinstance(frame, np.ndarray) for frame in frames(sent))
    take = speak(studio, body())[0][-1]["take"]
    part = httpx.get(studio.url + take["files"]["wav"], headers=squeezing | {"Range": "bytes=44-143"})
    assert (part.status_code, len(part.content)) == (206, 100)


def test_a_closed_studio_has_ended_its_jobs(
    serve_studio: Callable[..., Studio], make_fake_spec: Callable[..., SystemSpec]
) -> None:
    log: list[str] = []
    studio = serve_studio(make_fake_spec(delay=0.05, log=log))
    with httpx.stream("POST", f"{studio.url}studio/speak", json=body(LONG)) as sent:
        stream = frames(sent)
        next(stream)
        until(lambda: "started" in log)
        studio.close()
    until(lambda: "closed" in log)
    assert len(studio.backend.jobs) == 0
