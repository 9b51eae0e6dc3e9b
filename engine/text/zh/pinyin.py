"""How Chinese characters are pronounced, by the dictionaries of pypinyin (MIT): of characters, and of phrases.

Models were trained with the dictionaries of pypinyin 0.48.0, which had some 800 phrases otherwise than today's, mostly
wrong. What was different is in a file beside the others, made by `differences`, and `published` readings go by it.
"""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from engine.errors import EngineError

SHIPPED = Path(__file__).parents[3] / "assets" / "pinyin_0.48.json"
BOPOMOFO, DIGITS = "bopomofo", "digits"
_HAN_RUN = re.compile("([\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]+)")


@dataclass(frozen=True, slots=True)
class Dictionaries:
    """Readings with marks of tone of ``characters`` and ``phrases``, every beginning of a phrase, and how to cut."""

    characters: Mapping[str, str]
    phrases: Mapping[str, tuple[str, ...]]
    beginnings: frozenset[str]
    cut: "Callable[[str, Dictionaries], Iterator[str]]"


def readings(text: str, style: str, *, published: bool = False) -> list[tuple[str, str | None]]:
    """Each Chinese character of ``text`` with how it is read, and what is between them, with None.

    In ``style`` BOPOMOFO a syllable is ``ㄋㄧˇ``, in DIGITS ``ni3``, where 5 is the neutral tone, which bopomofo writes
    ``˙``. A character that no dictionary has is read None. ``published`` goes by pypinyin 0.48.0. Raises EngineError
    without pypinyin.
    """
    dictionaries = _published() if published else _current()
    spell = spelling(style)
    read: list[tuple[str, str | None]] = []
    for index, run in enumerate(_HAN_RUN.split(text)):
        if index % 2 == 0:
            read += [(run, None)] if run else []
            continue
        for phrase in dictionaries.cut(run, dictionaries):
            syllables = dictionaries.phrases.get(phrase)
            if syllables is None or len(syllables) != len(phrase):
                syllables = tuple(dictionaries.characters.get(character, "") for character in phrase)
            read += [
                (character, spell(syllable) if syllable else None)
                for character, syllable in zip(phrase, syllables, strict=True)
            ]
    return read


def spelling(style: str) -> Callable[[str], str]:
    """How a syllable with marks of tone is written in a style, BOPOMOFO or DIGITS."""
    from pypinyin import Style
    from pypinyin.style import convert

    if style == BOPOMOFO:
        return lambda syllable: convert(syllable, Style.BOPOMOFO, True, default=syllable)
    return lambda syllable: _numbered(convert(syllable, Style.TONE3, True, default=syllable))


def initial_and_final(syllable: str) -> tuple[str, str]:
    """The two halves of a syllable without its tone; y and w are initials, and ``n`` has no final but itself."""
    from pypinyin.style._utils import get_finals, get_initials

    return get_initials(syllable, strict=False), get_finals(syllable, strict=False)


def differences(characters: Mapping[int, str], phrases: Mapping[str, list[list[str]]]) -> dict[str, dict[str, Any]]:
    """What the given dictionaries, pypinyin 0.48.0's, have otherwise than those that are installed; None: not at all.

    ``characters`` are its ``pinyin_dict``, ``phrases`` its ``phrases_dict``.
    """
    from pypinyin.phrases_dict import phrases_dict
    from pypinyin.pinyin_dict import pinyin_dict

    new_characters = {chr(code): _first(listed) for code, listed in pinyin_dict.items()}
    old_characters = {chr(code): _first(listed) for code, listed in characters.items()}
    new_phrases = {phrase: " ".join(each[0] for each in listed) for phrase, listed in phrases_dict.items()}
    old_phrases = {phrase: " ".join(each[0] for each in listed) for phrase, listed in phrases.items()}
    return {
        "characters": _changed(old_characters, new_characters),
        "phrases": _changed(old_phrases, new_phrases),
    }


def _changed(old: Mapping[str, str], new: Mapping[str, str]) -> dict[str, str | None]:
    return {key: old.get(key) for key in sorted(old.keys() | new.keys()) if old.get(key) != new.get(key)}


def _first(listed: str) -> str:
    return listed.split(",")[0]


@lru_cache(maxsize=1)
def _current() -> Dictionaries:
    try:
        from pypinyin.phrases_dict import phrases_dict
        from pypinyin.pinyin_dict import pinyin_dict
    except ImportError as error:
        raise EngineError("reading Chinese needs the package pypinyin; install requirements.txt") from error
    characters = {chr(code): _first(listed) for code, listed in pinyin_dict.items()}
    phrases = {phrase: tuple(each[0] for each in listed) for phrase, listed in phrases_dict.items()}
    return Dictionaries(characters, phrases, _beginnings(phrases), _longest_phrases)


@lru_cache(maxsize=1)
def _published() -> Dictionaries:
    current, old = _current(), json.loads(SHIPPED.read_text(encoding="utf-8"))
    characters = {**current.characters, **old["characters"]}
    phrases = {**current.phrases, **{phrase: read and tuple(read.split()) for phrase, read in old["phrases"].items()}}
    characters = {character: read for character, read in characters.items() if read}
    phrases = {phrase: read for phrase, read in phrases.items() if read}
    return Dictionaries(characters, phrases, _beginnings(phrases), _longest_beginnings)


def _beginnings(phrases: Mapping[str, Any]) -> frozenset[str]:
    return frozenset(phrase[:end] for phrase in phrases for end in range(1, len(phrase) + 1))


def _longest_phrases(run: str, dictionaries: Dictionaries) -> Iterator[str]:
    """Forward maximum matching: the longest phrase from each place on, else the character."""
    at = 0
    while at < len(run):
        end = at + 1
        for stop in range(at + 1, len(run) + 1):
            piece = run[at:stop]
            if piece not in dictionaries.beginnings:
                break
            if piece in dictionaries.phrases:
                end = stop
        yield run[at:end]
        at = end


def _longest_beginnings(run: str, dictionaries: Dictionaries) -> Iterator[str]:
    """As pypinyin 0.48.0 cuts: the longest beginning of a phrase has to be one itself, or only a character is taken.

    A beginning at the very end of a text that is none falls into its characters.
    """
    at = 0
    while at < len(run):
        stop = at + 1
        while stop <= len(run) and run[at:stop] in dictionaries.beginnings:
            stop += 1
        piece = run[at : stop - 1]
        if stop > len(run):
            yield from (piece,) if piece in dictionaries.phrases else piece
            return
        piece = piece if piece in dictionaries.phrases else run[at]
        yield piece
        at += len(piece)


def _numbered(syllable: str) -> str:
    return syllable if syllable[-1:].isdigit() else f"{syllable}5"
