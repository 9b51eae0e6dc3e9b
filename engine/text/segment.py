"""Long text cut into what is spoken in one breath, each piece with the pause that follows it."""

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from engine.request import Segment
from engine.text.sanitize import is_spoken

PARAGRAPH_PAUSE_S = 0.6
SENTENCE_PAUSE_S = 0.28
STRONG_CLAUSE_PAUSE_S = 0.16
CLAUSE_PAUSE_S = 0.1

# A character of these scripts takes two to three times as long to say as a Latin letter.
_DENSITY = {"zh": 0.4, "ja": 0.4, "ko": 0.5}
# A sentence shorter than this is spoken together with its neighbour: models garble very short inputs.
_SHORT = 12
# What is spoken first by itself, so as to be heard soon, has at least so many characters.
_SHORTEST_CLAUSE = 20
# Sentences in brackets are not cut from each other, unless the brackets hold more than this.
_LONGEST_ASIDE = 120

_CJK = "\u2e80-\u9fff\uac00-\ud7ff\uf900-\ufaff\uff66-\uff9f\U00020000-\U0003ffff"
_IS_CJK = re.compile(f"[{_CJK}]")
_CLOSERS = "\"'”’»›)\\]}」』）】》〉〕"
_SCRIPT_CHANGE = re.compile(rf"(?<=[{_CJK}])(?=[A-Za-z0-9])|(?<=[A-Za-z0-9])(?=[{_CJK}])")
_SENTENCE_END = re.compile(rf"(?P<mark>[.!?…。！？｡．؟۔।॥‼⁇⁈⁉]+)(?P<closers>[{_CLOSERS}]*)")
_CLAUSE_END = re.compile(rf"(?P<mark>[,;:，；：、､،؛—–]+)[{_CLOSERS}]*|\s(?P<dash>--?)(?=\s)")
_JOINING_WORD = re.compile(
    r"\s(?=(?:and|or|but|nor|so|yet|because|although|though|while|when|where|which|who|that|if|unless|until|since|"
    r"before|after|with|without|from|into|through|for|in|on|at|to|of|by)\s)",
    re.IGNORECASE,
)
_LAST_WORD = re.compile(r"[^\s(\[{\"'“‘«]*$")
_NEXT_WORD = re.compile(r"[\s\"'“‘«(\[]*([^\W_]*)")
_BRACKETS = {")": "(", "]": "[", "}": "{", "）": "(", "】": "【", "」": "「", "』": "『", "》": "《"}
_OPENING = frozenset("([{（【「『《")
_BRACKET = re.compile("[" + re.escape("".join((*_BRACKETS, *sorted(_OPENING)))) + "]")


def _words(words: str) -> frozenset[str]:
    return frozenset(words.split())


# After these a full stop never ends a sentence ...
_TITLES = _words("mr mrs ms dr prof rev hon gen col maj capt lt sgt cpl adm sen rep gov pres st mt fr messrs mme")
# ... after these it does when what follows starts as sentences do ...
_SHORTENED = _words("jr sr co corp inc ltd esq etc vs dept est approx ave blvd rd bros e.g i.e cf al ft ph.d")
# ... and after these it does not when a number follows.
_NUMBERED = _words(
    "no nos vol fig figs p pp ch sec art ca jan feb mar apr jun jul aug sep sept oct nov dec op eq ver v"
)
_STARTERS = _words(
    "the a an i he she it we they you this that these those there here his her its our their my your but and so then "
    "in on at if when while after before what who why how where now for as no yes"
)


class _Span(NamedTuple):
    """A stretch of a paragraph, and the pause that its end asks for."""

    start: int
    end: int
    pause_s: float

    def __len__(self) -> int:
        return self.end - self.start


