"""Voices of recordings over the API: with consent alone, for those who made them, and gone when they are deleted."""

import io
from collections.abc import Callable
from pathlib import Path

import httpx
import numpy as np
import openai
import pytest
import soundfile

from engine.system import SystemSpec
from tests.server.conftest import Served


def recording(pitch: float = 300.0, seconds: float = 2.0) -> bytes:
    tone = 0.5 * np.sin(2 * np.pi * pitch * np.arange(round(22_050 * seconds)) / 22_050)
    file = io.BytesIO()
    soundfile.write(file, tone, 22_050, format="WAV")
    return file.getvalue()


def agree(client: openai.OpenAI, name: str = "Ann Smith") -> str:
    sent = ("yes.wav", recording(200), "audio/wav")
    return client.audio.voice_consents.create(name=name, language="en-GB", recording=sent).id


@pytest.fixture
def home(serve_studio: Callable[..., Served], fake_spec: SystemSpec, tmp_path: Path) -> Served:
    """A studio that keeps voices."""
    return serve_studio(fake_spec, models_dir=tmp_path / "models")


def test_a_voice_is_made_spoken_with_and_deleted(home: Served, connect: Callable[..., openai.OpenAI]) -> None:
    client = connect(home)
    consent = agree(client)
    made = client.audio.voices.create(name="Ann", consent=consent, audio_sample=("ann.wav", recording(), "audio/wav"))
    assert (made.id, made.name, made.object, made.type) == ("fake/Ann", "Ann", "audio.voice", "audio_sample")
    asked = {"model": "tts-1", "input": "Hello there.", "response_format": "pcm"}
    heard = np.frombuffer(client.audio.speech.create(**asked, voice={"id": made.id}).content, "<i2")
    assert np.argmax(np.abs(np.fft.rfft(heard))) * 24_000 / len(heard) == pytest.approx(300, rel=0.02)
    assert client.audio.speech.create(**asked, voice="Ann").content == heard.tobytes()
    assert "Ann" in [voice["id"] for voice in httpx.get(f"{home.url}v1/audio/voices").json()["voices"]]
    kept = home.backend.engine.shelf.load("fake", "Ann").meta["consent"]
    assert "Ann Smith" in kept
    assert consent in kept
    deleted = client.audio.voices.delete(made.id)
    assert (deleted.id, deleted.deleted, deleted.object) == (made.id, True, "audio.voice.deleted")
    with pytest.raises(openai.NotFoundError):
        client.audio.voices.delete(made.id)
    with pytest.raises(openai.BadRequestError):
        client.audio.speech.create(**asked, voice="Ann")


def test_without_a_consent_no_voice_is_made(home: Served, connect: Callable[..., openai.OpenAI]) -> None:
    client = connect(home)
    sample = ("ann.wav", recording(), "audio/wav")
    for consent, kind in (("cons_never", openai.NotFoundError), ("", openai.BadRequestError)):
        with pytest.raises(kind) as refused:
            client.audio.voices.create(name="Ann", consent=consent, audio_sample=sample)
        assert refused.value.param == "consent"
    gone = agree(client)
    client.audio.voice_consents.delete(gone)
    with pytest.raises(openai.NotFoundError):
        client.audio.voices.create(name="Ann", consent=gone, audio_sample=sample)
    with pytest.raises(openai.BadRequestError, match="not of descriptions"):
        client.audio.voices.create(name="Ann", prompt="An old sailor.", type="prompt")
    assert home.backend.engine.shelf.names("fake") == ()


@pytest.mark.parametrize("sample", [b"", b"no sound at all", recording(seconds=0.2)])
def test_what_is_no_recording_is_told(home: Served, connect: Callable[..., openai.OpenAI], sample: bytes) -> None:
    client = connect(home)
    consent = agree(client)
    with pytest.raises(openai.BadRequestError):
        client.audio.voices.create(name="Ann", consent=consent, audio_sample=("ann.wav", sample, "audio/wav"))
    with pytest.raises(openai.BadRequestError):
        client.audio.voice_consents.create(name="Ann", language="en", recording=("yes.wav", sample, "audio/wav"))


def test_where_no_model_clones_it_says_which_would(
    serve_studio: Callable[..., Served], fake_spec: SystemSpec, connect: Callable[..., openai.OpenAI]
) -> None:
    from dataclasses import replace

    deaf = replace(fake_spec, voicing=replace(fake_spec.voicing, prompt_audio=False))
    client = connect(serve_studio(deaf))
    sample = ("ann.wav", recording(), "audio/wav")
    with pytest.raises(openai.BadRequestError, match="StyleTTS 2"):
        client.audio.voices.create(name="Ann", consent=agree(client), audio_sample=sample)


def test_forms_are_bounded(home: Served) -> None:
    url = f"{home.url}v1/audio/voice_consents"
    boundary = {"Content-Type": "multipart/form-data; boundary=x"}
    for content, headers, status in (
        (b"--x--\r\n", boundary, 400),
        (b"no form", boundary, 400),
        (b"--x\r\n" * 500, boundary, 400),
        (b"{}", {"Content-Type": "application/json"}, 415),
        (b"x", {"Content-Type": "multipart/form-data"}, 400),
    ):
        answer = httpx.post(url, content=content, headers=headers)
        assert answer.status_code == status, (content[:20], answer.text)
        assert set(answer.json()["error"]) == {"message", "type", "param", "code"}
    answer = httpx.post(url, files={"recording": b"0" * (11 * 2**20)}, data={"name": "Ann", "language": "en"})
    assert answer.status_code == 413
    many = [(f"field-{number}", (None, b"x")) for number in range(40)]
    assert httpx.post(url, files=many).status_code == 400
    long = {"name": "x" * 300, "language": "en"}
    assert httpx.post(url, files={"recording": recording()}, data=long).status_code == 400
