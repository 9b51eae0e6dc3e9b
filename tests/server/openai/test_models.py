"""Which models there are, by what names, and what is said of others."""

from collections.abc import Callable
from pathlib import Path

import httpx
import openai
import pytest

from engine.system import SystemSpec
from tests.server.conftest import Served

ALIASES = ["tts-1", "tts-1-hd", "gpt-4o-mini-tts"]


def test_models_are_the_systems_their_checkpoints_and_openais_names(
    serve_studio: Callable[..., Served],
    make_fake_spec: Callable[..., SystemSpec],
    choirs: Path,
    connect: Callable[..., openai.OpenAI],
) -> None:
    studio = serve_studio(
        make_fake_spec(), make_fake_spec("second"), make_fake_spec("absent", bundled=False), models_dir=choirs
    )
    client = connect(studio)
    listed = [model.id for model in client.models.list()]
    assert listed == ["fake", "fake/built-in", "fake/choir", "fake/shards", "second", *ALIASES]
    assert all(model.created > 1_700_000_000 and model.owned_by == "polyphone" for model in client.models.list())
    assert client.models.retrieve("fake/choir").id == "fake/choir"
    for name in ("absent", "gpt-4", "fake/nothing", "../fake"):
        with pytest.raises(openai.NotFoundError) as refused:
            client.models.retrieve(name)
        assert refused.value.code == "model_not_found"
    named = httpx.get(f"{studio.url}v1/audio/models").json()["models"]
    assert [model["id"] for model in named] == listed


def test_a_checkpoint_is_asked_for_by_name(
    serve_studio: Callable[..., Served],
    fake_spec: SystemSpec,
    choirs: Path,
    connect: Callable[..., openai.OpenAI],
) -> None:
    client = connect(serve_studio(fake_spec, models_dir=choirs))
    asked = {"input": "Hello.", "voice": "bass", "response_format": "pcm"}
    sound = [client.audio.speech.create(model=name, **asked).content for name in ("fake/choir", "fake", "tts-1-1106")]
    assert len(sound[0]) > 1000
    assert sound[0] == sound[1] == sound[2]
    with pytest.raises(openai.BadRequestError, match="no checkpoint of a fake system"):
        client.audio.speech.create(model="fake/shards", **asked)


def test_where_nothing_can_speak_it_says_so(
    serve_studio: Callable[..., Served],
    make_fake_spec: Callable[..., SystemSpec],
    connect: Callable[..., openai.OpenAI],
) -> None:
    client = connect(serve_studio(make_fake_spec(bundled=False)))
    assert list(client.models.list()) == []
    with pytest.raises(openai.InternalServerError, match="no model is installed"):
        client.audio.speech.create(model="tts-1", voice="alloy", input="Hello.")


def test_what_this_api_does_not_have_is_told(client: openai.OpenAI) -> None:
    with pytest.raises(openai.NotFoundError, match="this is the speech API") as refused:
        client.chat.completions.create(model="gpt-4", messages=[])
    assert refused.value.code == "unknown_url"
