"""The lists of what can speak, over fake systems with several checkpoints."""

from dataclasses import replace
from pathlib import Path

import pytest

from engine import registry
from engine.engine import Engine
from engine.errors import UnknownSystem, VoiceError
from engine.library import Library
from engine.message import Message
from engine.roster import Offered, facts, find, roster
from engine.system import Portrait
from tests.conftest import fake_voice


@pytest.fixture
def engine(fake_spec, make_fake_spec, choirs: Path) -> Engine:
    """Two systems that can speak, the first with two checkpoints and one that is broken, and one that cannot."""
    fake = replace(
        fake_spec,
        labels=lambda names: {"alto": Message("A high one")} if "alto" in names else {},
        portraits=lambda _: {"bass": Portrait(language="zh", character=Message("deep"))},
    )
    specs = (fake, replace(make_fake_spec("solo"), speakers=lambda _: ()), make_fake_spec("later", bundled=False))
    return Engine(specs, library=Library(specs, choirs))


def test_every_voice_that_can_speak_is_listed_once(engine: Engine) -> None:
    engine.shelf.save(fake_voice("x", 300.0), "Ann")
    offers = roster(engine)
    ids = [each.id for each in offers]
    assert ids == [
        *("fake/built-in/alto", "fake/built-in/bass", "fake/choir/bass", "fake/choir/alto", "fake/Ann"),
        "solo/built-in",
    ]
    described = [each.describe() for each in offers]
    assert described[0] == {
        "id": "fake/built-in/alto",
        "system": "fake",
        "model": "built-in",
        "voice": "alto",
        "title": "A high one",
        "languages": ["en", "zh"],
        "character": "",
        "saved": False,
    }
    assert (described[1]["languages"], described[1]["character"]) == (["zh"], "deep")
    assert [each["id"] for each in described if each["saved"]] == ["fake/Ann"]
    assert described[-1]["title"] == "The voice that ships"


def test_only_those_of_a_system_and_a_language_are_told(engine: Engine) -> None:
    assert [each.id for each in roster(engine, "solo")] == ["solo/built-in"]
    assert roster(engine, "later") == ()
    assert [each.voice for each in roster(engine, "fake", "en-GB")] == ["alto", "alto"]
    assert len(roster(engine, "fake", "zh_Hant")) == 4
    assert roster(engine, language="ru") == ()
    with pytest.raises(UnknownSystem):
        roster(engine, "nobody")


def test_a_voice_is_found_by_its_id_by_what_it_is_called_or_by_its_language(engine: Engine) -> None:
    offers = roster(engine)
    assert find(offers, "fake/choir/bass").model == "choir"
    assert find(offers, "bass").id == "fake/built-in/bass"
    assert find(offers, "A high one").voice == "alto"
    assert find(offers, "") is offers[0]
    assert find(offers[1:], "", "en").id == "fake/choir/alto"
    for name, language, says in (("tenor", "", "'tenor'"), ("", "ru", "'ru'")):
        with pytest.raises(VoiceError, match=says):
            find(offers, name, language)
    with pytest.raises(VoiceError, match="download"):
        find((), "")


def test_what_is_called_like_an_id_gives_way_to_it() -> None:
    other = Offered(system="b", model="", voice="a/c", title="x", languages=("en",))
    own = Offered(system="a", model="", voice="c", title="y", languages=("en",))
    assert find((other, own), "a/c") is own


def test_a_system_tells_what_it_can_do_and_its_options_by_name(engine: Engine) -> None:
    told = facts(engine, engine.system("fake"))
    assert (told["state"], told["clones"], told["rewrites"]) == ("ready", True, "rewrite")
    assert [option["name"] for option in told["options"]][:2] == ["level", "partials"]
    assert facts(engine, engine.system("later"))["voices"] == []


def test_every_voice_of_the_program_has_an_id_of_its_own() -> None:
    ids = [each.id for each in roster(Engine(library=Library(registry.systems(), None)))]
    assert "kokoro/built-in/af_clara" in ids
    assert len(ids) == len(set(ids))
