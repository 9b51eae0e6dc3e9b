"""The languages of Kokoro: the letters that name them in voices, and which one a sentence is in. Imports no torch.

docs/systems/kokoro.md#languages
"""

import re
from collections.abc import Collection
from dataclasses import dataclass

from engine.message import Message


@dataclass(frozen=True, slots=True, kw_only=True)
class Language:
    """A language as voices have it: its ``letter`` in their names, its ``tag``, and what people call it."""

    letter: str
    tag: str
    name: Message

    @property
    def code(self) -> str:
        """Without the region."""
        return self.tag.partition("-")[0]


LANGUAGES = (
    Language(letter="a", tag="en-us", name=Message("American English")),
    Language(letter="b", tag="en-gb", name=Message("British English")),
    Language(letter="e", tag="es", name=Message("Spanish")),
    Language(letter="f", tag="fr", name=Message("French")),
    Language(letter="h", tag="hi", name=Message("Hindi")),
    Language(letter="i", tag="it", name=Message("Italian")),
    Language(letter="p", tag="pt-br", name=Message("Brazilian Portuguese")),
    Language(letter="j", tag="ja", name=Message("Japanese")),
    Language(letter="z", tag="zh", name=Message("Chinese")),
)
BY_LETTER = {language.letter: language for language in LANGUAGES}
CODES = tuple(dict.fromkeys(language.code for language in LANGUAGES))
# What the release for Chinese speaks: English and Chinese.
CHINESE_CODES = ("en", "zh")
GENDERS = {"f": Message("female"), "m": Message("male")}
CHARACTERS = {"f": Message("a woman's voice"), "m": Message("a man's voice")}

_SCRIPTS = {
    "kana": re.compile("[\u3041-\u3096\u30a1-\u30fa\u30fc\u31f0-\u31ff\uff66-\uff9f]"),
    "han": re.compile("[\u3005-\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]"),
    "nagari": re.compile("[\u0900-\u097f]"),
    "latin": re.compile("[A-Za-z\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u024f]"),
}
_WRITTEN_IN = {"ja": ("kana", "han"), "zh": ("han",), "hi": ("nagari",)}
_OF_SCRIPT = {"kana": "ja", "han": "zh", "nagari": "hi", "latin": "en"}
_LEAST_KANA = 0.1
# A character of these says about as much as so many letters.
_WEIGHTS = {"kana": 3, "han": 3, "nagari": 1, "latin": 1}


def of_voice(name: str) -> Language | None:
    """The language of a voice by the first letter of its name, ``af_heart``; None for a name of another kind."""
    return BY_LETTER.get(name[:1]) if re.match(r"[a-z][fm]_", name) else None


def of_tag(tag: str) -> Language:
    """The language of a tag such as ``en-gb`` or ``pt``; a code alone is the first that has it, and so is another."""
    exact = (language for language in LANGUAGES if language.tag == tag.lower())
    alike = (language for language in LANGUAGES if language.code == tag.lower().partition("-")[0])
    return next(exact, None) or next(alike, LANGUAGES[0])


def of_sentence(text: str, tag: str, spoken: Collection[str]) -> Language:
    """The language of ``text``: that of ``tag`` where it is written so, else the one of ``spoken`` whose script it has.

    Letters of the Latin alphabet alone are English where the language has another script. Takes linear time.
    """
    asked = of_tag(tag)
    counts = {script: _WEIGHTS[script] * len(pattern.findall(text)) for script, pattern in _SCRIPTS.items()}
    # A single の in a Chinese name does not make it Japanese.
    if counts["kana"] and counts["kana"] >= _LEAST_KANA * (counts["kana"] + counts["han"]):
        counts["kana"] += counts.pop("han")
    own = _WRITTEN_IN.get(asked.code, ("latin",))
    most = max(counts, key=counts.__getitem__)
    if not counts[most] or most in own or counts[most] <= 2 * sum(counts.get(script, 0) for script in own):
        return asked
    other = _OF_SCRIPT[most]
    return of_tag(other) if other in spoken else asked
