"""The lexicons: how words are to be read, a file for each language, which every system heeds. The disk is their state.

A file is JSON that a person may edit: {"entries": [{"word": "GIF", "respelling": "jif"}]}; it is read anew when it has
changed. docs/lexicon.md
"""

import contextlib
import csv
import io
import json
import re
import threading
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from filelock import FileLock

from engine import atomic
from engine.errors import ConfigError, OptionError, SaveError
from engine.message import Message, why
from engine.request import LexiconEntry
from engine.text.lexicon import Table, checked, remark, respelled, same_word
from engine.text.script import survey

MOST_ENTRIES, MOST_OWN = 5000, 200
LONGEST_FILE = 4 * 2**20
MOST_LANGUAGES = 200
COLUMNS = ("word", "respelling", "pinyin")
_CODE = re.compile(r"[a-z]{2,8}")


class Lexicons:
    """The lexicons in ``folder``, by the codes of their languages; it need not exist yet, and None keeps nothing."""

    def __init__(self, folder: Path | None) -> None:
        self.folder = folder
        self._lock = threading.Lock()
        self._tables: dict[str, tuple[tuple[int, int, int], Table]] = {}

    def languages(self) -> tuple[str, ...]:
        """The codes of the languages that have one, in order."""
        if self.folder is None or not self.folder.is_dir():
            return ()
        found = sorted(path.stem for path in self.folder.glob("*.json") if _CODE.fullmatch(path.stem))
        return tuple(found[:MOST_LANGUAGES])

    def entries(self, language: str) -> tuple[LexiconEntry, ...]:
        """What the lexicon of a language holds. Raises OptionError, and ConfigError for a damaged file."""
        path = self._path(language)
        if path is None:
            return ()
        try:
            with path.open("rb") as file:
                data = file.read(LONGEST_FILE + 1)
        except FileNotFoundError:
            return ()
        except OSError as error:
            raise ConfigError("{path} cannot be read: {reason}", path=path, reason=why(error)) from error
        return parse(data, path.name)

    def add(self, language: str, entries: Iterable[LexiconEntry]) -> tuple[LexiconEntry, ...]:
        """Keep ``entries``, in the places of those for the same words; returns them as they are kept.

        Raises OptionError for one that cannot be, ConfigError for a damaged file, and SaveError; nothing changes then.
        """
        new = {entry.word: entry for entry in map(checked, entries)}
        with self._changing(language) as known:
            merged = {**{entry.word: entry for entry in known}, **new}
            if len(merged) > MOST_ENTRIES:
                raise OptionError(
                    "the lexicon of {language} would have {count:,} entries; at most {most:,} are kept",
                    language=language,
                    count=len(merged),
                    most=MOST_ENTRIES,
                )
            known[:] = merged.values()
        return tuple(new.values())

    def remove(self, language: str, word: str) -> None:
        """Forget the entry of a word. Raises OptionError when there is none, ConfigError and SaveError."""
        with self._changing(language) as known:
            left = [entry for entry in known if not same_word(entry.word, word)]
            if len(left) == len(known):
                raise OptionError(
                    "the lexicon of {language} has no entry for {word!r}", language=language, word=word[:40]
                )
            known[:] = left

    def read(
        self, text: str, language: str, own: Sequence[LexiconEntry] = (), *, max_chars: int, tokens: Sequence[str] = ()
    ) -> tuple[str, list[Message]]:
        """A text as the lexicons want it read, and what to tell of it.

        First count the ``own`` entries of a request, then those of ``language``, then those of the languages that are
        found in the text. A damaged file is told of and done without. Takes linear time. Raises OptionError for own
        entries that cannot be, TextError for a text that grows too long.
        """
        if len(own) > MOST_OWN:
            raise OptionError(
                "a request may have {most} entries of a lexicon, not {count}", most=MOST_OWN, count=len(own)
            )
        kept = self.languages()
        if not own and not kept:
            return text, []
        tables, told = [Table(map(checked, own))] if own else [], []
        found = [part.language for part in survey(text)] if set(kept) - {language} else []
        for code in dict.fromkeys((language, *found)):
            if code in kept:
                try:
                    tables.append(self._table(code))
                except ConfigError as error:
                    told.append(error.message)
        said, used = respelled(text, tables, max_chars=max_chars, tokens=tokens)
        return said, told + remark(used)

    def _table(self, language: str) -> Table:
        path = self._path(language)
        try:
            stat = path.stat() if path else None
        except OSError:
            stat = None
        # Two changes within a tick of the clock, of the same length, are told apart by their files.
        stamp = (stat.st_ino, stat.st_mtime_ns, stat.st_size) if stat else (0, 0, 0)
        with self._lock:
            held = self._tables.get(language)
            if held is None or held[0] != stamp:
                held = self._tables[language] = stamp, Table(self.entries(language))
            return held[1]

    def _path(self, language: str) -> Path | None:
        if not _CODE.fullmatch(language):
            raise OptionError(
                "a lexicon is of one language, named by its code such as en or zh, not {language!r}",
                language=language[:20],
            )
        return self.folder and self.folder / f"{language}.json"

    @contextlib.contextmanager
    def _changing(self, language: str) -> Iterator[list[LexiconEntry]]:
        """The entries for the body to change, and nobody else meanwhile; nothing is written when the body fails."""
        path = self._path(language)
        if path is None:
            raise SaveError("there is no folder to keep lexicons in; name one with --models-dir")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with FileLock(path.with_suffix(".lock"), timeout=30):
                known = list(self.entries(language))
                yield known
                if known:
                    atomic.write(path, as_json(known))
                else:
                    path.unlink(missing_ok=True)
        except OSError as error:
            raise SaveError("{path} cannot be written: {reason}", path=path, reason=why(error)) from error


