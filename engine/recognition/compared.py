"""What was to be said beside what was heard: which words are missing, added or others, marked in the text itself.

Both are compared as they are spoken: numbers and signs in words, without case and punctuation, and words of the same
sound are the same. Where words are not written apart (zh, ja, ko, th) characters are compared.
docs/recognition.md#errors
"""

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal, NamedTuple

import numpy as np

from engine.errors import TextError
from engine.text.en.pronunciations import pronunciations
from engine.text.markup import plain
from engine.text.normalize import normalize
from engine.text.normalize_ja import normalize_ja
from engine.text.normalize_ko import normalize_ko
from engine.text.numerals import numbers_in_words
from engine.text.th.numbers import normalize_th
from engine.text.zh.pinyin import readings

# The table of an alignment of so many words takes 16 MB and under a second.
MOST_WORDS = 4000
BY_CHARACTER = frozenset({"zh", "yue", "ja", "ko", "th"})

_WORD = re.compile(r"[^\W\d_](?:[^\W_]|['’](?=\w))*|\d+", re.UNICODE)
_CHARACTER = re.compile(r"[a-z]+(?:['’][a-z]+)*|\d|[^\W\d_]", re.UNICODE)
_PIECE, _PIECE_BY_CHARACTER = re.compile(r"\S+"), re.compile(r"[$€£¥]?[A-Za-z0-9][A-Za-z0-9.,:%$€£/'’-]*|\S")
_NORMALS: dict[str, Callable[[str], str]] = {"ja": normalize_ja, "ko": normalize_ko, "th": normalize_th}

# What is said of them alone, without looking at what is around them.
_PLAIN = re.compile(r"[^\W\d_]+[.,;:!?…。，、！？；：]*")
_DIGITS = re.compile(r"\d+")
# English short forms with one long form each, and "'s" behind what nothing belongs to.
_CONTRACTED = re.compile(
    r"\b(?:(?=\w+n't\b)|(?=\w+'(?:ll|re|ve|m)\b)|(?=(?:it|that|there|he|she|what|who|here|how|where|let)'s\b))"
    r"(\w+?)(n't|'ll|'re|'ve|'m|'s)\b"
)
_FULL = {"ca": "can", "wo": "will", "sha": "shall"}
_RESTS = {"n't": "not", "'ll": "will", "'re": "are", "'ve": "have", "'m": "am", "'s": "is"}
# Words that sound as another, though the dictionary has one of them as it is said in passing.
_SAME_SOUND = {"to": "two", "too": "two", "for": "four", "fore": "four", "okay": "ok"}

