"""espeak-ng in a process of its own: what brings it down is told, and nothing else happens."""

import sys
import time

import pytest

from engine.errors import EngineError, TextError
from engine.text import espeak
from engine.text.espeak import ESPEAK, Espeak
from engine.text.phonemes import phonemize


def ask(asked: Espeak, voice: str, text: str):
    return asked.ask("clauses", voice, text, language=voice, text=text)


def test_a_text_that_brings_it_down_is_told_and_the_next_is_read() -> None:
    before = phonemize("hello")
    with pytest.raises(TextError, match="breaks down over this text in 'ml'"):
        ask(ESPEAK, "ml", ".-क")
    assert phonemize("hello") == before == "həlˈoʊ"


def test_what_takes_too_long_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    own = Espeak()
    assert ask(own, "en-us", "one")
    monkeypatch.setattr(espeak, "LIMIT_S", 0.0)
    began = time.monotonic()
    with pytest.raises(TextError):
        own.ask("pieces", ["en-us", True, False, ""], False, ["word " * 30] * 2000, language="en-us", text="word")
    assert time.monotonic() - began < 30
    assert own._running is None


def test_an_unknown_language_ends_nothing() -> None:
    own = Espeak()
    for _ in range(2):
        with pytest.raises(EngineError, match="cannot read 'klingon-99'"):
            ask(own, "klingon-99", "a")
    assert ask(own, "en-us", "one")
    espeak._end(own._running)


@pytest.mark.parametrize("package", espeak.PACKAGES)
def test_a_package_that_is_missing_is_named(package: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(EngineError, match=f"needs the package {package}"):
        ask(Espeak(), "en-us", "one")
