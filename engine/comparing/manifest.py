"""What is downloaded of a grid: its table, as JSON and CSV, and an archive with every sound, each with a sidecar."""

import csv
import io
import json
import unicodedata
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from engine.comparing.store import Grid, Kept
from engine.file_names import portable

COLUMNS = (
    "number", "file", "state", "starred", "text", "system", "model", "voice", "language", "seed", "options",
    "audio_s", "first_audio_s", "load_s", "synth_s", "rtf", "loudness", "sample_rate", "device", "dtype",
    "errors", "total", "heard", "naturalness",
)  # fmt: skip


def row(kept: Kept) -> dict[str, Any]:
    """What is known of a cell by `COLUMNS`; None for what is not."""
    cell, done = kept.wanted, kept.state == "done"
    known = {**(kept.content.get("verdict") or {}), **kept.content} if done else {}
    values = {
        "number": kept.number + 1,
        "file": f"{stem(kept)}.flac" if done else None,
        "state": kept.state,
        "starred": kept.starred,
        "text": cell.text,
        "system": cell.speaker.system,
        "model": cell.speaker.model,
        "voice": known.get("voice") or cell.speaker.voice,
        "language": cell.speaker.language,
        "seed": cell.seed,
        "options": dict(cell.options),
    }
    return {name: values[name] if name in values else known.get(name) for name in COLUMNS}


def stem(kept: Kept) -> str:
    """The name of a cell's files without an ending: its number, who speaks, and the first words."""
    who = kept.wanted.speaker
    words = "".join(c if unicodedata.category(c)[0] in "LN" else " " for c in kept.wanted.text[:60]).split()
    voice = "".join(c for c in kept.content.get("voice", "") if c.isalnum())[:20]
    parts = (f"{kept.number + 1:03}", who.system, voice, *words[:5])
    return portable("-".join(filter(None, parts)), f"{kept.number + 1:03}", most=120)


def as_json(grid: Grid, cells: Sequence[Kept]) -> str:
    """The table as JSON."""
    content = {"title": grid.title, "made": grid.made, "cells": [row(kept) for kept in cells]}
    return json.dumps(content, ensure_ascii=False, indent=2)


def as_csv(cells: Sequence[Kept]) -> str:
    """The table as CSV. Its columns of a request are those that a grid can be made of."""
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS)
    writer.writeheader()
    for kept in cells:
        writer.writerow({**row(kept), "options": json.dumps(dict(kept.wanted.options))})
    return text.getvalue()


def archive(grid: Grid, cells: Sequence[Kept], sounds: Iterable[tuple[Kept, bytes]]) -> Iterator[bytes]:
    """A zip file, in parts of about a sound each: the table, and each sound with its row as a sidecar."""
    parts = _Parts()
    with zipfile.ZipFile(parts, "w") as packed:
        packed.writestr("manifest.json", as_json(grid, cells))
        packed.writestr("manifest.csv", as_csv(cells))
        yield parts.taken()
        for kept, flac in sounds:
            packed.writestr(f"{stem(kept)}.flac", flac)
            packed.writestr(f"{stem(kept)}.json", json.dumps(row(kept), ensure_ascii=False, indent=2))
            yield parts.taken()
    yield parts.taken()


class _Parts(io.RawIOBase):
    """A file that cannot go back, and of which what has been written is taken away."""

    def __init__(self) -> None:
        self._written: list[bytes] = []

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        self._written.append(bytes(data))
        return len(self._written[-1])

    def taken(self) -> bytes:
        """What has been written since the last call."""
        taken = b"".join(self._written)
        self._written.clear()
        return taken
