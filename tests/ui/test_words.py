"""Every word of the page is there in every language, and every word that the script asks for exists."""

import re

import pytest

from ui.look import PLAYER, SCRIPTS
from ui.words import WORDS


@pytest.mark.parametrize("language", WORDS)
def test_every_language_has_every_word(language: str) -> None:
    assert WORDS[language].keys() == WORDS["en"].keys()
    assert all(word.strip() for word in WORDS[language].values())


@pytest.mark.parametrize("script", SCRIPTS)
def test_the_script_asks_for_no_word_that_is_missing(script: str) -> None:
    asked = re.findall(r"\bwords\.(\w+)", (PLAYER / script).read_text("utf-8"))
    assert set(asked) <= WORDS["en"].keys()
