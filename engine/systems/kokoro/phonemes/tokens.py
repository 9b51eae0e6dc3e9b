"""English text in tokens: words, numbers and marks, each with whether a blank follows. docs/kokoro-phonemes.md#english

A link ``[word](/phonemes/)`` gives its word phonemes, ``[word](-1)`` a change of stress, ``[1984](#a&#)`` flags of how
a number is said.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

# A link may hold this much, so that brackets without an end are not looked for through the whole text.
_LINK = re.compile(r"\[([^\[\]\n]{1,200})\]\((?:/([^()\n/]{0,400})/|([-+]?(?:[0-9]|0?\.5))|#([a&n]{0,3})#)\)")
_CHUNK = re.compile(r"\S+")
_OPENING = frozenset("\"“„«([{<'‘`")
_CLOSING = frozenset("\"”»)]}>'’`,;:!?…—–")
_CURRENCY = frozenset("$£€")
# Between letters of one word; a hyphen between letters is said as a dash, a solitary one too.
_INSIDE = re.compile(r"(\.{2,}|…|—|–|--+|[\"“”()\[\]{},;:!?/]|(?<=[^\W\d_])-(?=[^\W\d_]))")
_NUMBER = re.compile(r"[-+−]?[\d.,]*\d(?:st|nd|rd|th|'?s|'?d|ed|ing|%)?\.?", re.IGNORECASE)
_ADDRESS = re.compile(r"[^\s@]+@[^\s@]+|https?:\S+|www\.\S+", re.IGNORECASE)
_INITIALS = re.compile(r"(?:[^\W\d_]{1,2}\.){2,}|[a-z]\.[a-z]\.?", re.IGNORECASE)
_LETTER = re.compile(r"[A-Z]\.")
ABBREVIATIONS = frozenset(("dr.", "mr.", "mrs.", "ms.", "esq.", "etc.", "vs.", "st.", "jr.", "sr.", "prof."))
# Before a number alone; elsewhere it is a word at the end of its sentence.
_NUMBER_SIGN = "no."
_LONGEST_ABBREVIATION = 12
# Words that begin with an apostrophe.
_SHORTENED = frozenset(("'tis", "'twas", "'em", "'cause", "'til", "'bout", "'round", "'merica"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """A word, a number or a mark; ``blank`` says whether one follows.

    ``given`` are the phonemes that a link gave it, ``stress`` the change of stress, ``flags`` those of a number.
    """

    text: str
    blank: bool = False
    given: str | None = None
    stress: float | None = None
    flags: str = ""


def tokens(text: str, *, published: bool = False) -> list[Token]:
    """The tokens of ``text``. ``published`` takes the stop of a single last letter for part of it."""
    found: list[Token] = []
    at = 0
    text = text.strip()
    for link in _LINK.finditer(text):
        found += _without_links(text[at : link.start()], published)
        change = float(link[3]) if link[3] else None
        inner = [
            replace(token, given="" if link[2] is not None else None, stress=change, flags=link[4] or "")
            for token in _without_links(link[1], published)
        ]
        if inner and link[2] is not None:
            # All of the words of a link are said where its first stands.
            inner = [replace(inner[0], text=link[1], given=link[2])]
        found += inner
        at = link.end()
        if found:
            found[-1] = replace(found[-1], blank=text[at : at + 1].isspace())
    found += _without_links(text[at:], published)
    return [*found[:-1], replace(found[-1], blank=False)] if found else []


def _without_links(text: str, published: bool) -> list[Token]:
    found: list[Token] = []
    for chunk in _CHUNK.finditer(text):
        before_number = text[chunk.end() : chunk.end() + 2].strip()[:1].isdigit()
        pieces = [piece for piece in _pieces(chunk[0], published, before_number) if piece]
        found += [Token(text=piece) for piece in pieces]
        if pieces:
            found[-1] = replace(found[-1], blank=chunk.end() < len(text))
    return _with_full_stop(found, published)


def _with_full_stop(found: list[Token], published: bool) -> list[Token]:
    """Initials and abbreviations at the end of a text have its full stop in them, which is a mark all the same."""
    last = found[-1].text if found else ""
    is_short = last.lower() in ABBREVIATIONS or (_INITIALS.fullmatch(last) and last.endswith("."))
    if published or not is_short:
        return found
    return [*found[:-1], replace(found[-1], blank=False), Token(text=".", blank=found[-1].blank)]


def _pieces(chunk: str, published: bool, before_number: bool) -> Iterator[str]:
    """The tokens of what stands between blanks."""
    start, end = 0, len(chunk)
    while start < end and chunk[start] in _OPENING | _CURRENCY and not _is_shortened(chunk, start):
        start += 1
    stops: list[str] = []
    while end > start:
        if chunk[end - 1] in _CLOSING:
            if chunk[end - 1] in "'’" and chunk[end - 2] in "sS" and end - 2 >= start:
                break
            stops.append(chunk[end - 1])
            end -= 1
        elif chunk[end - 1] == ".":
            stop = _full_stops(chunk, start, end, published, before_number)
            if not stop:
                break
            stops.append(stop)
            end -= len(stop)
        else:
            break
    yield from chunk[:start]
    yield from _core(chunk[start:end])
    yield from reversed(stops)


def _full_stops(chunk: str, start: int, end: int, published: bool, before_number: bool) -> str:
    """The full stops before ``end``, but for one that belongs to an abbreviation."""
    first = end
    while first > start and chunk[first - 1] == ".":
        first -= 1
    if end - first > 1:
        return chunk[first:end]
    if end - start > _LONGEST_ABBREVIATION:
        return "."
    word = chunk[start:end]
    if word.lower() in ABBREVIATIONS or _INITIALS.fullmatch(word) or (before_number and word.lower() == _NUMBER_SIGN):
        return ""
    return "" if published and _LETTER.fullmatch(word) else "."


def _is_shortened(chunk: str, at: int) -> bool:
    word = chunk[at : at + _LONGEST_ABBREVIATION].rstrip('.,;:!?…"”').lower()
    return word.replace("’", "'") in _SHORTENED


def _core(core: str) -> Iterator[str]:
    if _NUMBER.fullmatch(core) or _ADDRESS.fullmatch(core):
        yield core
    else:
        yield from _INSIDE.split(core)
