"""Speaking over OpenAI's API, with its own client: what is heard, when, and how every way of ending frees the model."""

import asyncio
import base64
import io
import json
import socket
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import av
import httpx
import numpy as np
import openai
import pytest

from benchmarks.hostile_requests import ROUTES, VALUES
from engine import voice_store
from engine.audio.encoder import PCM_RATE, STREAM_FORMATS
from engine.audio.label import STATEMENT
from engine.engine import Engine
from engine.events import AudioChunk
from engine.request import SynthesisRequest, Voice
from engine.system import SystemSpec
from engine.systems.minimind import SPEC as MINIMIND
from server.openai.speech import TOKENS_PER_S
from tests.minimind import checkpoint
from tests.server.conftest import Served
from tests.timing import until, within

TEXT = "Hello there, how are you?"
LONG = "This is one of many sentences that take their time. " * 20
RATE = 22_050


def spoken(spec: SystemSpec, text: str = TEXT, voice: str = "", **options: Any) -> np.ndarray:
    """What the engine itself says."""
    request = SynthesisRequest(system="fake", text=text, voice=voice, options=spec.options(**options))
    return np.concatenate([e.samples for e in Engine((spec,)).synthesize(request) if isinstance(e, AudioChunk)])


def samples(data: bytes) -> tuple[np.ndarray, int]:
    """The sound in a file."""
    with av.open(io.BytesIO(data)) as file:
        resampler = av.AudioResampler("flt", "mono")
        frames = [each.to_ndarray()[0] for frame in file.decode(audio=0) for each in resampler.resample(frame)]
        return np.concatenate(frames), file.streams.audio[0].rate


def pitch(sound: np.ndarray, rate: int) -> float:
    """The loudest frequency in Hz."""
    return float(np.argmax(np.abs(np.fft.rfft(sound))) * rate / len(sound))


@pytest.mark.parametrize("format", STREAM_FORMATS)
def test_every_format_is_what_the_engine_says(client: openai.OpenAI, fake_spec: SystemSpec, format: str) -> None:  # noqa: A002
    answer = client.audio.speech.create(model="tts-1", voice="bass", input=TEXT, response_format=format)
    assert answer.response.headers["content-type"] == STREAM_FORMATS[format].media_type
    assert answer.response.headers["x-accel-buffering"] == "no"
    sound = spoken(fake_spec, voice="bass")
    heard, rate = (
        (np.frombuffer(answer.content, "<i2") / 32_767, PCM_RATE) if format == "pcm" else samples(answer.content)
    )
    assert len(heard) / rate == pytest.approx(len(sound) / RATE, abs=0.12)
    assert pitch(heard, rate) == pytest.approx(110, rel=0.02)
    if format in ("wav", "flac"):
        np.testing.assert_allclose(heard, sound, atol=1e-4)


def test_without_a_format_it_is_an_mp3_that_says_a_machine_speaks(client: openai.OpenAI) -> None:
    answer = client.audio.speech.create(model="gpt-4o-mini-tts", voice="alloy", input=TEXT)
    assert answer.response.headers["content-type"] == "audio/mpeg"
    assert STATEMENT.encode() in answer.content[:2000]
    assert TEXT.encode() not in answer.content


def test_it_streams_from_the_first_sound_on(slow: Served, connect: Callable[..., openai.OpenAI]) -> None:
    asked = {"model": "fake", "voice": "alto", "input": LONG, "response_format": "pcm"}
    began = time.monotonic()
    with connect(slow).audio.speech.with_streaming_response.create(**asked) as answer:
        sizes, first_s = [], 0.0
        for piece in answer.iter_bytes(4096):
            first_s = first_s or time.monotonic() - began
            sizes.append(len(piece))
        took_s = time.monotonic() - began
    assert sum(sizes) / 2 / PCM_RATE > 10
    assert first_s < took_s / 4