def split(
    text: str, language: str, *, max_chars: int = 200, first_max_chars: int = 80, join_below: int = _SHORT
) -> list[Segment]:
    """Segments of at most ``max_chars`` characters, the first of at most ``first_max_chars``, in order.

    Lines are paragraphs. A paragraph is cut at the ends of its sentences, a sentence that is too long at its clauses,
    then before joining words, then at spaces, then between Chinese and Latin letters, and a word that is too long where
    the limit falls. The first segment is
    short so that its sound is there soon. Sentences shorter than ``join_below`` join a neighbour. ``language`` is a
    code such as en or zh-CN: the limits are lower where a character takes longer to say. Each segment carries the pause
    after it in seconds; the last has none. White space at the cuts and pieces without anything to say are left out;
    nothing else is. Takes time linear in the text.
    """
    density = _DENSITY.get(language.lower().replace("_", "-").partition("-")[0], 1.0)
    limit = max(1, round(max_chars * density))
    first_limit = min(limit, max(1, round(first_max_chars * density)))
    segments: list[Segment] = []
    for paragraph in text.splitlines():
        paragraph = " ".join(paragraph.split())
        spans = list(_spans(paragraph, limit, limit if segments else first_limit, round(join_below * density)))
        for index, span in enumerate(spans):
            piece = paragraph[span.start : span.end].strip()
            pause_s = PARAGRAPH_PAUSE_S if index == len(spans) - 1 else span.pause_s
            segments.append(Segment(text=piece, language=language, pause_s=pause_s))
    if segments:
        last = segments[-1]
        segments[-1] = Segment(text=last.text, language=last.language, pause_s=0.0)
    return segments


def hurried(segments: Sequence[Segment], *, max_chars: int = 60) -> list[Segment]:
    """The same segments, but of a first one that is longer than ``max_chars`` a clause at its beginning by itself.

    So its sound is there sooner, at the cost of a pause where a mark stands anyway. What has no mark in that stretch
    stays whole, and so does what would leave a very short piece. A Chinese or Japanese character counts as several.
    """
    if not segments:
        return []
    first, *rest = segments
    text, whole = first.text, _weight(first.text)
    if whole <= max_chars:
        return list(segments)
    for at, pause_s in _clause_ends(text[: max_chars + 1]):
        if _SHORTEST_CLAUSE <= _weight(text[:at]) <= min(max_chars, whole - _SHORTEST_CLAUSE):
            begun = Segment(text=text[:at].strip(), language=first.language, pause_s=pause_s)
            return [begun, Segment(text=text[at:].strip(), language=first.language, pause_s=first.pause_s), *rest]
    return list(segments)


def sentences(text: str) -> list[str]:
    """The sentences of ``text``, whatever their length, each line by itself. Takes time linear in the text."""
    paragraphs = (" ".join(line.split()) for line in text.splitlines())
    return [paragraph[span.start : span.end].strip() for paragraph in paragraphs for span in _sentences(paragraph)]


def _weight(text: str) -> float:
    """How many Latin letters take as long to say."""
    return len(text) + (1 / _DENSITY["zh"] - 1) * len(_IS_CJK.findall(text))


def _spans(paragraph: str, limit: int, first_limit: int, short: int) -> Iterator[_Span]:
    """The final spans of one paragraph: cut to the limits, those below ``short`` merged, unspeakable ones dropped."""
    pending: _Span | None = None
    room = first_limit
    for span in _cut_all(paragraph, limit, first_limit):
        if not _speaks(paragraph, span):
            # Marks alone belong to what they follow, as long as there is room.
            if pending is not None and span.end - pending.start <= room:
                pending = _Span(pending.start, span.end, max(pending.pause_s, span.pause_s))
            continue
        if pending is None:
            pending = span
        elif min(len(pending), len(span)) < short and span.end - pending.start <= room:
            pending = _Span(pending.start, span.end, span.pause_s)
        else:
            yield pending
            pending, room = span, limit
    if pending is not None:
        yield pending


def _cut_all(paragraph: str, limit: int, first_limit: int) -> Iterator[_Span]:
    room = first_limit
    for sentence in _sentences(paragraph):
        start = sentence.start
        while sentence.end - start > room:
            cut = _cut(paragraph, start, sentence.end, room, early=room < limit)
            yield cut
            start = _skip_space(paragraph, cut.end, sentence.end)
            room = limit if _speaks(paragraph, cut) else room
        if start < sentence.end:
            rest = _Span(start, sentence.end, sentence.pause_s)
            yield rest
            room = limit if _speaks(paragraph, rest) else room


def _speaks(paragraph: str, span: _Span) -> bool:
    return any(map(is_spoken, paragraph[span.start : span.end]))


