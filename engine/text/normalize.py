"""Text of Chinese, English or both as it is said: every sentence by the rules of its language."""

import re
import string
from collections.abc import Iterator
from itertools import groupby

from engine.text.addresses import ADDRESS
from engine.text.markup import plain
from engine.text.normalize_en import normalize_en
from engine.text.normalize_zh import normalize_zh
from engine.text.sanitize import ascii_digits
from engine.text.zh.quantities import MEASURED, say_few

_HAN = re.compile("[\u3400-\u4dbf\u4e00-\u9fff\U00020000-\U0003ffff]")
_WORD = re.compile(r"(?<![A-Za-z\d])[A-Za-z]+(?:['’][A-Za-z]+)?(?![A-Za-z\d])")
# Marks after which another language may begin, and which no number or address holds; of Chinese, also commas.
_SENTENCE = re.compile(r"(?<=[。！？；，、…\n])|(?<=[.!?;]\s)")
_CLAUSE = re.compile(r"(?<=[,;]\s)|(?<=[,;])(?=[^\d\s])|(?<=[^\d\s][,;])")
_LANGUAGES = ("zh", "en")
# A word that is English and no unit, name of a thing or abbreviation, as 20kg, iPhone and QQ are.
_ENGLISH = re.compile(r"(?<![A-Za-z\d'’\-.])[A-Za-z]?[a-z]{2,}(?![A-Za-z\d])")
# Of two letters, these are words; ax and bx are of a formula.
_SHORT_WORDS = frozenset(
    (
        "am", "an", "as", "at", "be", "by", "do", "go", "he", "hi", "if", "in", "is", "it", "me", "my", "no", "of",
        "oh", "ok", "on", "or", "so", "to", "up", "us", "we",
    )
)  # fmt: skip
# Words that Chinese takes as they are: names of things that come with numbers, and of functions.
_BORROWED = frozenset(
    (
        "windows", "office", "python", "java", "android", "linux", "ubuntu", "galaxy", "pixel", "xbox",
        "chrome", "mac", "firefox", "excel", "word", "pad", "vue", "react", "node", "docker", "spring",
        "bluetooth", "type", "pro", "max", "plus", "ultra", "mini", "air", "note", "model", "mate", "nova",
        "claude", "gemini", "llama", "qwen", "deepseek", "chat", "gpt", "sin", "cos", "tan", "log", "ln",
        "lim", "exp", "mod", "min", "arcsin", "arccos", "arctan", "am", "pm", "vs", "https", "http", "www",
        "vol", "ver", "version",
    )
)  # fmt: skip
_TIME_OF_DAY = re.compile(r"(?<=\d)\s?[ap]\.?m\b", re.IGNORECASE)
# An English phrase within a Chinese sentence is said in English from this many words on: "iPhone 15 Pro" is none.
_PHRASE_WORDS = 3
_PHRASE = re.compile(r"[A-Za-z$€£#][\x20-\x7e]*+")
_ENDS_NO_PHRASE = "".join(set(string.punctuation) - {"%"}) + " "
_LOWER = re.compile(r"(?<![A-Za-z\d])[a-z]+(?![A-Za-z\d])")
_BEFORE_POWER = re.compile(r"(?<=\d) (?=[²³])")


def normalize(text: str, language: str = "", *, contractions: bool = True) -> str:
    """``text`` with numbers, dates, times, money, units, addresses, formulas and symbols in words.

    What only formats it (Markdown, tags, tables) is gone. Each sentence is read by the rules of zh or of en, whichever
    it has more of; one that has neither (a bare number, a quantity, the name of a model) by those of ``language``, or
    where that is neither, of the whole text. A sentence with Chinese in it is Chinese where ``language`` is zh, but for
    the English phrases in it. English ``contractions`` are written out, unless the reader knows apostrophes. What no
    rule knows stays as it is. Takes time linear in the text.
    """
    text = say_few(_BEFORE_POWER.sub("", plain(ascii_digits(text)).replace("⁄", "/")))
    language = language.lower().replace("_", "-").partition("-")[0]
    fallback = language if language in _LANGUAGES else _language_of(text) or "en"
    prefers_zh = language == "zh"
    said = []
    # English sentences in a row are read together: what an abbreviation means shows in what follows its full stop.
    sentences = groupby(
        _SENTENCE.split(text), lambda part: _language_of_sentence(part, fallback, prefers_zh=prefers_zh)
    )
    for sentence_language, parts in sentences:
        if sentence_language == "en":
            said.append(normalize_en("".join(parts), contractions=contractions))
        else:
            said += [_normalize_clause(clause, contractions) for part in parts for clause in _CLAUSE.split(part)]
    return "".join(said)


def has_english(text: str) -> bool:
    """Whether ``text`` has a word that is English: no unit behind a number, no address, no name of a product."""
    if not _ENGLISH.search(text):
        return False
    text = _TIME_OF_DAY.sub(" ", MEASURED.sub(" ", ADDRESS.sub(" ", text)))
    words = (word[0].lower() for word in _ENGLISH.finditer(text))
    return any(word not in _BORROWED and (len(word) > 2 or word in _SHORT_WORDS) for word in words)


def _language_of_sentence(sentence: str, fallback: str, *, prefers_zh: bool) -> str:
    if _HAN.search(sentence):
        return "zh" if prefers_zh else _language_of(sentence)
    return "en" if fallback == "en" or has_english(sentence) else fallback


def _normalize_clause(clause: str, contractions: bool) -> str:
    """A clause of a Chinese sentence, with the English phrases in it."""
    said, at = [], 0
    for start, end in _phrases(clause):
        words = ADDRESS.sub(" ", clause[start:end])
        if len(_WORD.findall(words)) >= _PHRASE_WORDS and len(_LOWER.findall(words)) >= _PHRASE_WORDS - 1:
            said += [normalize_zh(clause[at:start]), normalize_en(clause[start:end], contractions=contractions)]
            at = end
    return "".join([*said, normalize_zh(clause[at:])])


def _phrases(clause: str) -> Iterator[tuple[int, int]]:
    """Where the stretches of ASCII lie that begin with a letter or a currency and end with a letter, a digit or %."""
    for match in _PHRASE.finditer(clause):
        phrase = match[0].rstrip(_ENDS_NO_PHRASE)
        if len(phrase) > 1:
            yield match.start(), match.start() + len(phrase)


def _language_of(text: str) -> str:
    """'zh' when there are as many Chinese characters as Latin words, '' when there are neither, else 'en'."""
    text = ADDRESS.sub(" ", text)
    characters, words = len(_HAN.findall(text)), len(_WORD.findall(text))
    return "" if not characters and not words else "zh" if characters >= words else "en"
