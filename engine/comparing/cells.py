"""The cells of a grid: declared by axes, every text with every voice, setting and seed, or one by one in a CSV file."""

import csv
import io
import json
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import product

from engine.errors import OptionError

MOST_CELLS = 200
LONGEST_TEXT, LONGEST_FIELD = 1000, 4000
MOST_CSV = 2**20  # characters
COLUMNS = ("text", "system", "model", "voice", "language", "seed", "options")
SEEDS = 2**63


@dataclass(frozen=True, slots=True, kw_only=True)
class Speaker:
    """Who says a text: a ``system`` with a ``model`` and a ``voice`` of it, or one that was ``made``; "" as in a take.

    ``language`` "" is the system's first.
    """

    system: str
    model: str = ""
    voice: str = ""
    made: str = ""
    language: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """One thing to say. ``line`` is that of the CSV file in which it stands, 0 for one of a product of axes."""

    text: str
    speaker: Speaker
    seed: int = 0
    options: Mapping[str, object] = field(default_factory=dict)
    line: int = 0


def crossed(
    texts: Sequence[str], speakers: Sequence[Speaker], seeds: Sequence[int], settings: Sequence[str] = ()
) -> tuple[Cell, ...]:
    """Every text with every speaker, setting (see `options_of`) and seed, in this order; an axis may be left empty but
    for the first two. What comes twice is said once. Raises OptionError for too many, and for what is none.
    """
    said = [text for text in dict.fromkeys(map(_in_a_line, texts)) if text]
    # As written, so that one set that comes twice is one.
    options = [options_of(each) for each in dict.fromkeys(settings or ("",))]
    count = len(said) * len(set(speakers)) * len(options) * max(1, len(set(seeds)))
    _check_count(count)
    axes = product(said, dict.fromkeys(speakers), options, dict.fromkeys(seeds or (0,)))
    cells = tuple(Cell(text=text, speaker=who, options=how, seed=seed) for text, who, how, seed in axes)
    for cell in cells:
        _check(cell)
    return cells


def read_csv(text: str) -> tuple[Cell, ...]:
    """The cells in a CSV file, whose first line names its columns, of `COLUMNS`: text and system, and what else it has.

    Separated by commas, semicolons or tabs. Raises OptionError, which says the line.
    """
    if len(text) > MOST_CSV:
        raise OptionError("the table has more than {most:,} characters; send it in parts", most=MOST_CSV)
    lines = text.removeprefix("\ufeff")
    head = lines.split("\n", 1)[0]
    rows = csv.reader(io.StringIO(lines, newline=""), delimiter=max(",;\t", key=head.count), strict=True)
    names: list[str] = []
    cells: list[Cell] = []
    try:
        for row in rows:
            if not any(each.strip() for each in row):
                continue
            if not names:
                names = _names(row)
            else:
                _check_count(len(cells) + 1)
                cells.append(_cell(names, row, rows.line_num))
    except csv.Error as error:
        raise OptionError(
            "line {line} of the table cannot be read: {reason}", line=rows.line_num, reason=error
        ) from error
    _check_count(len(cells))
    return tuple(cells)


def options_of(text: str) -> dict[str, object]:
    """A setting as a person writes it, ``speed=1.2; pause=0.3``, or as JSON, as loose values. Raises OptionError."""
    text = text.strip()
    if text.startswith("{"):
        with suppress(ValueError, RecursionError):
            return dict(json.loads(text))
    options: dict[str, object] = {}
    for part in filter(None, map(str.strip, text.split(";"))):
        name, equals, value = part.partition("=")
        if not equals or not name.strip():
            raise OptionError("{part!r} is no setting; write name=value, and ; between them", part=part[:40])
        options[name.strip()] = value.strip()
    return options


def _names(row: Sequence[str]) -> list[str]:
    names = [each.strip().lower() for each in row]
    if wrong := next((name for name in names if name not in COLUMNS or names.count(name) > 1), ""):
        raise OptionError(
            "line 1 of the table must name its columns, each once; {wrong!r} is none of {known}",
            wrong=wrong[:40],
            known=", ".join(COLUMNS),
        )
    for name in ("text", "system"):
        if name not in names:
            raise OptionError("the table has no column {name}; line 1 names the columns", name=name)
    return names


def _cell(names: Sequence[str], row: Sequence[str], line: int) -> Cell:
    if len(row) != len(names):
        raise OptionError(
            "line {line} of the table has {count} fields; the columns are {wanted}",
            line=line,
            count=len(row),
            wanted=len(names),
        )
    held = dict(zip(names, (each.strip() for each in row), strict=True))
    seed = held.get("seed") or "0"
    if not (seed.isascii() and seed.isdecimal() and len(seed) < 20):
        raise OptionError("line {line} of the table: {seed!r} is no seed", line=line, seed=seed[:40])
    who = Speaker(system=held["system"], **{name: held.get(name, "") for name in ("model", "voice", "language")})
    try:
        options = options_of(held.get("options", ""))
        cell = Cell(text=_in_a_line(held["text"]), speaker=who, seed=int(seed), options=options, line=line)
        _check(cell)
    except OptionError as error:
        raise OptionError("line {line} of the table: {problem}", line=line, problem=error.message) from error
    return cell


def _in_a_line(text: str) -> str:
    """The text without line breaks, and without halves of characters, which no file holds."""
    return " ".join(text.encode("utf-8", "ignore").decode().split())


def _check_count(count: int) -> None:
    if not count:
        raise OptionError("there is nothing to say; give a text and choose a voice")
    if count > MOST_CELLS:
        raise OptionError("a grid has at most {most} cells, not {count}; make several", most=MOST_CELLS, count=count)


def _check(cell: Cell) -> None:
    if not 1 <= len(cell.text) <= LONGEST_TEXT:
        raise OptionError(
            "a text of a grid has 1 to {most} characters, not {count}", most=LONGEST_TEXT, count=len(cell.text)
        )
    if not 0 <= cell.seed < SEEDS:
        raise OptionError("the seed {seed} is not within 0..2**63 - 1", seed=cell.seed)
    who = cell.speaker
    if max(map(len, (who.system, who.model, who.voice, who.made, who.language))) > LONGEST_FIELD:
        raise OptionError("a name has more than {most} characters", most=LONGEST_FIELD)
