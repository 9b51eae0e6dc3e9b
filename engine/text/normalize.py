"""Text of Chinese, English or both as it is said: every sentence by the rules of its language."""

import re
from collections.abc import Callable

from engine.text.normalize_en import ADDRESS, normalize_en
from engine.text.normalize_zh import normalize_zh

_HAN = re.compile("[\u3400-\u4dbf\u4e00-\u9fff]")
_WORD = re.compile(r"[A-Za-z]+(?:['’][A-Za-z]+)?")
# Marks after which another language may begin, and which no number or address holds.
_SENTENCE = re.compile(r"(?<=[。！？；，、…\n])|(?<=[.!?;]\s)")
_RULES: dict[str, Callable[[str], str]] = {"zh": normalize_zh, "en": normalize_en}
# An English phrase within a Chinese sentence is said in English from this many words on: "iPhone 15 Pro" is none.
_PHRASE_WORDS = 3
_PHRASE = re.compile(r"[A-Za-z$€£#][\x20-\x7e]*[A-Za-z0-9%]")


def normalize(text: str, language: str = "") -> str:
    """``text`` with numbers, dates, times, money, units, addresses, formulas and symbols in words.

    Each sentence is read by the rules of zh or of en, whichever it has more of; one that has neither (a bare number)
    by those of ``language``, or where that is neither, of the whole text. What no rule knows stays as it is.
    """
    language = language.lower().replace("_", "-").partition("-")[0]
    fallback = language if language in _RULES else _language_of(text) or "en"
    return "".join(_normalize_sentence(part, fallback) for part in _SENTENCE.split(text))


def _normalize_sentence(sentence: str, fallback: str) -> str:
    language = _language_of(sentence) or fallback
    if language != "zh":
        return _RULES[language](sentence)
    said, at = [], 0
    for match in _PHRASE.finditer(sentence):
        if len(_WORD.findall(match[0])) >= _PHRASE_WORDS:
            said += [normalize_zh(sentence[at : match.start()]), normalize_en(match[0])]
            at = match.end()
    return "".join([*said, normalize_zh(sentence[at:])])


def _language_of(text: str) -> str:
    """'zh' when there are as many Chinese characters as Latin words, '' when there are neither, else 'en'."""
    text = ADDRESS.sub(" ", text)
    characters, words = len(_HAN.findall(text)), len(_WORD.findall(text))
    return "" if not characters and not words else "zh" if characters >= words else "en"
