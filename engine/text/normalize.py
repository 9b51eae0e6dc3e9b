"""Text of Chinese, English or both as it is said: every sentence by the rules of its language."""

import re
from collections.abc import Callable, Iterator

from engine.text.normalize_en import ADDRESS, normalize_en
from engine.text.normalize_zh import normalize_zh
from engine.text.zh.quantities import MEASURED, say_few

_HAN = re.compile("[\u3400-\u4dbf\u4e00-\u9fff\U00020000-\U0003ffff]")
_WORD = re.compile(r"(?<![A-Za-z\d])[A-Za-z]+(?:['’][A-Za-z]+)?(?![A-Za-z\d])")
# Marks after which another language may begin, and which no number or address holds; of Chinese, also commas.
_SENTENCE = re.compile(r"(?<=[。！？；，、…\n])|(?<=[.!?;]\s)")
_CLAUSE = re.compile(r"(?<=[,;]\s)|(?<=[,;])(?=[^\d\s])|(?<=[^\d\s][,;])")
_RULES: dict[str, Callable[[str], str]] = {"zh": normalize_zh, "en": normalize_en}
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
_ASCII = re.compile(r"[\x20-\x7e]+")
_PHRASE_START = re.compile(r"[A-Za-z$€£#]")
_NOT_AT_END = "".join(sign for sign in map(chr, range(0x20, 0x7F)) if not sign.isalnum() and sign != "%")
_LOWER = re.compile(r"(?<![A-Za-z\d])[a-z]+(?![A-Za-z\d])")
_BEFORE_POWER = re.compile(r"(?<=\d) (?=[²³])")


def normalize(text: str, language: str = "") -> str:
    """``text`` with numbers, dates, times, money, units, addresses, formulas and symbols in words.

    Each sentence is read by the rules of zh or of en, whichever it has more of; one that has neither (a bare number, a
    quantity, the name of a model) by those of ``language``, or where that is neither, of the whole text. A sentence
    with Chinese in it is Chinese where ``language`` is zh, but for the English phrases in it. What no rule knows stays
    as it is. Takes time linear in the text.
    """
    text = say_few(_BEFORE_POWER.sub("", text.replace("⁄", "/")))
    language = language.lower().replace("_", "-").partition("-")[0]
    fallback = language if language in _RULES else _language_of(text) or "en"
    prefers_zh = language == "zh"
    return "".join(_normalize_sentence(part, fallback, prefers_zh=prefers_zh) for part in _SENTENCE.split(text))


def has_english(text: str) -> bool:
    """Whether ``text`` has a word that is English: no unit behind a number, no address, no name of a product."""
    if not _ENGLISH.search(text):
        return False
    text = _TIME_OF_DAY.sub(" ", MEASURED.sub(" ", ADDRESS.sub(" ", text)))
    words = (word[0].lower() for word in _ENGLISH.finditer(text))
    return any(word not in _BORROWED and (len(word) > 2 or word in _SHORT_WORDS) for word in words)


def _normalize_sentence(sentence: str, fallback: str, *, prefers_zh: bool) -> str:
    if _HAN.search(sentence):
        language = "zh" if prefers_zh else _language_of(sentence)
    else:
        language = "en" if fallback == "en" or has_english(sentence) else fallback
    if language != "zh":
        return _RULES[language](sentence)
    return "".join(_normalize_clause(clause) for clause in _CLAUSE.split(sentence))


def _normalize_clause(clause: str) -> str:
    """A clause of a Chinese sentence, with the English phrases in it."""
    said, at = [], 0
    for start, end in _phrases(clause):
        words = ADDRESS.sub(" ", clause[start:end])
        if len(_WORD.findall(words)) >= _PHRASE_WORDS and len(_LOWER.findall(words)) >= _PHRASE_WORDS - 1:
            said += [normalize_zh(clause[at:start]), normalize_en(clause[start:end])]
            at = end
    return "".join([*said, normalize_zh(clause[at:])])


def _phrases(clause: str) -> Iterator[tuple[int, int]]:
    """Where the stretches of ASCII lie that begin with a letter or a currency and end with a letter or digit."""
    for stretch in _ASCII.finditer(clause):
        first = _PHRASE_START.search(stretch[0])
        if first and (end := len(stretch[0].rstrip(_NOT_AT_END))) > first.start():
            yield stretch.start() + first.start(), stretch.start() + end


def _language_of(text: str) -> str:
    """'zh' when there are as many Chinese characters as Latin words, '' when there are neither, else 'en'."""
    text = ADDRESS.sub(" ", text)
    characters, words = len(_HAN.findall(text)), len(_WORD.findall(text))
    return "" if not characters and not words else "zh" if characters >= words else "en"
