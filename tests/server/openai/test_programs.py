"""The requests that well-known programs send, as they send them, and what they read of the answers."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import openai
import pytest

from engine.keys import FILE, Keys
from engine.system import SystemSpec
from server.allowance import Limits
from server.rights import Policy
from tests.server.conftest import Served
from tests.server.openai.test_speech import samples

TEXT = "The kettle is on, and the tea is nearly ready."


@pytest.fixture
def shared(serve_studio: Callable[..., Served], fake_spec: SystemSpec, tmp_path: Path) -> tuple[Served, str]:
    """A studio that wants a token, and a key to it."""
    models = tmp_path / "models"
    key = Keys(models / FILE).create("a program", text=200, at_once=2)
    return serve_studio(fake_spec, models_dir=models, policy=Policy(token="the-owner")), key


def test_open_webui(studio: Served, tmp_path: Path) -> None:
    """It asks for voices and models without a key, and then for no format, and names the file .mp3."""
    voices = {voice["id"]: voice["name"] for voice in httpx.get(f"{studio.url}v1/audio/voices").json()["voices"]}
    assert {"alto", "bass", "alloy"} <= voices.keys()
    models = [model["id"] for model in httpx.get(f"{studio.url}v1/audio/models").json()["models"]]
    assert "tts-1" in models
    headers = {"Content-Type": "application/json", "Authorization": "Bearer sk-none", "X-OpenWebUI-User-Name": "Ann"}
    sent = {"model": "tts-1", "input": TEXT, "voice": "alloy", "split_on": "punctuation"}
    answer = httpx.post(f"{studio.url}v1/audio/speech", json=sent, headers=headers)
    file = tmp_path / "speech.mp3"
    file.write_bytes(answer.raise_for_status().content)
    assert file.read_bytes()[:3] == b"ID3"
    assert samples(file.read_bytes())[0].size > 0
    wrong = httpx.post(f"{studio.url}v1/audio/speech", json=sent | {"voice": "nobody"}, headers=headers)
    assert "nobody" in wrong.json()["error"]["message"]


def test_sillytavern(studio: Served) -> None:
    """Its server posts to the whole address, always for mp3, with a key if there is one; its voices are typed."""
    sent = {"input": TEXT, "response_format": "mp3", "voice": "shimmer", "speed": 1.25, "model": "tts-1"}
    for headers in ({}, {"Authorization": "Bearer undefined"}):
        answer = httpx.post(f"{studio.url}v1/audio/speech", json=sent, headers=headers)
        assert answer.raise_for_status().headers["content-type"] == "audio/mpeg"
        assert samples(answer.content)[0].size > 0


@pytest.mark.parametrize(("format", "start"), [("mp3", b"ID3"), ("opus", b"OggS"), ("wav", b"RIFF")])
def test_home_assistant(studio: Served, format: str, start: bytes) -> None:  # noqa: A002
    """It finds voices beside the address of speech, reads sound in chunks, and sends more fields if told to."""
    listed = httpx.get(f"{studio.url}v1/audio/voices", params={"limit": 100}).json()["voices"]
    assert all(voice["id"] and voice["name"] for voice in listed)

    async def read() -> bytes:
        sent: dict[str, Any] = {"model": "tts-1", "input": TEXT, "voice": listed[0]["id"], "response_format": format}
        sent |= {"speed": 1.0, "instructions": "Speak warmly.", "normalization_options": {"normalize": True}}
        async with (
            httpx.AsyncClient(timeout=60) as http,
            http.stream("POST", f"{studio.url}v1/audio/speech", json=sent) as answer,
        ):
            assert answer.status_code == 200
            return b"".join([chunk async for chunk in answer.aiter_bytes(4096)])

    heard = asyncio.run(read())
    assert heard.startswith(start)
    assert samples(heard)[0].size > 0


def test_a_program_shows_its_key_where_one_is_wanted(
    shared: tuple[Served, str], connect: Callable[..., openai.OpenAI]
) -> None:
    studio, key = shared
    asked = {"model": "tts-1", "voice": "alloy", "input": TEXT}
    for wrong in ("any", key + "x", "the-owner-x"):
        with pytest.raises(openai.AuthenticationError, match="neither the token of this studio nor a key") as refused:
            connect(studio, wrong).audio.speech.create(**asked)
        assert refused.value.code == "invalid_api_key"
    assert httpx.post(f"{studio.url}v1/audio/speech", json=asked).status_code == 401
    client = connect(studio, key)
    assert client.audio.speech.create(**asked).content[:3] == b"ID3"
    assert next(model.id for model in client.models.list()) == "fake"
    with pytest.raises(openai.BadRequestError, match="may send 200") as too_long:
        client.audio.speech.create(**asked | {"input": TEXT * 10})
    assert too_long.value.param == "input"
    assert connect(studio, "the-owner").audio.speech.create(**asked | {"input": TEXT * 10}).content


def test_a_key_makes_voices_for_itself_alone(shared: tuple[Served, str], connect: Callable[..., openai.OpenAI]) -> None:
    from tests.server.openai.test_clones import agree, recording

    studio, key = shared
    other = Keys(studio.backend.engine.library.folder / FILE).create("another program")
    client, stranger, owner = (connect(studio, each) for each in (key, other, "the-owner"))
    sample = ("ann.wav", recording(), "audio/wav")
    consent = agree(client)
    with pytest.raises(openai.NotFoundError):
        stranger.audio.voices.create(name="Ann", consent=consent, audio_sample=sample)
    made = client.audio.voices.create(name="Ann", consent=consent, audio_sample=sample)
    asked = {"model": "tts-1", "voice": {"id": made.id}, "input": TEXT}
    assert client.audio.speech.create(**asked).content
    for each in (stranger, connect(studio, "x")):
        with pytest.raises((openai.NotFoundError, openai.AuthenticationError)):
            each.audio.speech.create(**asked)
    with pytest.raises(openai.NotFoundError):
        stranger.audio.voices.delete(made.id)
    saved = owner.audio.voices.create(name="Bob", consent=agree(owner), audio_sample=sample)
    with pytest.raises(openai.PermissionDeniedError):
        client.audio.voices.delete(saved.id)
    with pytest.raises(openai.BadRequestError, match="no voice 'Bob'"):
        client.audio.speech.create(**asked | {"voice": "Bob"})
    assert client.audio.voices.delete(made.id).deleted
    with pytest.raises(openai.NotFoundError):
        client.audio.speech.create(**asked)


def test_visitors_of_a_public_studio_have_limits(
    serve_studio: Callable[..., Served], fake_spec: SystemSpec, connect: Callable[..., openai.OpenAI]
) -> None:
    limits = Limits(requests=1, text=100)
    studio = serve_studio(fake_spec, policy=Policy(public=True, limits=limits))
    asked = {"model": "tts-1", "voice": "alloy", "input": TEXT}
    # Each comes without a cookie, so that only the address is known: it has four times as much.
    for _ in range(4):
        connect(studio).audio.speech.create(**asked)
    with pytest.raises(openai.RateLimitError, match="1 requests an hour") as refused:
        connect(studio).audio.speech.create(**asked)
    assert int(refused.value.response.headers["retry-after"]) > 1000