def test_an_asynchronous_client_hears_the_same(studio: Served, client: openai.OpenAI) -> None:
    asked = {"model": "tts-1-hd", "voice": "alto", "input": TEXT, "response_format": "pcm"}

    async def listen() -> tuple[bytes, bytes]:
        async with openai.AsyncOpenAI(base_url=f"{studio.url}v1", api_key="any", timeout=60) as listener:
            whole = await listener.audio.speech.create(**asked)
            async with listener.audio.speech.with_streaming_response.create(**asked) as answer:
                return whole.content, b"".join([piece async for piece in answer.iter_bytes()])

    expected = client.audio.speech.create(**asked).content
    assert len(expected) > 10_000
    assert asyncio.run(listen()) == (expected, expected)


def test_events_bring_the_same_bytes_and_what_was_used(client: openai.OpenAI, fake_spec: SystemSpec) -> None:
    asked = {"model": "gpt-4o-mini-tts", "voice": "alto", "input": TEXT, "response_format": "pcm"}
    with client.audio.speech.with_streaming_response.create(**asked, stream_format="sse") as answer:
        assert answer.headers["content-type"].startswith("text/event-stream")
        events = [json.loads(line.removeprefix("data: ")) for line in answer.iter_lines() if line]
    assert {event["type"] for event in events[:-1]} == {"speech.audio.delta"}
    sound = b"".join(base64.b64decode(event["audio"]) for event in events[:-1])
    assert sound == client.audio.speech.create(**asked).content
    seconds = len(spoken(fake_spec)) / RATE
    tokens = {"input_tokens": len(TEXT), "output_tokens": round(seconds * TOKENS_PER_S)}
    assert events[-1] == {
        "type": "speech.audio.done",
        "usage": {**tokens, "total_tokens": sum(tokens.values())},
    }


@pytest.mark.parametrize("speed", [0.25, 0.5, 1.5, 4.0])
def test_speed_is_the_length_and_not_the_pitch(client: openai.OpenAI, fake_spec: SystemSpec, speed: float) -> None:
    text = TEXT * 4
    answer = client.audio.speech.create(model="fake", voice="alto", input=text, response_format="wav", speed=speed)
    heard, rate = samples(answer.content)
    assert len(heard) / rate == pytest.approx(len(spoken(fake_spec, text)) / RATE / speed, rel=0.06)
    assert pitch(heard, rate) == pytest.approx(440, rel=0.02)


def test_a_voice_is_a_string_or_an_object_and_what_is_unknown_is_left_unread(client: openai.OpenAI) -> None:
    asked = {"model": "tts-1", "input": TEXT, "response_format": "pcm"}
    expected = client.audio.speech.create(**asked, voice="bass").content
    assert client.audio.speech.create(**asked, voice={"id": "bass"}).content == expected
    more = {"instructions": "Whisper.", "extra_body": {"normalize": True, "lang_code": "a", "seed": None, "user": 7}}
    assert client.audio.speech.create(**asked, voice="bass", **more).content == expected


def test_language_seed_and_options_are_ours(client: openai.OpenAI, fake_spec: SystemSpec) -> None:
    asked = {"model": "fake", "voice": "bass", "input": TEXT, "response_format": "wav"}
    answer = client.audio.speech.create(**asked, extra_body={"options": {"level": 0.25}, "language": "zh", "seed": 0})
    np.testing.assert_allclose(samples(answer.content)[0], spoken(fake_spec, voice="bass", level=0.25), atol=1e-4)
    for more, param in (({"options": {"level": 7}}, "options"), ({"seed": "x"}, "seed"), ({"language": 5}, "language")):
        with pytest.raises(openai.BadRequestError) as refused:
            client.audio.speech.create(**asked, extra_body=more)
        assert refused.value.param == param