def as_json(entries: Iterable[LexiconEntry]) -> bytes:
    """A file with ``entries``, by their words."""
    ordered = sorted(entries, key=lambda entry: (entry.word.casefold(), entry.word))
    content = {"entries": [{name: value for name, value in asdict(entry).items() if value} for entry in ordered]}
    return (json.dumps(content, indent=2, ensure_ascii=False) + "\n").encode()


def as_csv(entries: Iterable[LexiconEntry]) -> bytes:
    """The same as a table with a head, for other programs."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows([getattr(entry, column) for column in COLUMNS] for entry in entries)
    return out.getvalue().encode()


def parse(data: bytes, name: str) -> tuple[LexiconEntry, ...]:
    """The entries of a file called ``name``, in JSON or CSV: whose name ends in .csv. Raises ConfigError."""
    if len(data) > LONGEST_FILE:
        raise ConfigError("{name} has more than {most} MiB; it is no lexicon", name=name, most=LONGEST_FILE >> 20)
    try:
        text = data.decode("utf-8-sig")
        rows = _of_csv(text) if name.lower().endswith(".csv") else json.loads(text)["entries"]
        raw = [_entry(row) for row in rows[: MOST_ENTRIES + 1]]
    except (ValueError, KeyError, TypeError, RecursionError, csv.Error) as error:
        raise ConfigError(
            "{name} is no lexicon; one is JSON such as {example} or a CSV with the columns word and respelling",
            name=name,
            example='{"entries": [{"word": "GIF", "respelling": "jif"}]}',
        ) from error
    if len(raw) > MOST_ENTRIES:
        raise ConfigError("{name} has more than {most:,} entries", name=name, most=MOST_ENTRIES)
    found = []
    for number, entry in enumerate(raw, 1):
        try:
            found.append(checked(entry))
        except OptionError as error:
            raise ConfigError("entry {number} of {name}: {error}", number=number, name=name, error=error) from error
    return tuple(found)


def _of_csv(text: str) -> list[dict[str, Any]]:
    reader = csv.DictReader(io.StringIO(text, newline=""), strict=True)
    if not {"word"} <= set(reader.fieldnames or ()):
        raise ValueError
    rows = []
    for row in reader:
        rows.append({name: value or "" for name, value in row.items() if name in COLUMNS})
        if len(rows) > MOST_ENTRIES:
            break
    return rows


def _entry(row: Any) -> LexiconEntry:
    """An entry as a file has it. Raises TypeError for any other thing."""
    entry = LexiconEntry(**row)
    if not all(isinstance(getattr(entry, column), str) for column in COLUMNS):
        raise TypeError
    return entry
