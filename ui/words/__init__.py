"""What the page says, in the visitor's language: one JSON file for each.

A file holds "words", the page's own by short keys, the same in every language, and "texts", translations of what the
engine says (names, help and groups of options, summaries, licences, notices, errors). The English text is the key of
such a text, and what is shown where a language has none; {named} fields stand for values, and braces that are meant
are doubled.
"""

import functools
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType

import gradio as gr
from gradio.i18n import I18nData

FOLDER = Path(__file__).parent
LANGUAGES = ("en", "zh", "ja", "ko")


@dataclass(frozen=True, slots=True, kw_only=True)
class Language:
    """One language's file: its ``words`` by key, and its ``texts`` by the English."""

    words: Mapping[str, str]
    texts: Mapping[str, str]


@functools.cache
def read(language: str) -> Language:
    """The words of one of `LANGUAGES`."""
    held = json.loads((FOLDER / f"{language}.json").read_text("utf-8"))
    return Language(words=MappingProxyType(held["words"]), texts=MappingProxyType(held["texts"]))


@dataclass(slots=True, kw_only=True)
class Wording:
    """What a page that is being built asks for; Gradio is then given just that, in every language."""

    _used: dict[str, dict[str, str]] = field(default_factory=lambda: {language: {} for language in LANGUAGES})

    def word(self, key: str) -> I18nData:
        """One of the page's own words. Raises KeyError for one that there is none of."""
        for language, used in self._used.items():
            used[key] = read(language).words[key]
        return I18nData(key)

    def text(self, english: str) -> I18nData | str:
        """What the engine says in English, to be shown in the visitor's language where that has it."""
        if not english or "}" in english:
            return english  # Gradio would take the brace for the end of its key
        for language, used in self._used.items():
            used[english] = read(language).texts.get(english, english)
        return I18nData(english)

    def i18n(self) -> gr.I18n:
        """What has been asked for so far, for Gradio."""
        return gr.I18n(**self._used)
