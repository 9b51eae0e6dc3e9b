"""Words of Mandarin with the tones that they have in a sentence, by the reference's rules.

First words are joined, which takes several passes over a clause, in each of which a word takes one other at most; then
tones change within words: those of 不, of 一, neutral ones, third ones.
docs/systems/minimind.md#the-phones-of-the-reference
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from engine.systems.minimind.phones.tables import FULL, NEUTRAL
from engine.text.zh.pinyin import DIGITS, readings
from engine.text.zh.words import within

_NO_TONE, _FIRST, _SECOND, _THIRD, _FOURTH, _NEUTRAL = range(6)
_MOST_TOGETHER = 3  # characters of words that third tones join
_DIGITS = frozenset("零〇一二三四五六七八九")
_PARTICLES = frozenset("吧呢啊呐噻嘛吖嗨哦哒额滴哩哟喽啰耶喔诶的地得")
_ASPECTS, _ASPECT_TAGS = frozenset("了着过"), frozenset(("ul", "uz", "ug"))
_SUFFIXES, _PLACES = frozenset("们子"), frozenset("上下里")
_DIRECTIONS, _BEFORE_DIRECTIONS = frozenset("来去"), frozenset("上下进出回过起开")
_BEFORE_MEASURE = frozenset("几有两半多各整每做是") | _DIGITS | frozenset("十百千万亿")

# A word as it is written, and its part of speech as jieba names it.
Tagged = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Word:
    """A word with the syllable of each character, without its tone, and the tone, 1 to 5; 0 of what has none."""

    text: str
    syllables: tuple[str, ...]
    tones: tuple[int, ...]


def spoken(words: Sequence[Tagged]) -> list[Word]:
    """The words of a clause as they sound one after the other; some are joined."""
    found = _joined(words, _is_bu)
    found = _around_yi(found)
    found = _joined(found, _is_yi)
    found = _repeated(found)
    found = _joined(found, _all_third)
    found = _joined(found, _third_at_the_seam)
    found = _with_er(found)
    return [_word(text, tag) for text, tag in found]


def _joined(words: Sequence[Tagged], belongs: Callable[[Tagged, Tagged], bool]) -> list[Tagged]:
    """Each word with the next where they belong together; one that was joined takes no other.

    Together they are of the part of speech of the first, except behind 不 and 一, which are none.
    """
    found: list[Tagged] = []
    at = 0
    while at < len(words):
        word = words[at]
        if at + 1 < len(words) and belongs(word, words[at + 1]):
            after = words[at + 1]
            word = (word[0] + after[0], after[1] if word[0] in "不一" else word[1])
            at += 1
        found.append(word)
        at += 1
    return found


def _around_yi(words: Sequence[Tagged]) -> list[Tagged]:
    """A verb, 一 and the same verb as one word."""
    found: list[Tagged] = []
    at = 0
    while at < len(words):
        text, tag = words[at]
        if tag == "v" and [each[0] for each in words[at + 1 : at + 3]] == ["一", text]:
            text += f"一{text}"
            at += 2
        found.append((text, tag))
        at += 1
    return found


def _repeated(words: Sequence[Tagged]) -> list[Tagged]:
    """A word with all that are the same right behind it."""
    found: list[Tagged] = []
    for at, (text, tag) in enumerate(words):
        if at and text == words[at - 1][0]:
            found[-1] = (found[-1][0] + text, found[-1][1])
        else:
            found.append((text, tag))
    return found


def _is_bu(before: Tagged, _word: Tagged) -> bool:
    return before[0] == "不"


def _is_yi(before: Tagged, _word: Tagged) -> bool:
    return before[0] == "一"


def _all_third(before: Tagged, word: Tagged) -> bool:
    return _may_meet(before[0], word[0]) and set(_read(before[0])[1]) == set(_read(word[0])[1]) == {_THIRD}


def _third_at_the_seam(before: Tagged, word: Tagged) -> bool:
    return _may_meet(before[0], word[0]) and _read(before[0])[1][-1] == _read(word[0])[1][0] == _THIRD


def _may_meet(before: str, word: str) -> bool:
    return len(before) + len(word) <= _MOST_TOGETHER and not (len(before) == 2 and before[0] == before[1])


def _with_er(words: Sequence[Tagged]) -> list[Tagged]:
    found: list[Tagged] = []
    for text, tag in words:
        if found and text == "儿":
            found[-1] = (found[-1][0] + text, found[-1][1])
        else:
            found.append((text, tag))
    return found


def _read(word: str) -> tuple[tuple[str, ...], list[int]]:
    """Its syllables without their tones, and these."""
    read: list[tuple[str, int]] = []
    for part, syllable in readings(word, DIGITS):
        read += [(syllable[:-1], int(syllable[-1]))] if syllable else [("", _NO_TONE)] * len(part)
    return tuple(syllable for syllable, _ in read), [tone for _, tone in read]


def _word(text: str, tag: str) -> Word:
    syllables, tones = _read(text)
    _bu(text, tones)
    _yi(text, tones)
    _lighten(text, tag, tones)
    _thirds(text, tones)
    return Word(text, syllables, tuple(tones))


def _bu(text: str, tones: list[int]) -> None:
    if len(text) == 3 and text[1] == "不":
        tones[1] = _NEUTRAL
        return
    for at, sign in enumerate(text[:-1]):
        if sign == "不" and tones[at + 1] == _FOURTH:
            tones[at] = _SECOND


def _yi(text: str, tones: list[int]) -> None:
    if "一" not in text or _DIGITS.issuperset(text):
        return
    if len(text) == 3 and text[1] == "一" and text[0] == text[2]:
        tones[1] = _NEUTRAL
    elif text.startswith("第一"):
        tones[1] = _FIRST
    else:
        for at, sign in enumerate(text[:-1]):
            if sign == "一" and tones[at + 1]:
                tones[at] = _SECOND if tones[at + 1] == _FOURTH else _FOURTH


def _lighten(text: str, tag: str, tones: list[int]) -> None:
    """The neutral tone, of a word and of the two that it consists of."""
    for at in range(1, len(text)):
        if text[at] == text[at - 1] and tag[:1] in ("n", "v", "a") and text not in FULL:
            tones[at] = _NEUTRAL
    if _ends_lightly(text, tag):
        tones[-1] = _NEUTRAL
    at = 0
    for part in _halves(text):
        at += len(part)
        if _is_listed(part):
            tones[at - 1] = _NEUTRAL


def _ends_lightly(text: str, tag: str) -> bool:
    before, last = text[-2:-1], text[-1]
    return (
        last in _PARTICLES
        or (last in _ASPECTS and not before and tag in _ASPECT_TAGS)
        or (last in _SUFFIXES and bool(before) and tag[:1] in ("r", "n") and text not in FULL)
        or (last in _PLACES and bool(before) and tag[:1] in ("s", "l", "f"))
        or (last in _DIRECTIONS and before in _BEFORE_DIRECTIONS and bool(before))
        or (last == "个" and (not before or before in _BEFORE_MEASURE))
        or _is_listed(text)
    )


def _is_listed(word: str) -> bool:
    return word in NEUTRAL or word[-2:] in NEUTRAL


def _thirds(text: str, tones: list[int]) -> None:
    """Of two third tones that meet the first becomes the second one, of three by how the word is made."""
    if len(text) == 2:
        _pair(tones, 0)
    elif len(text) == 3:
        first = len(_halves(text)[0])
        if set(tones) == {_THIRD}:
            tones[:2] = [_SECOND, _SECOND] if first == 2 else [_THIRD, _SECOND]
        elif first == 2:
            _pair(tones, 0)
            _pair(tones, 1)
        else:
            _pair(tones, 1)
            _pair(tones, 0)
    elif len(text) == 4:
        _pair(tones, 0)
        _pair(tones, 2)


def _pair(tones: list[int], at: int) -> None:
    if tones[at] == tones[at + 1] == _THIRD:
        tones[at] = _SECOND


def _halves(word: str) -> tuple[str, ...]:
    """A word in two where the shortest of the words within it begins or ends; not cut where there is none."""
    shortest = min(within(word), key=len, default=word)
    if shortest == word:
        return (word,)
    if word.startswith(shortest):
        return (shortest, word[len(shortest) :])
    return (word[: -len(shortest)], shortest)
