"""A run of text in words, in one language, as IPA in the symbols of the model; what of it has no sound is told."""

import re
from collections.abc import Callable
from typing import NamedTuple

from engine.text import marks
from engine.text.en import dictionary
from engine.text.ja import romaji
from engine.text.ja.open_jtalk import is_mute
from engine.text.zh import bopomofo
from engine.text.zh.pinyin import BOPOMOFO, readings
from engine.text.zh.words import words as chinese_words

_CHINESE = re.compile("[\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]+")
_JAPANESE = re.compile(r"[A-Za-z0-9\u3005\u3040-\u30fa\u30fc-\u30ff\u4e00-\u9fff]+")


class Said(NamedTuple):
    """The IPA of a run, with marks and spaces, and the characters that it has nothing for, each once."""

    ipa: str
    left_out: tuple[str, ...]


def read_english(text: str) -> Said:
    """By the dictionary, and by espeak what that lacks: a compound by its parts, a name or initials as it is."""
    return _read(dictionary.plain(text), dictionary.WORD, dictionary.sound, dictionary.ipa)


def read_chinese(text: str) -> Said:
    """By jieba's words and pypinyin's readings. Raises EngineError where one is missing."""
    return _read(text, _CHINESE, lambda match: _chinese(match[0]), bopomofo.ipa)


def read_japanese(text: str) -> Said:
    """By Open JTalk. Raises PackageMissing where the optional package is missing."""
    return _read(text, _JAPANESE, lambda match: _japanese(match[0]), romaji.ipa)


READERS: dict[str, Callable[[str], Said]] = {"en": read_english, "zh": read_chinese, "ja": read_japanese}


def _read(
    text: str,
    letters: re.Pattern[str],
    sound: Callable[[re.Match[str]], str | tuple[str, str]],
    finish: Callable[[str], str],
) -> Said:
    """Runs of ``letters`` through ``sound``, and what is between them as marks."""
    said, lost, at = "", [], 0
    for match in letters.finditer(text):
        between, unread = marks.between_words(text[at : match.start()])
        found = sound(match)
        sounds, missing = found if isinstance(found, tuple) else (found, "")
        if not any(map(str.isalpha, sounds)):
            missing = match[0]
        lost += [*unread, *missing]
        said += (between or (" " if at and match.start() > at else "")) + sounds
        at = match.end()
    between, unread = marks.between_words(text[at:])
    return Said(finish(marks.single(said + between)), tuple(dict.fromkeys((*lost, *unread))))


def _chinese(run: str) -> tuple[str, str]:
    """Bopomofo of a run of characters, and those that no dictionary has."""
    unread: list[str] = []

    def read(word: str) -> str:
        found = readings(word, BOPOMOFO)
        unread.extend(character for character, syllable in found if syllable is None)
        return "".join(bopomofo.with_first_tone(syllable) for _, syllable in found if syllable)

    return " ".join(filter(None, map(read, chinese_words(run)))), "".join(unread)


def _japanese(run: str) -> tuple[str, str]:
    """Phonemes of a run, and the Chinese characters of it that Open JTalk cannot read."""
    return romaji.romaji(run), "".join(sign for sign in dict.fromkeys(run) if _CHINESE.match(sign) and is_mute(sign))
