"""Durations for the model's own symbols: the teacher's phone times moved onto what the English front-end writes.

The front-end (espeak-ng) and the teacher (flite) name and cut phones differently. Both strings are aligned by edit
distance, then every code point of the front-end's string gets whole frames, one at least, since the model rounds each
duration up: a stress mark takes the first frame of its vowel, a space the last of its word, punctuation the silence.
Figures: docs/bundled-voice.md#durations.
"""

import re
from dataclasses import dataclass

import numpy as np

# What the front-end writes -> what the teacher may call it.
_SAME = {
    "p": "p", "b": "b", "t": "t", "d": "d", "k": "k", "ɡ": "g", "f": "f", "v": "v", "θ": "th", "ð": "dh", "s": "s",
    "z": "z", "ʃ": "sh", "ʒ": "zh", "h": "hh", "m": "m", "n": "n", "ŋ": "ng", "l": "l", "ɹ": "r", "j": "y", "w": "w",
    "tʃ": "ch", "dʒ": "jh", "ɾ": "t d", "ʔ": "t", "ɑ": "aa", "æ": "ae", "ʌ": "ah ax", "ɔ": "ao", "aʊ": "aw",
    "ə": "ax ah", "ɐ": "ax ah ae", "aɪ": "ay", "ɛ": "eh", "ɜ": "er", "ɚ": "er", "eɪ": "ey", "ɪ": "ih", "i": "iy",
    "oʊ": "ow", "ɔɪ": "oy", "ʊ": "uh", "u": "uw", "ᵻ": "ih ax", "o": "ao ow", "a": "aa ae", "ɒ": "aa", "e": "eh ey",
}  # fmt: skip
_VOWELS = {"aa", "ae", "ah", "ao", "aw", "ax", "ay", "eh", "er", "ey", "ih", "iy", "ow", "oy", "uh", "uw"}
_NEAR = [{"s", "z"}, {"t", "d"}, {"f", "v"}, {"th", "dh"}, {"p", "b"}, {"k", "g"}, {"sh", "zh"}, {"n", "ng"}]
_UNIT = re.compile("tʃ|dʒ|aɪ|aʊ|eɪ|oʊ|ɔɪ|.", re.DOTALL)
_MARKS = "ˈˌ"
_EXTENDERS = "ː\u0329\u0303"
_BREAKS = ' ;:,.!?¡¿—…"«»“”'


@dataclass(frozen=True, slots=True, kw_only=True)
class Labels:
    """Frames for each code point of ``phonemes``, (n,) int, all at least 1; they begin ``start_s`` into the sound."""

    phonemes: str
    durations: np.ndarray
    start_s: float
    edits: int


def align(
    phonemes: str, phones: tuple[tuple[str, float], ...], *, frame_s: float, lead: int = 3, tail: int = 10
) -> Labels:
    """Give ``phonemes`` (the front-end's string) whole frames from the teacher's ``phones`` (name, end in seconds).

    Of the silence around the sentence ``lead`` frames are kept before and ``tail`` behind.
    """
    units, breaks = _units(phonemes)
    spoken = [i for i, (name, _) in enumerate(phones) if name != "pau"]
    starts = np.concatenate([[0.0], [end for _, end in phones[:-1]]])
    ends = np.array([end for _, end in phones])
    path, edits = _edit_path([u.name for u in units], [phones[i][0] for i in spoken])

    # Each unit's time, in frames; unmatched phones of the teacher go to the unit before them.
    begin = starts[spoken[0]] - lead * frame_s
    spans: list[list[float] | None] = [None] * len(units)
    last = 0
    for unit, phone in path:
        if unit is not None and phone is not None:
            spans[unit] = [starts[spoken[phone]], ends[spoken[phone]]]
            last = unit
        elif phone is not None and spans[last] is not None:
            spans[last][1] = ends[spoken[phone]]
    clock = starts[spoken[0]]
    for i, span in enumerate(spans):
        spans[i] = span or [clock, clock]
        clock = spans[i][1]

    marks: list[float] = []  # where each code point ends, in frames from ``begin``
    for i, unit in enumerate(units):
        left, right = spans[i]
        following = spans[i + 1][0] if i + 1 < len(units) else right + tail * frame_s
        if breaks[i] and following - right < frame_s and right - left > 3 * frame_s:
            right -= frame_s  # the break's own frame
        shares = np.arange(1, len(unit.sounds) + 1) / len(unit.sounds)
        marks += [left] * len(unit.marks)
        marks += list(left + (right - left) * shares)
        gap = max(following, right)
        marks += list(right + (gap - right) * np.arange(1, len(breaks[i]) + 1) / max(1, len(breaks[i])))
    edges = [0]
    for mark in marks:
        edges.append(max(edges[-1] + 1, round((mark - begin) / frame_s)))
    text = "".join(u.marks + u.sounds + b for u, b in zip(units, breaks, strict=True))
    return Labels(phonemes=text, durations=np.diff(edges), start_s=max(0.0, begin), edits=edits)


@dataclass(frozen=True, slots=True)
class _Unit:
    marks: str
    sounds: str
    name: str


def _units(phonemes: str) -> tuple[list[_Unit], list[str]]:
    """The phones of a string with the marks before them, and the run of breaks (spaces, punctuation) after each."""
    units: list[_Unit] = []
    breaks: list[str] = []
    marks = ""
    for piece in _UNIT.findall(phonemes):
        if piece in _MARKS:
            marks += piece
        elif piece in _EXTENDERS and units:
            before = units[-1]
            units[-1] = _Unit(before.marks, before.sounds + piece, before.name)
        elif piece in _BREAKS:
            if breaks:
                breaks[-1] += piece
        else:
            units.append(_Unit(marks, piece, piece))
            breaks.append("")
            marks = ""
    return units, breaks


def _cost(unit: str, phone: str) -> float:
    names = _SAME.get(unit, "").split()
    if phone in names:
        return 0.0
    if any({name, phone} in _NEAR for name in names):
        return 0.4
    return 0.8 if bool(_VOWELS.intersection(names)) == (phone in _VOWELS) else 2.2


def _edit_path(units: list[str], phones: list[str]) -> tuple[list[tuple[int | None, int | None]], int]:
    """The cheapest alignment as (unit, phone) pairs, None where one side has nothing, and how often that is."""
    rows, columns = len(units) + 1, len(phones) + 1
    best = np.zeros((rows, columns))
    best[:, 0], best[0, :] = np.arange(rows), np.arange(columns)
    step = np.zeros((rows, columns), dtype=np.int8)
    step[:, 0], step[0, :] = 1, 2
    for i in range(1, rows):
        for j in range(1, columns):
            choices = (best[i - 1, j - 1] + _cost(units[i - 1], phones[j - 1]), best[i - 1, j] + 1, best[i, j - 1] + 1)
            step[i, j] = int(np.argmin(choices))
            best[i, j] = choices[step[i, j]]
    path: list[tuple[int | None, int | None]] = []
    i, j = rows - 1, columns - 1
    while i or j:
        move = step[i, j]
        i, j = i - (move != 2), j - (move != 1)
        path.append((i if move != 2 else None, j if move != 1 else None))
    return path[::-1], sum(None in pair for pair in path)
