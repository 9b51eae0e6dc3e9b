"""The .onnx.json of a voice as frozen dataclasses: docs/systems/vits.md#piper-voices. Imports no torch."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Any

from engine.config_file import check, number, read_json, section, strings, whole
from engine.errors import ConfigError
from engine.systems.vits.config import MOST, MOST_ELSEWHERE
from engine.systems.vits.options import within_bounds

# Beyond what any voice has.
MOST_SYMBOLS = 10_000
LONGEST_SYMBOL = 16
MOST_IDS = 16
BEGIN, PAD, END = "^", "_", "$"
HOP = 256
_NAME = re.compile("[A-Za-z0-9_+-]{1,40}")
# Our names of the three numbers under "inference".
SCALES = {"noise_scale": "noise_scale", "noise_w": "noise_scale_w", "length_scale": "length_scale"}


class PhonemeType(Enum):
    """What a voice was trained to be given, with the names in the file."""

    ESPEAK = "espeak"
    TEXT = "text"
    PINYIN = "pinyin"


@dataclass(frozen=True, slots=True, kw_only=True)
class VoiceConfig:
    """A whole file.

    ``ids`` are those of each symbol; ``replaced`` by others are some symbols before that, and ``clusters`` of symbols
    become one. ``type`` None is a kind of front end that is not here, called ``type_name``. ``espeak`` is the voice of
    espeak-ng, "" where there is none, and ``language`` what else the file says of it. ``speakers`` maps names to rows,
    the default first; empty for one. ``scales`` are the options that the file recommends.
    """

    sample_rate: int
    hop_length: int
    type: PhonemeType | None
    type_name: str
    espeak: str
    language: str
    ids: Mapping[str, tuple[int, ...]]
    replaced: Mapping[str, tuple[str, ...]]
    clusters: tuple[tuple[str, ...], ...]
    speakers: Mapping[str, int]
    scales: Mapping[str, float]


def read_voice(path: Path) -> VoiceConfig:
    """The file at ``path``. Raises WeightsMissing and ConfigError, which names file and key."""
    raw = read_json(path)
    try:
        return _voice(raw)
    except ConfigError as error:
        raise ConfigError("{source}: {error}", source=str(path), error=error) from None


def is_voice(path: Path) -> bool:
    """Whether the file at ``path`` is of this layout. Raises WeightsMissing and ConfigError."""
    return "phoneme_id_map" in read_json(path)


def _voice(raw: Mapping[str, Any]) -> VoiceConfig:
    audio = section(raw, "audio", "the file")
    rate = whole(audio, "sample_rate")
    check(1000 <= rate <= 384_000, "audio.sample_rate={rate} is outside 1000..384000 Hz", rate=rate)
    # Old files have no such key, and one trainer wrote the name of its class before it.
    name = str(raw.get("phoneme_type") or PhonemeType.ESPEAK.value).rpartition(".")[2].lower()[:40]
    kind = next((known for known in PhonemeType if known.value == name), None)
    held = _part(raw, "espeak").get("voice")
    # A name, and no path: espeak-ng would read whatever lies there.
    espeak = held if isinstance(held, str) and _NAME.fullmatch(held) else ""
    check(espeak or kind is not PhonemeType.ESPEAK, "espeak.voice is missing; it says in which language text is read")
    language = raw.get("language")
    family = language.get("family") or language.get("code") if isinstance(language, Mapping) else ""
    return VoiceConfig(
        sample_rate=rate,
        hop_length=whole(raw, "hop_length", HOP, least=1),
        type=kind,
        type_name=name,
        espeak=espeak,
        language=str(family or "")[:40],
        ids=_ids(raw),
        replaced=_replaced(raw),
        clusters=_clusters(raw),
        speakers=_speakers(raw),
        scales=_scales(_part(raw, "inference")),
    )


def _part(raw: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    """A section that may be missing."""
    part = raw.get(key)
    return part if isinstance(part, Mapping) else {}


def _ids(raw: Mapping[str, Any]) -> dict[str, tuple[int, ...]]:
    table = section(raw, "phoneme_id_map", "the file")
    check(len(table) <= MOST_SYMBOLS, "phoneme_id_map has more than {most} symbols", most=MOST_SYMBOLS)
    ids: dict[str, tuple[int, ...]] = {}
    for symbol, held in table.items():
        numbers = held if isinstance(held, list) else [held]
        valid = len(numbers) <= MOST_IDS and all(type(each) is int and 0 <= each < MOST_ELSEWHERE for each in numbers)
        check(valid and len(symbol) <= LONGEST_SYMBOL, "phoneme_id_map has no ids for {symbol!r}", symbol=symbol[:40])
        ids[symbol] = tuple(numbers)
    for symbol in (BEGIN, PAD, END):
        check(symbol in ids, "phoneme_id_map has no {symbol}, which every text needs", symbol=symbol)
    return ids


def _replaced(raw: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
    table = _part(raw, "phoneme_map")
    valid = len(table) <= MOST_SYMBOLS and all(strings(held) and len(held) <= MOST_IDS for held in table.values())
    check(valid, "phoneme_map is no table of symbols and lists of symbols")
    return {symbol: tuple(held) for symbol, held in table.items()}


def _clusters(raw: Mapping[str, Any]) -> tuple[tuple[str, ...], ...]:
    """The longest first."""
    lists = raw.get("vowel_clusters") or []
    valid = isinstance(lists, list) and len(lists) <= MOST_SYMBOLS
    valid = valid and all(strings(each) and 2 <= len(each) <= LONGEST_SYMBOL for each in lists)
    check(valid, "vowel_clusters is no list of lists of two or more symbols")
    return tuple(sorted(map(tuple, lists), key=len, reverse=True))


def _speakers(raw: Mapping[str, Any]) -> dict[str, int]:
    """Names, or numbers where there are none, and rows; the default first, then by row. One speaker is none."""
    named = _part(raw, "speaker_id_map")
    count = whole(raw, "num_speakers", max(1, len(named)))
    check(count <= MOST["n_speakers"], "num_speakers={count} is above {most}", count=count, most=MOST["n_speakers"])
    if count <= 1:
        return {}
    valid = all(type(row) is int and 0 <= row < count for row in named.values())
    check(valid, "speaker_id_map has ids outside 0..{most}", most=count - 1)
    default = whole(raw, "default_speaker_id", 0)
    check(0 <= default < count, "default_speaker_id={row} is outside 0..{most}", row=default, most=count - 1)
    speakers: dict[str, int] = dict(named)
    taken = set(speakers.values())
    speakers |= {str(row): row for row in range(count) if row not in taken and str(row) not in speakers}
    return dict(sorted(speakers.items(), key=lambda item: (item[1] != default, item[1])))


def _scales(raw: Mapping[str, Any]) -> dict[str, float]:
    return within_bounds({name: number(raw, key) for key, name in SCALES.items() if raw.get(key) is not None})
