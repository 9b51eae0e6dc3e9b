"""Mandarin to initials and finals with their tones, as the corpus Opencpop writes them: two phones for a syllable."""

import re
from collections.abc import Iterator

from engine.systems.minimind.phones.sandhi import spoken
from engine.systems.minimind.phones.tables import MARKS, SYLLABLES, Said, marked
from engine.text.zh.words import tagged

# Words are joined within a clause only.
_CLAUSE = re.compile(r"[^!?…,.\-]*[!?…,.\-]?")
_HAN = re.compile("[\u3007\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")


def say(text: str) -> Said:
    """Chinese characters by their words, marks as they are; Latin letters and all else have no sound.

    Raises EngineError without jieba or pypinyin.
    """
    phones: list[str] = []
    counts: list[int] = []
    left_out: list[str] = []
    for clause in _CLAUSE.findall(marked(text)):
        heard = "".join(sign for sign in clause if sign in MARKS or _HAN.match(sign))
        left_out += [sign for sign in clause if sign not in MARKS and not _HAN.match(sign)]
        for sign, said in _signs(heard):
            phones += said
            counts += [len(said)] if said else []
            left_out += [] if said else [sign]
    return Said(phones=tuple(phones), counts=tuple(counts), left_out=tuple(left_out))


def _signs(clause: str) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Each character and mark with its phones."""
    if clause and clause in MARKS:
        yield clause, (clause,)
        return
    for word in spoken(tagged(clause)):
        for sign, syllable, tone in zip(word.text, word.syllables, word.tones, strict=True):
            if sign in MARKS:
                yield sign, (sign,)
                continue
            halves = SYLLABLES.get(syllable)
            yield sign, (halves[0], f"{halves[1]}{tone}") if halves else ()
