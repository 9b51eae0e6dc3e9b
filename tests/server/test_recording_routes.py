"""The routes of recordings over a real server: what is said of one, what a repair makes of it, and what is refused."""

import asyncio
import io
from collections.abc import Callable
from typing import Any

import httpx
import numpy as np
import pytest
import soundfile

from engine.system import SystemSpec
from server.recording_routes import PART_S, PLACES, RECORDING_S, WAITING
from tests.engine.audio.prompts import RATE, voice, with_noise
from tests.server.conftest import Served

SAID = "The evening train crossed the river slowly, and everybody looked at the water."
CLEAN = voice(5.0)


def wav(samples: np.ndarray, rate: int = RATE) -> bytes:
    file = io.BytesIO()
    soundfile.write(file, samples.T, rate, format="WAV", subtype="FLOAT")
    return file.getvalue()


@pytest.fixture
def studio(serve_studio: Callable[..., Served], fake_spec: SystemSpec) -> Served:
    return serve_studio(fake_spec)


def send(studio: Served, act: str, data: bytes, **query: Any) -> httpx.Response:
    kind = {"Content-Type": "application/octet-stream"}
    return httpx.post(f"{studio.url}studio/recordings/{act}", content=data, params=query, headers=kind, timeout=60)


def faults(studio: Served, data: bytes, **query: Any) -> dict[str, str]:
    """The repair of each finding that is not good."""
    told = send(studio, "check", data, **query).json()["findings"]
    return {each["name"]: each["repair"] for each in told if each["grade"] != "good"}


def test_a_good_recording_is_described(studio: Served) -> None:
    told = send(studio, "check", wav(CLEAN), text=SAID, language="en").json()
    assert (told["seconds"], told["start"], told["end"]) == (5.0, 0.0, 5.0)
    assert (told["sample_rate"], told["channels"]) == (RATE, 1)
    assert len(told["peaks"]) == 400
    assert max(told["peaks"]) == round(100 * float(np.abs(CLEAN).max()))
    assert {each["grade"] for each in told["findings"]} == {"good"}
    assert told["findings"][0]["message"]["template"]
    assert faults(studio, wav(CLEAN)) == {"transcript": ""}


def test_faults_are_mended_and_then_gone(studio: Served) -> None:
    silence = np.zeros(RATE, np.float32)
    noisy = with_noise(np.concatenate([silence, voice(12.0), silence]), 24)
    bad = wav(np.stack([noisy, 0.5 * noisy]))
    found = faults(studio, bad, text=SAID * 2, language="en")
    assert found == {"channels": "mono", "length": "cut", "noise": "denoise", "silence": "trim"}
    mended = send(studio, "repair", bad, repairs=",".join(found.values()))
    assert mended.headers["content-type"] == "audio/wav"
    assert faults(studio, mended.content, text=SAID * 2, language="en") == {}
    sound, rate = soundfile.read(io.BytesIO(mended.content), always_2d=True)
    assert (rate, sound.shape[1]) == (RATE, 1)
    assert 3 < len(sound) / rate <= 10.2


def test_a_part_is_looked_at_and_cut_out(studio: Served) -> None:
    long = wav(np.stack([np.concatenate([np.zeros(3 * RATE, np.float32), CLEAN]), np.zeros(8 * RATE)]), RATE)
    told = send(studio, "check", long, start=3, end=8).json()
    assert (told["seconds"], told["start"], told["end"], told["channels"]) == (8.0, 3.0, 8.0, 2)
    assert not {each["name"] for each in told["findings"] if each["grade"] != "good"} - {"channels", "transcript"}
    cut = send(studio, "repair", long, start=3, end=8)
    sound, _ = soundfile.read(io.BytesIO(cut.content), dtype="float32")
    assert sound.shape == (5 * RATE, 2)
    assert np.abs(sound[:, 0] - CLEAN).max() < 1e-4


def test_of_a_long_recording_a_part_is_taken_and_high_rates_are_brought_down(studio: Served) -> None:
    long = wav(np.tile(voice(10.0), 8).astype(np.float32))
    told = send(studio, "check", long).json()
    assert (told["seconds"], told["end"]) == (80.0, PART_S)
    assert send(studio, "check", long, end=70).status_code == 400
    sound, rate = soundfile.read(io.BytesIO(send(studio, "repair", wav(CLEAN, 96_000), repairs="level").content))
    assert (rate, len(sound)) == (48_000, len(CLEAN) // 2)
    too_long = wav(np.zeros(round((RECORDING_S + 1) * 8000), np.float32), 8000)
    assert "longer than 180 s" in send(studio, "check", too_long).json()["error"]["message"]


@pytest.mark.parametrize(
    ("act", "query", "words"),
    [
        ("check", {"start": "x"}, "'start' must be a number"),
        ("check", {"start": "nan"}, "'start' must be a number"),
        ("check", {"start": 6}, "the part from 6.0 s to 5.0 s is none of a recording of 5.0 s"),
        ("check", {"start": 2, "end": 1}, "the part from 2.0 s"),
        ("check", {"start": -1}, "the part from -1.0 s"),
        ("check", {"more": 1}, "no field 'more'"),
        ("check", {"text": "a" * 2001}, "2,001 characters"),
        ("repair", {"repairs": "magic"}, "there is no repair magic"),
    ],
)
def test_what_makes_no_sense_is_refused_in_words(studio: Served, act: str, query: dict[str, Any], words: str) -> None:
    answer = send(studio, act, wav(CLEAN), **query)
    assert answer.status_code == 400
    assert words in answer.json()["error"]["message"]


def test_what_is_no_recording_is_refused(studio: Served) -> None:
    assert send(studio, "check", b"nothing").json()["error"]["type"] == "AudioError"
    url = f"{studio.url}studio/recordings/check"
    assert httpx.post(url, content=wav(CLEAN), headers={"Content-Type": "text/plain"}).status_code == 415
    silent = send(studio, "check", wav(np.zeros(RATE, np.float32))).json()["findings"]
    assert silent[0]["message"]["message"] == "There is no sound in the recording."


def test_few_are_looked_at_at_once(studio: Served) -> None:
    data = wav(np.tile(voice(10.0), 6).astype(np.float32))

    async def all_at_once() -> list[int]:
        async with httpx.AsyncClient(timeout=120) as client:
            url, kind = f"{studio.url}studio/recordings/check", {"Content-Type": "audio/wav"}
            asked = [client.post(url, content=data, headers=kind) for _ in range(2 * (PLACES + WAITING))]
            return [answer.status_code for answer in await asyncio.gather(*asked)]

    statuses = asyncio.run(all_at_once())
    assert set(statuses) == {200, 429}
    assert statuses.count(200) >= (PLACES + WAITING) // 2
    assert send(studio, "check", wav(CLEAN)).status_code == 200