Kind = Literal["same", "missing", "added", "other"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """A stretch of the text with what became of it: ``heard`` is what was heard in its place, where that is another.

    What was ``added`` has no text of its own; the texts of all marks together are the text.
    """

    kind: Kind
    text: str
    heard: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """The marks in order, and how many of ``total`` words (or characters, ``by_character``) are wrong."""

    marks: tuple[Mark, ...]
    errors: int
    total: int
    by_character: bool

    @property
    def rate(self) -> float:
        """Errors for each word; more than 1 where much was added."""
        return self.errors / max(1, self.total)

    def describe(self) -> dict[str, Any]:
        """As plain data."""
        return {**asdict(self), "rate": self.rate}


class _Unit(NamedTuple):
    """A stretch of the text that is said as ``words``: nothing where it is not said."""

    start: int
    end: int
    words: tuple[str, ...]


def compare(text: str, heard: str, language: str) -> Comparison:
    """``text`` beside what was ``heard`` of it, both in ``language`` (its code).

    Takes time and memory by the product of their words, so there are at most `MOST_WORDS`. Raises TextError.
    """
    base = language.partition("-")[0]
    units = _units(text, base)
    said = [word for unit in units for word in unit.words]
    found = spoken(heard, base)
    if max(len(said), len(found)) > MOST_WORDS:
        raise TextError(
            "a text of {count:,} words cannot be compared with what is heard; {most:,} are the most",
            count=max(len(said), len(found)),
            most=MOST_WORDS,
        )
    steps = list(_forgiven(_aligned(_keys(said, base), _keys(found, base)), said, found))
    errors = sum(step.kind != "same" for step in steps)
    joiner = "" if base in ("zh", "yue", "ja", "th") else " "
    marks = _marks(text, units, steps, found, joiner)
    return Comparison(marks=tuple(marks), errors=errors, total=len(said), by_character=base in BY_CHARACTER)


def spoken(text: str, language: str) -> list[str]:
    """The words, or characters, of a text as they are spoken, in lower case and without marks."""
    said = plain(text)
    if language in ("en", "zh", "yue"):
        said = normalize(said, "en" if language == "en" else "zh")
    elif language in _NORMALS:
        said = _DIGITS.sub(lambda found: numbers_in_words(found[0], language), _NORMALS[language](said))
    else:
        said = numbers_in_words(said, language)
    said = unicodedata.normalize("NFKC", said).lower().replace("’", "'")
    if language == "en":
        said = _CONTRACTED.sub(lambda found: f"{_FULL.get(found[1], found[1])} {_RESTS[found[2]]}", said)
    return (_CHARACTER if language in BY_CHARACTER else _WORD).findall(said)


# -- the text, in pieces that are said as so many words --


def _units(text: str, language: str) -> list[_Unit]:
    """The pieces of the text with what each is said as, where the whole of it decides how numbers are read."""
    pattern = _PIECE_BY_CHARACTER if language in BY_CHARACTER else _PIECE
    pieces = [(found.start(), found.end()) for found in pattern.finditer(text)]
    if len(pieces) > 4 * MOST_WORDS:
        raise TextError(
            "a text of {count:,} words cannot be compared with what is heard; {most:,} are the most",
            count=len(pieces),
            most=MOST_WORDS,
        )
    by_themselves = [_by_itself(text[start:end], language) for start, end in pieces]
    owners = [index for index, words in enumerate(by_themselves) for _ in words]
    alone, whole = [word for words in by_themselves for word in words], spoken(text, language)
    if len(whole) > MOST_WORDS or len(alone) > 2 * MOST_WORDS:
        raise TextError(
            "a text of {count:,} words cannot be compared with what is heard; {most:,} are the most",
            count=max(len(whole), len(alone)),
            most=MOST_WORDS,
        )
    if alone == whole:
        return [_Unit(*piece, tuple(words)) for piece, words in zip(pieces, by_themselves, strict=True)]
    # Words of the whole go to the piece that has them by itself, the others to the piece before.
    given: list[list[str]] = [[] for _ in pieces]
    at = 0
    for step in _aligned(alone, whole):
        if step.said is not None:
            at = owners[step.said]
        if step.found is not None:
            given[at].append(whole[step.found])
    return [_Unit(*piece, tuple(words)) for piece, words in zip(pieces, given, strict=True)]


def _by_itself(piece: str, language: str) -> list[str]:
    """A piece as it is said with nothing around it; of plain words that is the same everywhere."""
    if _PLAIN.fullmatch(piece):
        return (_CHARACTER if language in BY_CHARACTER else _WORD).findall(piece.lower())
    return spoken(piece, language)


# -- words that sound the same --


def _keys(words: Sequence[str], language: str) -> list[str]:
    """What each word is compared by: how it sounds, as far as that is known."""
    if language == "en":
        known = pronunciations()
        same = (_SAME_SOUND.get(word, word) for word in words)
        return [_without_stress(known.get(word, word)) for word in same]
    if language in ("zh", "yue"):
        return list(_pinyin(words))
    if language == "ja":
        return ["".join(map(_hiragana, word)) for word in words]
    return list(words)


def _without_stress(sound: str) -> str:
    return sound.replace("ˈ", "").replace("ˌ", "")


def _hiragana(character: str) -> str:
    return chr(ord(character) - 0x60) if "ァ" <= character <= "ヶ" else character


def _pinyin(characters: Sequence[str]) -> Iterator[str]:
    read = readings("".join(word if len(word) == 1 else "，" for word in characters), "TONE3")
    sounds: list[str | None] = []
    for text, reading in read:
        sounds += [reading] if len(text) == 1 else [None] * len(text)
    if len(sounds) != len(characters):
        sounds = [None] * len(characters)
    return (sound or word for sound, word in zip(sounds, characters, strict=True))


# -- the alignment --


class _Step(NamedTuple):
    """One word of what was to be said beside one of what was found; None on a side where there is none."""

    said: int | None
    found: int | None
    kind: Kind


def _aligned(said: Sequence[str], found: Sequence[str]) -> list[_Step]:
    """The alignment with the fewest words wrong (Levenshtein), in order."""
    ids: dict[str, int] = {}
    rows = np.array([ids.setdefault(word, len(ids)) for word in said], np.int64)
    columns = np.array([ids.setdefault(word, len(ids)) for word in found], np.int64)
    n, m = len(rows), len(columns)
    ramp = np.arange(m + 1)
    costs = ramp.copy()
    # 0: both, 1: only what was to be said, 2: only what was found.
    moves = np.full((n + 1, m + 1), 2, np.uint8)
    moves[1:, 0] = 1
    for i in range(1, n + 1):
        both = costs[:-1] + (columns != rows[i - 1])
        down = costs + 1
        best = down.copy()
        best[1:] = np.minimum(best[1:], both)
        moves[i, 1:][both <= down[1:]] = 0
        moves[i, 1:][both > down[1:]] = 1
        # The same, or from the left: the running minimum of what each costs less its place.
        across = np.minimum.accumulate(best - ramp) + ramp
        moves[i][across < best] = 2
        costs = across
    steps: list[_Step] = []
    i, j = n, m
    while i or j:
        move = moves[i, j]
        if move == 0:
            i, j = i - 1, j - 1
            steps.append(_Step(i, j, "same" if said[i] == found[j] else "other"))
        elif move == 1:
            i -= 1
            steps.append(_Step(i, None, "missing"))
        else:
            j -= 1
            steps.append(_Step(None, j, "added"))
    return steps[::-1]


def _forgiven(steps: Iterable[_Step], said: Sequence[str], found: Sequence[str]) -> Iterator[_Step]:
    """The same, where a run of wrong words has the same letters on both sides as right: "tea pot" is "teapot"."""
    run: list[_Step] = []
    for step in (*steps, None):
        if step is not None and step.kind != "same":
            run.append(step)
            continue
        letters = ["".join(said[each.said] for each in run if each.said is not None)]
        letters += ["".join(found[each.found] for each in run if each.found is not None)]
        yield from (each._replace(kind="same") for each in run) if run and letters[0] == letters[1] else run
        run = []
        if step is not None:
            yield step


# -- the marks --


def _marks(
    text: str, units: Sequence[_Unit], steps: Sequence[_Step], found: Sequence[str], joiner: str
) -> Iterator[Mark]:
    """The text in marks of the same kind as far as they reach; each has what follows it up to the next piece."""
    owners = [index for index, unit in enumerate(units) for _ in unit.words]
    inside: list[list[_Step]] = [[] for _ in units]
    before: list[list[str]] = [[] for _ in range(len(units) + 1)]
    at, begun = 0, 0
    for step in steps:
        if step.said is not None:
            at = owners[step.said]
            begun = begun + 1 if inside[at] else 1
            inside[at].append(step)
        elif step.found is not None and step.kind == "added":
            # Between two words of one piece it belongs to that piece, else it stands between pieces.
            if units and begun and begun < len(units[at].words):
                inside[at].append(step)
            else:
                before[at + 1 if begun else 0].append(found[step.found])
    pieces: list[Mark] = []
    if units and units[0].start:
        pieces.append(Mark(kind="same", text=text[: units[0].start]))
    for index, unit in enumerate(units):
        if before[index]:
            pieces.append(Mark(kind="added", text="", heard=joiner.join(before[index])))
        end = units[index + 1].start if index + 1 < len(units) else len(text)
        pieces.append(_mark(text[unit.start : end], inside[index], found, joiner))
    if before[len(units)]:
        pieces.append(Mark(kind="added", text="", heard=joiner.join(before[len(units)])))
    if not units and text:
        pieces.append(Mark(kind="same", text=text))
    return _merged(pieces, joiner)


def _mark(text: str, steps: Sequence[_Step], found: Sequence[str], joiner: str) -> Mark:
    kinds = {step.kind for step in steps}
    if kinds <= {"same"}:
        return Mark(kind="same", text=text)
    if kinds == {"missing"}:
        return Mark(kind="missing", text=text)
    return Mark(kind="other", text=text, heard=joiner.join(found[s.found] for s in steps if s.found is not None))


def _merged(marks: Iterable[Mark], joiner: str) -> Iterator[Mark]:
    last: Mark | None = None
    for mark in marks:
        if last is not None and last.kind == mark.kind:
            heard = joiner.join(filter(None, (last.heard, mark.heard)))
            last = Mark(kind=mark.kind, text=last.text + mark.text, heard=heard)
            continue
        if last is not None:
            yield last
        last = mark
    if last is not None:
        yield last
