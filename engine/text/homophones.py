"""Rare characters of Chinese and common ones of the same sound, for models that misread the rare ones.

The table ships as a text file. It was made by `derive` from the dictionaries of pypinyin (MIT): how characters are
read, and how often which reading occurs in phrases. ``python -m engine.text.homophones`` makes it again.
"""

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from functools import lru_cache
from pathlib import Path

from engine.errors import ConfigError

SHIPPED = Path(__file__).parents[2] / "assets" / "homophones.txt"
MAX_BYTES = 4 << 20

_HEADER = "# Each line: a common character, and rarer ones of the same sound. Derived from pypinyin 0.55.0 (MIT).\n"
# The first level of GB 2312, 3755 characters in rows 16 to 55: those in daily use.
_ROWS, _CELLS, _LAST_CELL = range(0xB0, 0xD8), range(0xA1, 0xFF), 0xF9
_FIRST, _LAST = 0x4E00, 0x9FA5
# A character stands for a sound only if it hardly ever has another.
_FAITHFUL = 0.9


@lru_cache(maxsize=1)
def homophones() -> Mapping[str, str]:
    """Each character of U+4E00 to U+9FA5 that is not in daily use, and the commonest one with its sound and tone."""
    lines = SHIPPED.read_text(encoding="utf-8").splitlines()[1:]
    return {rare: line[0] for line in lines for rare in line[1:]}


def read_table(path: Path) -> dict[str, str]:
    """A table of the user's own: a JSON object of one character for another. Raises ConfigError."""
    try:
        if path.stat().st_size > MAX_BYTES:
            raise ConfigError(
                "{path} has more than {max_bytes} MiB; it is no table of homophones",
                path=path.name,
                max_bytes=MAX_BYTES >> 20,
            )
        table = json.loads(path.read_text(encoding="utf-8-sig"))
    except (OSError, ValueError, RecursionError) as error:
        raise ConfigError("{path} cannot be read as JSON: {error}", path=path.name, error=error) from None
    if not isinstance(table, dict):
        raise ConfigError("{path} holds no JSON object; a table of homophones is one", path=path.name)
    for rare, common in table.items():
        if len(rare) != 1 or not isinstance(common, str) or len(common) != 1:
            raise ConfigError(
                "{path} maps {rare!r} to {common!r:.40}; both must be one character",
                path=path.name,
                rare=rare[:20],
                common=common,
            )
    return table


def render(table: Mapping[str, str]) -> str:
    """The shipped file's text."""
    rare_of: dict[str, list[str]] = {}
    for rare, common in table.items():
        rare_of.setdefault(common, []).append(rare)
    return _HEADER + "".join(f"{common}{''.join(sorted(rare_of[common]))}\n" for common in sorted(rare_of))


def derive() -> dict[str, str]:
    """The table as it follows from pypinyin's dictionaries."""
    from pypinyin.pinyin_dict import pinyin_dict

    uses = _readings_in_phrases()
    commonest: dict[str, tuple[int, str]] = {}
    common = set(_in_daily_use())
    for character, (reading, total) in faithful().items():
        commonest[reading] = max(commonest.get(reading, (-1, "")), (total, character))
    table = {}
    for character in map(chr, range(_FIRST, _LAST + 1)):
        if character not in common and ord(character) in pinyin_dict:
            reading, _, _ = _reading(character, pinyin_dict, uses)
            if reading in commonest:
                table[character] = commonest[reading][1]
    return table


def faithful() -> dict[str, tuple[str, int]]:
    """The characters in daily use that hardly ever have another sound: which it is, and how many phrases hold them."""
    from pypinyin.pinyin_dict import pinyin_dict

    uses = _readings_in_phrases()
    found = {}
    for character in sorted(_in_daily_use()):
        reading, share, total = _reading(character, pinyin_dict, uses)
        if share >= _FAITHFUL:
            found[character] = reading, total
    return found


def _in_daily_use() -> Iterator[str]:
    for row in _ROWS:
        for cell in _CELLS:
            if row != _ROWS[-1] or cell <= _LAST_CELL:
                yield bytes([row, cell]).decode("gb2312")


def _readings_in_phrases() -> Counter[tuple[str, str]]:
    """How many phrases hold a character with a reading."""
    from pypinyin.phrases_dict import phrases_dict

    return Counter(
        (character, readings[0])
        for phrase, syllables in phrases_dict.items()
        if len(phrase) == len(syllables)
        for character, readings in zip(phrase, syllables, strict=True)
    )


def _reading(character: str, dictionary: dict[int, str], uses: Counter[tuple[str, str]]) -> tuple[str, float, int]:
    """The usual reading of a character, its share of the phrases, and how many phrases hold the character at all."""
    readings = dictionary[ord(character)].split(",")
    usual = max(readings, key=lambda reading: (uses[character, reading], -readings.index(reading)))
    total = sum(uses[character, reading] for reading in readings)
    return usual, uses[character, usual] / total if total else 1.0, total


if __name__ == "__main__":
    SHIPPED.write_text(render(derive()), encoding="utf-8")
