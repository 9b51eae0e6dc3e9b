"""A language is asked for in the ways that people write it, and every door gives the same answer."""

from pathlib import Path

import pytest

from engine.cli import main
from engine.engine import Engine
from engine.errors import EngineError, OptionError
from engine.language import spoken
from engine.request import SynthesisRequest
from engine.speech import collect
from engine.system import SystemSpec
from engine.voicing import from_recording
from tests.conftest import FakeOptions

ACCEPTED = {"": "en", "en": "en", "EN": "en", "en-GB": "en", "en_GB": "en", "zh-Hans-CN": "zh", "ZH_hant": "zh"}
REFUSED = ("tlh", "de-DE", "english", "en-", "e", "en GB", "-en", "en-GB-", "日本語", "x" * 5000)


@pytest.mark.parametrize(("asked", "code"), ACCEPTED.items())
def test_region_script_and_case_do_not_matter(fake_spec: SystemSpec, asked: str, code: str) -> None:
    assert spoken(fake_spec, asked) == code


@pytest.mark.parametrize("asked", REFUSED)
def test_what_the_system_does_not_speak_or_what_is_no_code_is_refused(fake_spec: SystemSpec, asked: str) -> None:
    with pytest.raises(OptionError, match=r"it speaks en, zh|the code of one, such as en, zh; it was ") as failure:
        spoken(fake_spec, asked)
    assert len(str(failure.value)) < 120


def test_a_checkpoint_of_the_users_own_may_speak_more_but_not_anything(fake_spec: SystemSpec) -> None:
    own = Path("mine")
    assert [spoken(fake_spec, asked, own) for asked in ("de-AT", "tlh", "")] == ["de", "tlh", "en"]
    with pytest.raises(OptionError, match="must be the code of one"):
        spoken(fake_spec, "en GB", own)


def answers(spec: SystemSpec, language: str, tmp_path: Path, *, own: bool) -> list[bool]:
    """Whether the engine, the door of Python, the command line and the maker of voices take a language."""
    engine, checkpoint = Engine((spec,), device="cpu"), spec.bundled if own else None
    request = SynthesisRequest(
        system="fake", text="Hi.", options=FakeOptions(), language=language, checkpoint=checkpoint
    )
    recording = tmp_path / "a.wav"
    collect(
        engine.synthesize(SynthesisRequest(system="fake", text="Hello there, world. " * 5, options=FakeOptions())),
        request,
    ).save(recording)
    flags = ["--checkpoint", str(checkpoint)] if own else []
    command = ["say", "Hi.", "--system", "fake", "--language", language, "--out", str(tmp_path / "b.wav"), *flags]
    return [
        taken(lambda: collect(engine.synthesize(request), request)),
        taken(lambda: engine.say("Hi.", system="fake", language=language, checkpoint=checkpoint)),
        main(command, (spec,)) == 0,
        taken(lambda: from_recording(spec, recording, language=language, checkpoint=checkpoint)),
        main([*command, "--prompt-audio", str(recording)], (spec,)) == 0,
    ]


def taken(act) -> bool:
    try:
        act()
    except EngineError:
        return False
    return True


@pytest.mark.parametrize(
    ("language", "own", "takes"),
    [
        ("en-GB", False, True),
        ("ZH_cn", False, True),
        ("de-DE", False, False),
        ("de-DE", True, True),
        ("?", True, False),
    ],
)
def test_every_door_gives_the_same_answer(
    fake_spec: SystemSpec, tmp_path: Path, language: str, own: bool, takes: bool
) -> None:
    assert answers(fake_spec, language, tmp_path, own=own) == [takes] * 5
