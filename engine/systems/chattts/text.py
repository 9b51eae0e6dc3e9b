"""Our front end: text cut into pieces that the model speaks well, and each made ready to be spoken.

All that has words is put in words, marks are those that the model knows, and what is left out is reported. What the
reference makes of a text instead is in `engine.systems.chattts.compat`.
"""

import re
import unicodedata
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from unidecode import unidecode

from engine.request import Segment
from engine.systems.chattts.characters import ALLOWED, HAN, WORD, language_of
from engine.systems.chattts.tokens import CONTROL, CONTROLS, STRUCTURE, UNKNOWN, respelled, unknown
from engine.text.normalize import has_english, normalize
from engine.text.segment import PARAGRAPH_PAUSE_S, split

# A line of dashes separates texts that are spoken side by side.
_BETWEEN_TEXTS = re.compile(r"^[ \t]*---[ \t]*$", re.MULTILINE)
# The refining stage writes Chinese with spaces between its characters, which have no sound.
_BETWEEN_CHARACTERS = re.compile(
    "(?<=[\u4e00-\u9fff，。、,.]) +(?=[\u4e00-\u9fff])|(?<=[\u4e00-\u9fff]) +(?=[，。、,.])"
)
_LETTER, _LONG_WORD = re.compile("[A-Za-z\u4e00-\u9fff]"), re.compile("[A-Za-z]{3}")
_MAX_CHARS = 200
# Pieces below this are spoken together with a neighbour of the same paragraph, up to the limit.
_SHORT, _LIMIT = {"zh": 10, "en": 30}, {"zh": 80, "en": 200}

_STRUCTURE = re.compile("|".join(map(re.escape, STRUCTURE)), re.IGNORECASE)
_TOKEN = re.compile("(" + "|".join((*map(re.escape, (*CONTROLS, *STRUCTURE)), UNKNOWN.pattern)) + ")", re.IGNORECASE)
_BREAK_AT_END = re.compile(r"\[(?:uv_break|v_break|lbreak|llbreak)\][\s.,。，、]*$")
_ENDS, _PAUSES = "。．.!?！？…", "，,、;；:：—–―()（）[]【】{}「」『』《》〈〉<>〔〕|~～・·-－"
_MARKS = re.compile(rf"(?:[{re.escape(_ENDS + _PAUSES)}]|\s)+")
_PAUSES_IN_A_ROW = re.compile("([，,、] ?)(?:[，,、] ?)+")
_SILENT = frozenset("\"'“”‘’‚„`´«»‹›＂＇′″")
_PLAIN = {"zh": {"end": "。", "pause": "，", "gap": " "}, "en": {"end": ". ", "pause": ", ", "gap": " "}}


def texts(text: str) -> list[str]:
    """The texts that lines of ``---`` separate; one where there are none."""
    parts = _BETWEEN_TEXTS.split(text)
    return parts if len(parts) == 1 else [part.strip("\n") for part in parts]


def pieces(text: str, language: str = "") -> list[Segment]:
    """The pieces of one text, each with the pause after it, and with the language that it is in.

    What has Chinese and English in it is in the language that the whole text has more of; what has no letters, in
    ``language``.
    """
    # A token that was written with a space must not be cut there.
    text = _BETWEEN_CHARACTERS.sub("", respelled(text))
    language = _language_of_text(text, language)
    merged: list[Segment] = []
    # Sound leaves while a piece is still being made, so the first need not be short.
    for piece in split(text, language, first_max_chars=_MAX_CHARS, max_chars=_MAX_CHARS):
        own = _language_of_piece(piece.text, language)
        piece = Segment(text=piece.text, language=own, pause_s=piece.pause_s)
        if merged and _belong_together(merged[-1], piece):
            before = merged.pop()
            joint = " " if before.text[-1:].isascii() and piece.text[:1].isascii() else ""
            piece = Segment(text=before.text + joint + piece.text, language=before.language, pause_s=piece.pause_s)
        merged.append(piece)
    return merged


def whole(text: str, language: str = "") -> Segment:
    """One text as one piece."""
    return Segment(text=text, language=_language_of_text(text, language))


def with_pauses_between(groups: Sequence[Sequence[Segment]]) -> list[Segment]:
    """The pieces of several texts in a row, with a paragraph's pause between two texts."""
    row: list[Segment] = []
    for group in filter(None, groups):
        if row:
            last = row[-1]
            row[-1] = Segment(text=last.text, language=last.language, pause_s=PARAGRAPH_PAUSE_S)
        row += group
    return row


@dataclass(frozen=True, slots=True)
class Prepared:
    """A text that the model can read, what was left out of it, each once, and its ``words`` without homophones."""

    text: str
    left_out: tuple[str, ...] = ()
    words: str = ""


def in_words(text: str, language: str = "") -> str:
    """``text`` with all that has words in words, tokens apart; in ``language`` where the text does not tell.

    To be called before a text is cut: what an abbreviation or a mark means shows in what is around it. What is in words
    already stays as it is.
    """
    text = respelled(text)
    read_in = _language(text, language)
    parts = _TOKEN.split(text)
    parts[::2] = [normalize(part, read_in) for part in parts[::2]]
    return "".join(parts)


