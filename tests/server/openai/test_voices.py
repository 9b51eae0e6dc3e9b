"""Which voices there are, and who speaks under which name."""

from collections.abc import Callable
from dataclasses import replace

import httpx
import openai
import pytest

from engine.engine import Engine
from engine.library import Library
from engine.system import SystemSpec
from server.guests import OwnVoices
from server.made_voices import MadeVoices
from server.openai.voices import OPENAI, Chosen, choose
from server.rights import Rights, Visitor
from tests.conftest import fake_voice
from tests.server.conftest import Served

OWNER = Visitor(name="owner", owner=True)


def chosen(engine: Engine, made: MadeVoices | None = None, **asked: str) -> Chosen:
    own = OwnVoices(made or MadeVoices(), Rights(), OWNER)
    return choose(engine, own, **{"model": "tts-1", "voice": "", "language": "", **asked})


@pytest.fixture
def engine(make_fake_spec: Callable[..., SystemSpec], tmp_path: object) -> Engine:
    """The fake system, and another one that has a voice of its own."""
    specs = (make_fake_spec(), replace(make_fake_spec("second"), speakers=lambda _: ("af_nova", "tenor", "bass")))
    return Engine(specs, library=Library(specs, tmp_path))


def test_everybody_is_listed_once_and_openais_names_after_them(
    serve_studio: Callable[..., Served], make_fake_spec: Callable[..., SystemSpec]
) -> None:
    second = replace(make_fake_spec("second"), speakers=lambda _: ("tenor", "bass"))
    studio = serve_studio(make_fake_spec(), second)
    voices = httpx.get(f"{studio.url}v1/audio/voices?limit=100").json()["voices"]
    own = [(voice["id"], voice["model"]) for voice in voices if "model" in voice]
    assert own == [("alto", "fake"), ("bass", "fake"), ("tenor", "second"), ("second/bass", "second")]
    assert [voice["id"] for voice in voices[4:]] == list(OPENAI)
    assert all(voice["name"] for voice in voices)
    voices = httpx.get(f"{studio.url}v1/audio/voices?model=second").json()["voices"]
    assert [voice["id"] for voice in voices[:2]] == ["tenor", "bass"]
    assert httpx.get(f"{studio.url}v1/audio/voices?model=third").status_code == 404


def test_every_listed_voice_speaks(studio: Served, client: openai.OpenAI) -> None:
    listed = [voice["id"] for voice in httpx.get(f"{studio.url}v1/audio/voices").json()["voices"]]
    asked = {"model": "tts-1", "input": "Hello.", "response_format": "pcm"}
    sound = {name: client.audio.speech.create(**asked, voice=name).content for name in listed}
    assert min(map(len, sound.values())) > 1000
    assert len(set(sound.values())) == 2


def test_a_voice_finds_its_system(engine: Engine) -> None:
    assert chosen(engine).spec.id == "fake"
    assert chosen(engine, voice="bass").spec.id == "fake"
    assert chosen(engine, voice="tenor").spec.id == "second"
    assert chosen(engine, voice="second/bass") == chosen(engine, voice="bass", model="second")
    assert chosen(engine, voice="seed:5").voice == "seed:5"  # what the system makes a voice of
    with pytest.raises(Exception, match="the voice second/bass belongs to the model second, not to fake"):
        chosen(engine, model="fake", voice="second/bass")


def test_openais_names_stand_for_voices_always_the_same(engine: Engine) -> None:
    stand = {name: chosen(engine, voice=name).voice for name in OPENAI}
    assert stand["alloy"] == "alto"
    assert stand["ash"] == "bass"
    assert set(stand.values()) == {"alto", "bass"}
    assert chosen(engine, model="second", voice="nova").voice == "af_nova"


def test_who_saves_a_voice_under_one_of_the_names_hears_it(engine: Engine) -> None:
    engine.shelf.save(fake_voice("mine", 300.0), "nova")
    assert chosen(engine, voice="nova").voice == "nova"
    assert chosen(engine, voice="echo").voice in ("alto", "bass")


def test_a_system_without_names_draws_them_or_has_one(make_fake_spec: Callable[..., SystemSpec]) -> None:
    drawn = replace(make_fake_spec(), speakers=lambda _: ())
    single = replace(drawn, voicing=replace(drawn.voicing, random=False))
    stand = [chosen(Engine((drawn,)), voice=name).voice for name in OPENAI]
    assert len(set(stand)) == len(OPENAI)
    assert stand[0] == "seed:0"
    assert {chosen(Engine((single,)), voice=name).voice for name in OPENAI} == {""}


def test_a_made_voice_is_asked_for_by_its_id(engine: Engine) -> None:
    made = MadeVoices()
    voice = fake_voice("mine", 300.0)
    key = f"voice_{made.keep(voice)}"
    assert chosen(engine, made, voice=key).voice is voice
    with pytest.raises(Exception, match="belongs to the model fake, not to second"):
        chosen(engine, made, voice=key, model="second")
    with pytest.raises(Exception, match="no longer kept"):
        chosen(engine, made, voice="voice_nothing")
