"""The routes of codecs, over a real server with real codecs in small: what is here, round trips, and refusals."""

import base64
import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest
import soundfile
from PIL import Image

from engine.audio.loudness import gain_to
from engine.system import SystemSpec
from server.codec_routes import HEIGHT, MOST_S, WIDTH
from tests.server.conftest import Served
from tests.server.test_recording_routes import RATE, wav
from tests.valle import encodec_file, vocos_folder
from tests.wavtokenizer import lightning_file

TONE = (0.3 * np.sin(2 * np.pi * 200 * np.arange(RATE) / RATE)).astype(np.float32)


@pytest.fixture
def studio(serve_studio: Callable[..., Served], fake_spec: SystemSpec, tmp_path: Path) -> Served:
    models = tmp_path / "models"
    models.mkdir()
    encodec_file(models)
    vocos_folder(models / "vocos")
    lightning_file(models / "wavtokenizer", "codec40", name="small_600.ckpt")
    return serve_studio(fake_spec, models_dir=models)


def send(studio: Served, codec: str, data: bytes, **query: Any) -> httpx.Response:
    kind = {"Content-Type": "application/octet-stream"}
    return httpx.post(f"{studio.url}studio/codecs/{codec}", content=data, params=query, headers=kind, timeout=120)


def problem(answer: httpx.Response) -> str:
    return answer.json()["error"]["message"]


def sound(answer: dict[str, Any], name: str) -> np.ndarray:
    samples, rate = soundfile.read(io.BytesIO(base64.b64decode(answer[name])), dtype="float32")
    assert rate == 24_000
    return samples


def test_every_codec_is_listed(studio: Served) -> None:
    assert httpx.get(f"{studio.url}studio/codecs").json() == {
        "codecs": [
            {"id": "encodec", "title": "EnCodec", "file": "", "kbps": [6.0, 1.5, 3.0, 12.0, 24.0]},
            {"id": "vocos", "title": "EnCodec, with Vocos", "file": "", "kbps": []},
            {"id": "wavtokenizer-1", "title": "WavTokenizer", "file": "small_600", "kbps": []},
        ],
        "most_s": MOST_S,
    }


@pytest.mark.parametrize(
    ("codec", "kbps", "rate", "books"),
    [("encodec", 6.0, 75, 8), ("vocos", 6.0, 75, 8), ("wavtokenizer-1", 0.28, 40, 1)],
)
def test_a_sound_comes_back_with_what_it_took(studio: Served, codec: str, kbps: float, rate: int, books: int) -> None:
    answer = send(studio, codec, wav(np.stack([TONE, TONE])))
    assert answer.headers["cache-control"] == "no-store"
    made = answer.json()
    assert (made["kbps"], made["frames_per_s"], made["codebooks"]) == (kbps, rate, books)
    assert (made["codes"], made["seconds"]) == (rate * books, 1.0)
    before, after = sound(made, "before"), sound(made, "after")
    assert len(before) == len(after) == 24_000
    # What a codec of untrained weights makes is far off; what can be done for equal loudness has been done.
    assert 0.98 < gain_to(before, after, 24_000) < 1.02 or max(np.abs(before).max(), np.abs(after).max()) < 0.99
    with Image.open(io.BytesIO(base64.b64decode(made["picture"]))) as picture:
        assert picture.size == (WIDTH, 2 * HEIGHT + 4)


def test_a_bandwidth_can_be_chosen(studio: Served) -> None:
    made = send(studio, "encodec", wav(TONE), kbps=1.5).json()
    assert (made["kbps"], made["codebooks"]) == (1.5, 2)


def test_what_cannot_be_done_is_said_in_a_line(studio: Served) -> None:
    assert send(studio, "opus", wav(TONE)).status_code == 404
    assert "0.75 to 24 kbit/s" in problem(send(studio, "encodec", wav(TONE), kbps=99))
    assert "kbps" in problem(send(studio, "encodec", wav(TONE), kbps="x"))
    assert "kbit/s, not 6" in problem(send(studio, "wavtokenizer-1", wav(TONE), kbps=6))
    assert send(studio, "encodec", b"no sound").status_code == 400
    long = np.tile(TONE, int(MOST_S) + 1)
    assert "longer than 30 s" in problem(send(studio, "encodec", wav(long)))
    kind = {"Content-Type": "text/plain"}
    assert httpx.post(f"{studio.url}studio/codecs/encodec", content=b"x", headers=kind).status_code == 415


def test_without_models_there_are_none(serve_studio: Callable[..., Served], fake_spec: SystemSpec) -> None:
    assert httpx.get(f"{serve_studio(fake_spec).url}studio/codecs").json()["codecs"] == []
