"""What is said in a recording, with OpenAI's client: every format, and what is said of mistakes."""

from collections.abc import Callable
from pathlib import Path

import httpx
import openai
import pytest

from engine.engine import Engine
from engine.recognition.transcript import HeardWord, Transcript
from engine.registry import recognisers
from engine.system import SystemSpec
from server.openai.transcriptions import stretches
from tests.server.conftest import Served

TEXT = "The kettle is on."


@pytest.fixture(scope="module")
def recording(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("said") / "kettle.mp3"
    Engine(device="cpu").say(TEXT, system="kokoro", voice="af_clara", seed=1).save(path)
    return path


@pytest.fixture
def listening(serve_studio: Callable[..., Served], fake_spec: SystemSpec, tmp_path: Path) -> Served:
    return serve_studio(fake_spec, models_dir=tmp_path / "models", recognisers=recognisers())


def test_every_format_says_what_was_said(
    listening: Served, connect: Callable[..., openai.OpenAI], recording: Path
) -> None:
    client = connect(listening)
    asked = {"model": "whisper-1", "language": "en"}
    plain = client.audio.transcriptions.create(file=recording, **asked)
    assert plain.text == TEXT
    assert plain.usage.seconds > 0.5
    assert client.audio.transcriptions.create(file=recording, response_format="text", **asked) == f"{TEXT}\n"
    verbose = client.audio.transcriptions.create(
        file=recording, response_format="verbose_json", timestamp_granularities=["word", "segment"], **asked
    )
    assert (verbose.text, verbose.language) == (TEXT, "en")
    assert [word.word for word in verbose.words] == TEXT.split()
    assert [segment.text for segment in verbose.segments] == [TEXT]
    srt = client.audio.transcriptions.create(file=recording, response_format="srt", **asked).splitlines()
    assert (srt[0], srt[2]) == ("1", TEXT)
    assert srt[1].startswith("00:00:00,")
    vtt = client.audio.transcriptions.create(file=recording, response_format="vtt", **asked).splitlines()
    assert (vtt[0], vtt[3]) == ("WEBVTT", TEXT)
    events = list(client.audio.transcriptions.create(file=recording, stream=True, **asked))
    assert [(event.type, getattr(event, "delta", "") or event.text) for event in events] == [
        ("transcript.text.delta", TEXT),
        ("transcript.text.done", TEXT),
    ]


def test_who_listens_is_among_the_models_and_no_voice(
    listening: Served, connect: Callable[..., openai.OpenAI], recording: Path
) -> None:
    client = connect(listening)
    listed = [model.id for model in client.models.list()]
    assert {"whisper/built-in", "whisper-1", "gpt-4o-transcribe", "fake", "tts-1"} <= set(listed)
    speaking = [model["id"] for model in httpx.get(f"{listening.url}v1/audio/models").json()["models"]]
    assert not [name for name in speaking if "whisper" in name or "transcribe" in name]
    assert client.audio.transcriptions.create(file=recording, model="whisper/built-in").text == TEXT


def test_mistakes_are_told(listening: Served, connect: Callable[..., openai.OpenAI], recording: Path) -> None:
    client = connect(listening)
    with pytest.raises(openai.NotFoundError, match="no model 'gpt-5' that listens") as unknown:
        client.audio.transcriptions.create(file=recording, model="gpt-5")
    assert (unknown.value.param, unknown.value.code) == ("model", "model_not_found")
    with pytest.raises(openai.BadRequestError, match="models download whisper/base"):
        client.audio.transcriptions.create(file=recording, model="whisper-1", language="ja")
    with pytest.raises(openai.BadRequestError, match="one of json, text, srt") as unknown:
        client.audio.transcriptions.create(file=recording, model="whisper-1", response_format="docx")
    with pytest.raises(openai.BadRequestError) as unreadable:
        client.audio.transcriptions.create(file=("a.mp3", b"no sound"), model="whisper-1")
    assert unreadable.value.param == "file"


def test_without_a_recogniser_it_says_how_to_get_one(client: openai.OpenAI, recording: Path) -> None:
    with pytest.raises(openai.BadRequestError, match="no recogniser is here"):
        client.audio.transcriptions.create(file=recording, model="whisper-1")


def heard(text: str, *words: tuple[str, float, float]) -> Transcript:
    found = tuple(HeardWord(text=word, start_s=start, end_s=end, confidence=1.0) for word, start, end in words)
    return Transcript(text=text, language="en", words=found, audio_s=60.0, recogniser="whisper/built-in")


def test_a_subtitle_ends_with_a_sentence_before_a_pause_and_after_a_while() -> None:
    said = heard(
        "Yes. Well, no and so on",
        ("Yes.", 0, 1), ("Well,", 1, 2), ("no", 3.5, 4), ("and", 4, 9), ("so", 9, 12), ("on", 12, 13),
    )  # fmt: skip
    found = [(each.text, each.start_s, each.end_s) for each in stretches(said)]
    assert found == [("Yes.", 0, 1), ("Well,", 1, 2), ("no and", 3.5, 9), ("so on", 9, 13)]
    chinese = heard("你好。再见", ("你好", 0, 1), ("。", 1, 1), ("再见", 1, 2))
    assert [each.text for each in stretches(chinese)] == ["你好。", "再见"]
    assert list(stretches(heard(""))) == []