@pytest.mark.parametrize(
    ("change", "kind", "param", "said"),
    [
        ({"model": "gpt-9"}, openai.NotFoundError, "model", "no model 'gpt-9'; the models are fake, tts-1"),
        ({"model": "fake/nothing"}, openai.NotFoundError, "model", "no model 'fake/nothing'"),
        ({"voice": "nobody"}, openai.BadRequestError, "voice", "no voice 'nobody'; the voices are alto, bass"),
        ({"voice": {"id": "voice_nobody"}}, openai.NotFoundError, None, "no longer kept"),
        ({"voice": {"id": 7}}, openai.BadRequestError, "voice", "the voice must be a text, not 7"),
        ({"input": "  "}, openai.BadRequestError, "input", "input is empty"),
        ({"input": ["a"]}, openai.BadRequestError, "input", "must be a text, not a list"),
        ({"input": "☃"}, openai.BadRequestError, "input", "no sound for any of this"),
        ({"response_format": "midi"}, openai.BadRequestError, "response_format", "one of mp3, opus, aac, flac, wav"),
        ({"stream_format": "ws"}, openai.BadRequestError, "stream_format", "one of audio, sse, not 'ws'"),
        ({"speed": 5}, openai.BadRequestError, "speed", "between 0.25 and 4.0, not 5"),
        ({"speed": "fast"}, openai.BadRequestError, "speed", 'must be a number, not "fast"'),
    ],
)
def test_mistakes_are_told_as_the_client_expects(
    client: openai.OpenAI, change: dict[str, Any], kind: type[openai.APIStatusError], param: str | None, said: str
) -> None:
    asked = {"model": "tts-1", "voice": "alto", "input": TEXT} | change
    with pytest.raises(kind) as refused:
        client.audio.speech.create(**asked)
    assert said in refused.value.body["message"]
    assert set(refused.value.body) == {"message", "type", "param", "code"}
    assert (refused.value.type, refused.value.param) == ("invalid_request_error", param)
    assert (refused.value.code == "model_not_found") == (param == "model")


def test_a_body_that_is_no_speech_is_told(studio: Served) -> None:
    url = f"{studio.url}v1/audio/speech"
    for sent, status in (
        ({"json": [1]}, 400),
        ({"json": {}}, 400),
        ({"content": b"{", "headers": {"Content-Type": "application/json"}}, 400),
        ({"data": {"input": "Hello."}}, 415),
    ):
        answer = httpx.post(url, **sent)
        assert answer.status_code == status
        assert set(answer.json()["error"]) == {"message", "type", "param", "code"}
    assert httpx.post(url, json={}).json()["error"]["param"] == "input"
    assert httpx.post(url, json={"input": "Hello."}).status_code == 200  # model and voice are ours to choose


@pytest.mark.slow
@pytest.mark.parametrize("field", ROUTES["v1/audio/speech"])
def test_no_value_breaks_it(
    serve_studio: Callable[..., Served], make_fake_spec: Callable[..., SystemSpec], field: str
) -> None:
    studio = serve_studio(make_fake_spec(seconds_per_character=0.001))
    body = {**ROUTES["v1/audio/speech"], "model": "fake"}
    for value in VALUES:
        others = json.dumps({name: held for name, held in body.items() if name != field})
        content = f'{others[:-1]}, "{field}": {value}}}'.encode()
        headers = {"Content-Type": "application/json"}
        answer = httpx.post(f"{studio.url}v1/audio/speech", content=content, headers=headers)
        assert answer.status_code < 500, (value[:60], answer.text[:200])
        if answer.status_code != 200:
            assert set(answer.json()["error"]) == {"message", "type", "param", "code"}


def test_what_fails_on_its_way_is_an_event_or_a_stream_that_ends_before_its_time(
    serve_studio: Callable[..., Served],
    make_fake_spec: Callable[..., SystemSpec],
    connect: Callable[..., openai.OpenAI],
) -> None:
    studio = serve_studio(make_fake_spec(failure=RuntimeError("it broke"), seconds_per_character=0.1))
    asked = {"model": "fake", "voice": "alto", "input": LONG, "response_format": "pcm"}
    with connect(studio).audio.speech.with_streaming_response.create(**asked, stream_format="sse") as answer:
        last = [json.loads(line.removeprefix("data: ")) for line in answer.iter_lines() if line][-1]
    assert last == {
        "error": {
            "message": "the studio made a mistake; its log says which",
            "type": "server_error",
            "param": None,
            "code": None,
        }
    }
    with (
        connect(studio).audio.speech.with_streaming_response.create(**asked) as answer,
        pytest.raises(Exception, match=r"incomplete chunked read|peer closed connection"),
    ):
        answer.read()
    assert len(studio.backend.jobs) == 0


