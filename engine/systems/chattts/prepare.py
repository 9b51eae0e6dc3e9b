"""Text made ready to be spoken well: words for all that has words, marks that the model knows, and nothing lost unsaid.

What the reference makes of a text instead is in `engine.systems.chattts.text`.
"""

import re
import unicodedata
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from unidecode import unidecode

from engine.systems.chattts.text import ALLOWED, clean, language_of
from engine.systems.chattts.tokens import CONTROLS, STRUCTURE, respelled, unknown
from engine.text.normalize import has_english, normalize

_CONTROL = re.compile("(" + "|".join(map(re.escape, CONTROLS)) + ")", re.IGNORECASE)
_STRUCTURE = re.compile("|".join(map(re.escape, STRUCTURE)), re.IGNORECASE)
_BREAK_AT_END = re.compile(r"\[(?:uv_break|v_break|lbreak|llbreak)\][\s.,。，、]*$")
_ENDS, _PAUSES = "。．.!?！？…", "，,、;；:：—–―()（）[]【】{}「」『』《》〈〉<>〔〕|~～・·-－"
_MARKS = re.compile(rf"(?:[{re.escape(_ENDS + _PAUSES)}]|\s)+")
_PAUSES_IN_A_ROW = re.compile("([，,、] ?)(?:[，,、] ?)+")
_SILENT = frozenset("\"'“”‘’‚„`´«»‹›＂＇′″")
_HAN = re.compile("[\u4e00-\u9fff]")
_WORD = re.compile(r"[A-Za-z]+")
_PLAIN = {"zh": {"end": "。", "pause": "，", "gap": " "}, "en": {"end": ". ", "pause": ", ", "gap": " "}}
# A slow reader takes this many frames of 21 ms for each; what goes on beyond that is noise.
_FRAMES = {"least": 94, "character": 24, "word": 42, "break": 47}


@dataclass(frozen=True, slots=True)
class Prepared:
    """A text that the model can read, and what was left out of it, each once."""

    text: str
    left_out: tuple[str, ...] = ()


def prepare(
    text: str,
    *,
    words: bool = True,
    language: str = "",
    homophones: Mapping[str, str] | None = None,
    characters: Collection[str] | None = None,
) -> Prepared:
    """``text`` as it is to be spoken; tokens such as [laugh] stay, those that structure prompts are left out.

    ``words`` puts numbers and symbols in words; without it the reference's rules hold, which delete them.
    ``language`` is zh or en, where the text itself does not tell. ``homophones`` replaces characters, and of the
    Chinese ones those that are not among ``characters`` are left out.
    """
    text = respelled(text)
    read_in = _language(text, language)
    left_out: dict[str, None] = dict.fromkeys((*(match[0] for match in _STRUCTURE.finditer(text)), *unknown(text)))
    for token in unknown(text):
        text = text.replace(token, " ")
    parts = _CONTROL.split(_STRUCTURE.sub(" ", text))
    for index, part in enumerate(parts):
        if index % 2:
            parts[index] = part.lower()
            continue
        worded = _rewritten(part, read_in) if words else part
        if homophones:
            worded = worded.translate(str.maketrans(dict(homophones)))
        parts[index] = "".join(_readable(worded, characters, left_out))
    # What is in words by now may be more of the other language, and then has its marks.
    marked_in = _language("".join(parts), language)
    mark = _marked if words else _cleaned
    parts[::2] = [mark(part, marked_in) for part in parts[::2]]
    joined = _PAUSES_IN_A_ROW.sub(r"\1", re.sub(" {2,}", " ", "".join(parts)).strip())
    return Prepared(re.sub("^[。，、,. ]+", "", joined), tuple(left_out))


def close(text: str) -> str:
    """``text`` with a mark and a long break at its end: what has none is cut off or trails into noise."""
    if not _HAN.search(text) and not _WORD.search(_CONTROL.sub("", text)):
        return text
    if _BREAK_AT_END.search(text):
        return text
    mark = "" if text.rstrip()[-1:] in tuple("。.，,、]") else "。" if language_of(text) == "zh" else "."
    return f"{text.rstrip()}{mark}[lbreak]"


def longest(text: str) -> int:
    """How many frames of codes ``text`` can take even when it is spoken slowly."""
    breaks = len(_CONTROL.findall(text)) + len(re.findall("[。.，,、]", text))
    bare = _CONTROL.sub(" ", text)
    counts = {"character": len(_HAN.findall(bare)), "word": len(_WORD.findall(bare)), "break": breaks}
    return _FRAMES["least"] + sum(_FRAMES[kind] * count for kind, count in counts.items())


def speaks(text: str) -> bool:
    """Whether there is a letter or a character in ``text`` besides its tokens."""
    bare = _CONTROL.sub(" ", text)
    return bool(_HAN.search(bare) or _WORD.search(bare))


def _language(text: str, otherwise: str) -> str:
    """The language of ``text`` besides its tokens: ``otherwise``, unless that is "" or it is all in one of the two."""
    spoken = _CONTROL.sub(" ", text)
    has_characters, has_words = bool(_HAN.search(spoken)), bool(_WORD.search(spoken))
    # A unit, a formula or the name of a model is of no language: 5km is 五千米 in a Chinese text.
    if otherwise and (has_characters == has_words or (has_words and not has_english(spoken))):
        return otherwise
    return language_of(spoken) if has_characters or has_words else "en"


def _is_known(character: str) -> bool:
    return ord(character) < len(ALLOWED) and bool(ALLOWED[ord(character)])


def _rewritten(text: str, language: str) -> str:
    return "".join(_latin(character) for character in normalize(text, language) if character not in _SILENT)


def _latin(character: str) -> str:
    """A letter with an accent without it."""
    if character.isascii() or not unicodedata.name(character, "").startswith("LATIN"):
        return character
    return unidecode(character)


def _readable(text: str, characters: Collection[str] | None, left_out: dict[str, None]) -> Iterator[str]:
    """The characters of ``text`` without those that have a sound but none that the model knows."""
    for character in text:
        is_han = "\u4e00" <= character <= "\u9fff"
        is_mute = unicodedata.category(character)[0] not in "LNS" or _MARKS.match(character) or character in _SILENT
        is_garbled = is_han and characters is not None and character not in characters
        if is_garbled or not (_is_known(character) or is_mute):
            left_out[character] = None
        else:
            yield character


def _marked(text: str, language: str) -> str:
    """``text`` with every run of marks and spaces as one mark of the language; other marks have no sound."""
    read = "".join(character for character in text if _is_known(character) or _MARKS.match(character))
    return _MARKS.sub(lambda run: _one_mark(run, language), read)


def _cleaned(text: str, language: str) -> str:
    return clean(text, language=language)


def _one_mark(run: re.Match[str], language: str) -> str:
    marks, before, after = run[0].strip(), run.string[run.start() - 1 : run.start()], run.string[run.end() :][:1]
    inside_word = before.isascii() and before.isalpha() and after.isascii() and after.isalpha()
    if marks == "." and inside_word and run[0] == ".":
        return "." if language == "en" else " "
    if not marks or (marks in ("-", "－", "·", "・") and before.isalpha() and after.isalpha() and run[0] == marks):
        return _PLAIN[language]["gap"]
    if set(marks) & set(_ENDS):
        return _PLAIN[language]["end"]
    return "、" if marks == "、" else _PLAIN[language]["pause"]
