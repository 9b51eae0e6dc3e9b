"""Packages of one language: what is missing is told in one line, and doctor and error know the same ones."""

import sys

import pytest

from engine.doctor import languages
from engine.errors import EngineError
from engine.text.ko.ipa import _library, pronounce
from engine.text.packages import JAPANESE, KOREAN_IPA, OPTIONAL


@pytest.fixture(autouse=True)
def _opened_anew():
    _library.cache_clear()
    yield
    _library.cache_clear()


def test_a_missing_package_is_told_in_one_line_with_the_command_that_installs_it(monkeypatch) -> None:
    monkeypatch.setitem(sys.modules, "ko_pron", None)
    assert not KOREAN_IPA.is_here
    with pytest.raises(EngineError) as caught:
        pronounce("안녕")
    assert "ko-pron" in str(caught.value)
    assert "make run LANGUAGES=ko" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_what_is_installed_is_there_without_being_imported() -> None:
    assert all(each.is_here for each in OPTIONAL)
    assert JAPANESE.opened().__name__ == "pyopenjtalk"
    assert "installed" in next(languages()).fact


def test_the_doctor_says_how_to_get_a_language(monkeypatch) -> None:
    monkeypatch.setitem(sys.modules, "pyopenjtalk", None)
    finding = next(languages())
    assert finding.state == "ok"
    assert "make run LANGUAGES=ja" in finding.fact