def test_whoever_finds_no_place_is_told_when_to_come_again(slow: Served, connect: Callable[..., openai.OpenAI]) -> None:
    asked = {"model": "fake", "voice": "alto", "input": LONG, "response_format": "pcm"}
    client = connect(slow)
    with client.audio.speech.with_streaming_response.create(**asked) as answer:
        heard = answer.iter_bytes(1024)
        next(heard)
        with pytest.raises(openai.RateLimitError) as refused:
            connect(slow).audio.speech.create(**asked)
    assert int(refused.value.response.headers["retry-after"]) >= 1
    assert (refused.value.code, refused.value.type) == ("rate_limit_exceeded", "requests")


def test_work_stops_when_the_client_goes(slow: Served, connect: Callable[..., openai.OpenAI], log: list[str]) -> None:
    asked = {"model": "fake", "voice": "alto", "input": LONG, "response_format": "mp3"}

    def leave() -> float:
        log.clear()
        with connect(slow).audio.speech.with_streaming_response.create(**asked) as answer:
            next(answer.iter_bytes(1024))
        took = until(lambda: "closed" in log and len(slow.backend.jobs) == 0)
        assert "finished" not in log
        return took

    within(5, leave)


def test_work_stops_for_who_goes_before_the_first_sound(
    serve_studio: Callable[..., Served], make_fake_spec: Callable[..., SystemSpec], log: list[str]
) -> None:
    studio = serve_studio(make_fake_spec(delay=1.0, chunk_s=0.01, log=log), places=1, queue=0)
    body = json.dumps({"input": LONG}).encode()
    host, port = studio.url.removeprefix("http://").rstrip("/").split(":")
    with socket.create_connection((host, int(port))) as connection:
        head = f"POST /v1/audio/speech HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/json\r\n"
        connection.sendall(f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body)
        until(lambda: "started" in log)
    until(lambda: "closed" in log)
    until(lambda: len(studio.backend.jobs) == 0)


def test_a_listener_who_reads_slowly_gets_all_of_it(slow: Served, connect: Callable[..., openai.OpenAI]) -> None:
    asked = {"model": "fake", "voice": "alto", "input": LONG[:200], "response_format": "wav"}
    expected = connect(slow).audio.speech.create(**asked).content
    heard = b""
    with connect(slow).audio.speech.with_streaming_response.create(**asked) as answer:
        for piece in answer.iter_bytes(65_536):
            heard += piece
            time.sleep(0.3)
    assert heard == expected


def test_minimind_speaks_by_its_name_and_with_the_codes_of_a_voice(
    serve_studio: Callable[..., Served], connect: Callable[..., openai.OpenAI], tmp_path: Path
) -> None:
    models = tmp_path / "models"
    checkpoint(models / "minimind" / "mine")
    codes = np.arange(40, dtype=np.int16)[None] % 16
    kept = models / "voices" / "minimind" / "Ada.safetensors"
    kept.parent.mkdir(parents=True)
    voice_store.save(
        Voice(system="minimind", name="Ada", tensors={"codes": codes}, meta={"transcript": "So it goes."}), kept
    )
    client = connect(serve_studio(MINIMIND, models_dir=models, device="cpu"))
    assert "minimind" in {model.id for model in client.models.list()}
    asked = {"options": {"max_new_tokens": 30, "repetition_guard": False}, "seed": 3}

    def said(model: str, voice: str) -> bytes:
        answer = client.audio.speech.create(
            model=model, voice=voice, input="Hello.", response_format="pcm", extra_body=asked
        )
        return answer.content

    heard = said("minimind", "Ada")
    assert 0 < len(heard) <= 30 * 320 * 2
    assert heard == said("minimind/mine", "Ada") != said("minimind", "alloy")
