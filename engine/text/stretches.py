"""Which language each part of a text is in: by its tags, its scripts, and for Chinese characters what is around them.

docs/systems/vallex.md#languages
"""

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from engine.text.normalize import has_english
from engine.text.script import is_of_japan

_HAN = re.compile("[\u3005-\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")
_KANA = re.compile("[\u3041-\u3096\u309d\u309e\u30a1-\u30fa\u30fc-\u30fe\u31f0-\u31ff\uff66-\uff9f]")
_LATIN = "A-Za-z\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u024f\u1e00-\u1eff"
_WORD = re.compile(f"[{_LATIN}]+")
# Letters of one language alone.
_OWN = {"ko": re.compile("[\u1100-\u11ff\u3131-\u318e\uac00-\ud7a3]"), "sa": re.compile("[\u0900-\u0963\u0970-\u097f]")}
# Words of Latin letters in a row are one run.
_RUN = re.compile(
    f"(?P<latin>[{_LATIN}]+(?:[ '’-][{_LATIN}]+)*)|(?P<han>{_HAN.pattern}+)|(?P<kana>{_KANA.pattern}+)|"
    + "|".join(f"(?P<{code}>{letters.pattern}+)" for code, letters in _OWN.items())
)
_LOWER = re.compile("[a-z]{2}")
_TAG = re.compile(r"\[(EN|ZH|JA|KO|SA)\]")
_SENTENCE = re.compile(r"(?<=[。！？｡\n])|(?<=[.!?…][ \t])|(?<=[!?](?=[^\s!?'\"”’」』)）]))")
# So much of a text is kana in Japanese; a single の in a Chinese name is none.
_KANA_SHARE = 0.1
_LEAST_KANA = 2


# Those that are told apart where nobody says which.
LANGUAGES = ("en", "zh", "ja")
# In these names in capitals are read letter by letter.
_SPELLS_CAPITALS = ("ja", "ko")


class Stretch(NamedTuple):
    """Sentences in one language, and whether they begin a line."""

    text: str
    language: str
    begins_line: bool


def stretches(text: str, language: str = "", languages: Sequence[str] = LANGUAGES) -> list[Stretch]:
    """``text`` by stretches of sentences in one language, without tags; nothing else is left out. Takes linear time.

    ``language`` is that of Chinese characters, or of digits, of which nothing else tells. ``languages`` are those that
    are told apart: any of en, zh, ja, ko and sa, or a single one of any code.
    """
    found: list[Stretch] = []
    language = language if language in languages else ""
    for part, named in _tagged(text):
        tag = named if named in languages else ""
        japanese = (tag or language) == "ja" or ((tag or language) != "zh" and _is_japanese(part))
        for sentence in _SENTENCE.split(part):
            spoken = _language_of(sentence, tag, otherwise=language, japanese=japanese)
            spoken = _own(sentence, languages) or (spoken if spoken in languages else tag)
            if not spoken:
                spoken = found[-1].language if found else tag or language or languages[0]
            before = found[-1] if found else None
            if before and before.language == spoken:
                found[-1] = Stretch(before.text + sentence, spoken, before.begins_line)
            elif sentence:
                found.append(Stretch(sentence, spoken, not before or before.text.endswith("\n")))
    return found


def runs(text: str, language: str, languages: Sequence[str] = LANGUAGES) -> Iterator[tuple[str, str]]:
    """The runs of letters in one of ``languages``, with the marks behind them; those before the first are its own.

    In a Japanese or Korean sentence names in capitals alone are of its language, as there they are read letter by
    letter.
    """
    start, spoken = 0, ""
    for match in _RUN.finditer(text):
        if match["latin"]:
            found = "en" if language not in _SPELLS_CAPITALS or _LOWER.search(match[0]) else language
        elif match["han"] or match["kana"]:
            found = "ja" if match["kana"] or (language == "ja" and is_of_japan(match[0])) else "zh"
        else:
            found = match.lastgroup or ""
        found = found if found in languages else language
        if spoken and found != spoken:
            yield spoken, text[start : match.start()]
            start = match.start()
        spoken = found
    yield spoken or language, text[start:]


def _tagged(text: str) -> Iterator[tuple[str, str]]:
    """The text between tags, each with the language that its tag names, "" for none; a tag again ends what it began."""
    at, tag = 0, ""
    for match in _TAG.finditer(text):
        if match.start() > at:
            yield text[at : match.start()], tag
        named = match[1].lower()
        at, tag = match.end(), "" if named == tag else named
    if at < len(text):
        yield text[at:], tag


def _language_of(sentence: str, tag: str, *, otherwise: str, japanese: bool) -> str:
    """Of a sentence; "" where it has no letters, or none that tell."""
    kana, han = len(_KANA.findall(sentence)), len(_HAN.findall(sentence))
    words = len(_WORD.findall(sentence))
    is_kana = not han or (tag or otherwise) == "ja" or (kana >= _LEAST_KANA and kana >= _KANA_SHARE * (kana + han))
    if kana and is_kana and kana + han >= words:
        return "ja"
    if han and (han >= words or (tag or otherwise) == "zh"):
        return "ja" if japanese and is_of_japan(sentence) else "zh"
    if tag:
        return tag
    return "en" if words and (han or kana or not (otherwise or japanese) or has_english(sentence)) else ""


def _own(sentence: str, languages: Sequence[str]) -> str:
    """The language that most letters of a sentence are of, if it has letters of its own; "" for another."""
    for code in languages:
        letters = len(_OWN[code].findall(sentence)) if code in _OWN else 0
        if letters and letters >= len(_HAN.findall(sentence)) + len(_KANA.findall(sentence)):
            return code if letters >= len(_WORD.findall(sentence)) else ""
    return ""


def _is_japanese(text: str) -> bool:
    """Whether a text is Japanese on the whole, so that a sentence without kana is, too."""
    kana, han = len(_KANA.findall(text)), len(_HAN.findall(text))
    return kana >= _LEAST_KANA and kana > 2 * _KANA_SHARE * (kana + han)
