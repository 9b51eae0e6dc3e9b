"""The route of recordings that are said in another voice, over a real server: sound, refusals, and work that ends."""

import dataclasses
import io
from collections.abc import Callable
from typing import Any

import httpx
import numpy as np
import pytest
import soundfile

from engine.audio.label import facts
from engine.errors import VoiceError
from engine.system import SystemSpec
from server.conversion_routes import MOST_S
from tests.conftest import FAKE_PITCHES
from tests.server.conftest import Served
from tests.server.test_connections import connect, head
from tests.server.test_recording_routes import RATE, wav
from tests.timing import until

TONE = (0.3 * np.sin(2 * np.pi * 200 * np.arange(2 * RATE) / RATE)).astype(np.float32)
WANTED = {"source": "alto", "target": "bass"}


def refuse(_checkpoint: Any) -> None:
    raise VoiceError("one voice alone")


def converting(spec: SystemSpec, check: Callable = lambda _: None) -> SystemSpec:
    return dataclasses.replace(spec, check_conversion=check)


@pytest.fixture
def studio(serve_studio: Callable[..., Served], make_fake_spec: Callable[..., SystemSpec]) -> Served:
    """A system that converts, one whose checkpoint cannot, and one that knows of no such thing."""
    return serve_studio(
        converting(make_fake_spec()), converting(make_fake_spec("single"), refuse), make_fake_spec("other")
    )


def send(studio: Served, data: bytes, system: str = "fake", **query: Any) -> httpx.Response:
    kind = {"Content-Type": "application/octet-stream"}
    url = f"{studio.url}studio/conversions/{system}"
    return httpx.post(url, content=data, params=query or WANTED, headers=kind, timeout=60)


def problem(answer: httpx.Response) -> str:
    return answer.json()["error"]["message"]


def test_a_recording_comes_back_in_the_other_voice_with_its_label(studio: Served) -> None:
    answer = send(studio, wav(np.stack([TONE, TONE])), **WANTED, seed=7)
    assert answer.headers["content-type"] == "audio/wav"
    samples, rate = soundfile.read(io.BytesIO(answer.content))
    assert len(samples) / rate == pytest.approx(2.0, abs=0.01)
    crossings = np.count_nonzero(np.diff(np.signbit(samples)))
    assert crossings / 2 / 2.0 == pytest.approx(FAKE_PITCHES["bass"], abs=2)
    with soundfile.SoundFile(io.BytesIO(answer.content)) as file:
        said = facts(file.copy_metadata()["comment"])
    assert (said["ai_generated"], said["from"], said["voice"], said["seed"]) == (True, "alto", "bass", 7)


def test_the_page_is_told_which_models_can(studio: Served) -> None:
    systems = httpx.get(f"{studio.url}studio/systems").json()
    assert {spec["id"]: [model["converts"] for model in spec["models"]] for spec in systems} == {
        "fake": [True], "single": [False], "other": [False],
    }  # fmt: skip


def test_what_cannot_be_done_is_said_in_a_line(studio: Served) -> None:
    assert "one voice alone" in problem(send(studio, wav(TONE), "single"))
    assert "does not change one voice" in problem(send(studio, wav(TONE), "other"))
    assert "there is no voice 'nobody'" in problem(send(studio, wav(TONE), source="alto", target="nobody"))
    assert "needs the field 'target'" in problem(send(studio, wav(TONE), source="alto"))
    assert "no model 'x'" in problem(send(studio, wav(TONE), **WANTED, model="x"))
    assert "Seed must be a whole number" in problem(send(studio, wav(TONE), **WANTED, seed="x"))
    assert "Seed must be between" in problem(send(studio, wav(TONE), **WANTED, seed=-1))
    assert "nothing" in problem(send(studio, wav(TONE), "nothing"))
    assert send(studio, b"no sound").status_code == 400
    assert "longer than 60 s" in problem(
        send(studio, wav(np.tile(TONE, int(MOST_S / 2) + 1)[: int(MOST_S + 1) * RATE]))
    )
    assert "silent" in problem(send(studio, wav(0 * TONE)))


def test_the_work_ends_when_whoever_asked_has_gone(
    serve_studio: Callable[..., Served], make_fake_spec: Callable[..., SystemSpec]
) -> None:
    log: list[str] = []
    studio = serve_studio(converting(make_fake_spec(delay=0.2, chunk_s=0.02, log=log)))
    path = httpx.URL(f"{studio.url}studio/conversions/fake", params=WANTED).raw_path.decode()
    sound = wav(TONE)
    with connect(studio, head(path.removeprefix("/"), len(sound), "application/octet-stream") + sound):
        until(lambda: "started" in log)
    until(lambda: "closed" in log)
    assert "finished" not in log