def _cut(paragraph: str, start: int, end: int, limit: int, *, early: bool) -> _Span:
    """The first piece of a stretch that is longer than ``limit``: at most that long, and cut where it hurts least.

    Of the places of the best kind, the one nearest to an even division is taken; ``early`` wants a short piece.
    """
    pieces = -(-(end - start) // limit)
    ideal = start + (limit * 0.6 if early else (end - start) / pieces)
    least, most = start + max(1, limit // 4), start + limit
    # One character more than may be taken: it tells whether a mark at the very end is followed by a space.
    window = paragraph[start : most + 1]
    for places in (_clause_ends(window), _before_joining_words(window), _spaces(window), _between_scripts(window)):
        fitting = [(start + at, pause_s) for at, pause_s in places if least <= start + at <= most]
        if fitting:
            at, pause_s = min(fitting, key=lambda place: abs(place[0] - ideal))
            return _Span(start, at, pause_s)
    return _Span(start, most, 0.0)


def _clause_ends(window: str) -> Iterator[tuple[int, float]]:
    for match in _CLAUSE_END.finditer(window):
        mark = match["mark"] or match["dash"]
        following = window[match.end() : match.end() + 1]
        # 3,500 and 10:30 and well-known names hold marks that end nothing.
        if following.isspace() or mark[-1] in "—，；、､" or _touches_cjk(window, match.start(), match.end()):
            yield match.end(), CLAUSE_PAUSE_S if mark[-1] in ",，、､،" else STRONG_CLAUSE_PAUSE_S


def _before_joining_words(window: str) -> Iterator[tuple[int, float]]:
    return ((match.start(), 0.0) for match in _JOINING_WORD.finditer(window))


def _spaces(window: str) -> Iterator[tuple[int, float]]:
    return ((match.start(), 0.0) for match in re.finditer(r"\s", window))


def _between_scripts(window: str) -> Iterator[tuple[int, float]]:
    return ((match.start(), 0.0) for match in _SCRIPT_CHANGE.finditer(window))


def _sentences(paragraph: str) -> Iterator[_Span]:
    start = 0
    inside = _bracketed(paragraph)
    for match in _SENTENCE_END.finditer(paragraph):
        if match.start() < start or inside[match.start()] or not _ends_sentence(paragraph, start, match):
            continue
        yield _Span(start, match.end(), SENTENCE_PAUSE_S)
        start = _skip_space(paragraph, match.end(), len(paragraph))
    if start < len(paragraph):
        yield _Span(start, len(paragraph), SENTENCE_PAUSE_S)


def _ends_sentence(paragraph: str, start: int, match: re.Match[str]) -> bool:
    mark, end = match["mark"], match.end()
    following = paragraph[end : end + 1]
    if not following:
        return True
    if not (following.isspace() or mark[-1] in "。！？｡।॥" or _touches_cjk(paragraph, match.start(), end)):
        return False
    if mark == "．" and following.isdigit():
        return False
    found = _NEXT_WORD.match(paragraph[end : end + 40])
    word = found[1] if found else ""
    if word[:1].islower() and (match["closers"] or mark in ("…", "...")):
        # "Stop!" he said ... and went on.
        return False
    return mark != "." or bool(match["closers"]) or not _is_abbreviation(paragraph, start, match.start(), word)


def _is_abbreviation(paragraph: str, start: int, dot: int, following: str) -> bool:
    """Whether the full stop at ``dot`` belongs to the word before it and ends no sentence."""
    found = _LAST_WORD.search(paragraph[max(start, dot - 20) : dot])
    before = found[0] if found else ""
    word = before.lower()
    starts_sentence = following.lower() in _STARTERS and following[:1].isupper()
    if word in _TITLES:
        return not starts_sentence or word not in ("st", "mt", "ms")
    if word in _NUMBERED and following[:1].isdigit():
        return True
    if word.isdigit() and start == dot - len(word):
        # "1. Open the door." is a list entry with its number.
        return True
    initial = len(before) == 1 and before.isupper()
    if initial or word in _SHORTENED or ("." in word and all(len(part) == 1 for part in word.split("."))):
        return not starts_sentence
    return False


def _bracketed(paragraph: str) -> bytearray:
    """For each character, 1 when it stands inside a pair of brackets that is closed again before long."""
    inside = bytearray(len(paragraph))
    open_at: list[tuple[str, int]] = []
    for match in _BRACKET.finditer(paragraph):
        at, character = match.start(), match[0]
        if character in _OPENING:
            open_at.append(("(" if character == "（" else character, at))
        elif open_at and open_at[-1][0] == _BRACKETS[character]:
            _, opened = open_at.pop()
            if at - opened <= _LONGEST_ASIDE:
                inside[opened:at] = b"\1" * (at - opened)
    return inside


def _touches_cjk(text: str, start: int, end: int) -> bool:
    return bool(_IS_CJK.match(text[start - 1 : start] or " ") or _IS_CJK.match(text[end : end + 1] or " "))


def _skip_space(text: str, at: int, end: int) -> int:
    while at < end and text[at].isspace():
        at += 1
    return at