def prepare(
    text: str,
    *,
    words: bool = True,
    language: str = "",
    homophones: Mapping[str, str] | None = None,
    characters: Collection[str] | None = None,
) -> Prepared:
    """``text`` as it is to be spoken; tokens such as [laugh] stay, those that structure prompts or that the model does
    not have are left out.

    ``words`` puts numbers and symbols in words; without it the reference's rules hold, which delete them.
    ``language`` is zh or en, where the text itself does not tell. ``homophones`` replaces characters, and of the
    Chinese ones those that are not among ``characters`` are left out.
    """
    text = respelled(text)
    read_in = _language(text, language)
    left_out: dict[str, None] = dict.fromkeys((*(match[0] for match in _STRUCTURE.finditer(text)), *unknown(text)))
    for token in unknown(text):
        text = text.replace(token, " ")
    parts = CONTROL.split(_STRUCTURE.sub(" ", text))
    for index, part in enumerate(parts):
        if index % 2:
            parts[index] = part.lower()
            continue
        worded = _rewritten(part, read_in) if words else part
        parts[index] = "".join(_readable(worded, homophones or {}, characters, left_out))
    table = {ord(each): homophones[each] for each in set("".join(parts)) if each in homophones} if homophones else {}
    spelled = [part if index % 2 else part.translate(table) for index, part in enumerate(parts)]
    # What is in words by now may be more of the other language, and then has its marks.
    marked_in = _language("".join(spelled), language)
    text = _joined(spelled, marked_in, words=words)
    return Prepared(text, tuple(left_out), _joined(parts, marked_in, words=words, spared=table) if table else text)


def close(text: str) -> str:
    """``text`` with a mark and a long break at its end: what has none is cut off or trails into noise."""
    if not HAN.search(text) and not WORD.search(CONTROL.sub("", text)):
        return text
    if _BREAK_AT_END.search(text):
        return text
    mark = "" if text.rstrip()[-1:] in tuple("。.，,、]") else "。" if language_of(text) == "zh" else "."
    return f"{text.rstrip()}{mark}[lbreak]"


def speaks(text: str) -> bool:
    """Whether there is a letter or a character in ``text`` besides its tokens."""
    bare = CONTROL.sub(" ", text)
    return bool(HAN.search(bare) or WORD.search(bare))


def _language_of_text(text: str, language: str) -> str:
    """What has no letters, or none but those of units and names, is in ``language``."""
    if language and not HAN.search(text) and not has_english(text):
        return language
    return language_of(text) if _LETTER.search(text) else language or "en"


def _language_of_piece(text: str, language: str) -> str:
    has_characters, has_words = bool(HAN.search(text)), bool(_LONG_WORD.search(text)) and has_english(text)
    if has_characters == has_words:
        return language
    return "zh" if has_characters else "en"


def _belong_together(before: Segment, after: Segment) -> bool:
    short, limit = _SHORT[after.language], _LIMIT[after.language]
    return (
        before.pause_s < PARAGRAPH_PAUSE_S
        and min(len(before.text), len(after.text)) < short
        and len(before.text) + len(after.text) < limit
    )


def _language(text: str, otherwise: str) -> str:
    """The language of ``text`` besides its tokens: ``otherwise``, unless that is "" or it is all in one of the two."""
    spoken = CONTROL.sub(" ", text)
    has_characters, has_words = bool(HAN.search(spoken)), bool(WORD.search(spoken))
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


def _readable(
    text: str, homophones: Mapping[str, str], characters: Collection[str] | None, left_out: dict[str, None]
) -> Iterator[str]:
    """The characters of ``text`` without those that have a sound but none that the model knows, nor their homophone."""
    for written in text:
        character = homophones.get(written, written)
        is_han = "\u4e00" <= character <= "\u9fff"
        is_mute = unicodedata.category(character)[0] not in "LNS" or _MARKS.match(character) or character in _SILENT
        is_garbled = is_han and characters is not None and character not in characters
        if is_garbled or not (_is_known(character) or is_mute):
            left_out[written] = None
        else:
            yield written


def _joined(parts: Sequence[str], language: str, *, words: bool, spared: Collection[int] = ()) -> str:
    """Texts and, at odd places, tokens as one text with the marks of the language."""
    marked = [
        part if index % 2 else _marked(part, language, spared) if words else _cleaned(part, language)
        for index, part in enumerate(parts)
    ]
    joined = _PAUSES_IN_A_ROW.sub(r"\1", re.sub(" {2,}", " ", "".join(marked)).strip())
    return re.sub("^[。，、,. ]+", "", joined)


def _marked(text: str, language: str, spared: Collection[int]) -> str:
    """``text`` with every run of marks and spaces as one mark of the language; other marks have no sound.

    What the model does not know goes, but for the code points that are ``spared``.
    """
    read = "".join(
        character for character in text if _is_known(character) or _MARKS.match(character) or ord(character) in spared
    )
    return _MARKS.sub(lambda run: _one_mark(run, language), read)


def _cleaned(text: str, language: str) -> str:
    # It does more than to read, and so imports torch.
    from engine.systems.chattts.compat import clean

    return clean(text, language=language)


def _one_mark(run: re.Match[str], language: str) -> str:
    marks, before = run[0].strip(), run.string[run.start() - 1 : run.start()]
    after = run.string[run.end() : run.end() + 1]
    inside_word = before.isascii() and before.isalpha() and after.isascii() and after.isalpha()
    if marks == "." and inside_word and run[0] == ".":
        return "." if language == "en" else " "
    if not marks or (marks in ("-", "－", "·", "・") and before.isalpha() and after.isalpha() and run[0] == marks):
        return _PLAIN[language]["gap"]
    if set(marks) & set(_ENDS):
        return _PLAIN[language]["end"]
    return "、" if marks == "、" else _PLAIN[language]["pause"]
