"""``lexicon``: how words are to be read, by language; list, add, remove, import, export."""

import argparse
import json
import sys
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

from engine import atomic
from engine.cli.library import add_folder, open_library
from engine.cli.output import answer
from engine.errors import ConfigError
from engine.lexicon import LONGEST_FILE, Lexicons, as_csv, as_json, parse
from engine.message import why
from engine.request import LexiconEntry
from engine.system import SystemSpec

Act = Callable[[Lexicons, argparse.Namespace], None]


def add(commands: Any) -> None:
    """Declare the command and its own commands."""
    lexicon = commands.add_parser("lexicon", help="how words are to be read", allow_abbrev=False)
    inner = lexicon.add_subparsers(dest="act", required=True, metavar="|".join(ACTS))
    for name, (act, help) in ACTS.items():  # noqa: A001
        parser = inner.add_parser(name, help=help, description=help, allow_abbrev=False)
        optional = "?" if name == "list" else None
        parser.add_argument("language", nargs=optional, metavar="LANGUAGE", help="the code of one: en, zh, ...")
        if name in ("add", "remove"):
            parser.add_argument("word", metavar="WORD", help="a word or a phrase")
        if name == "add":
            parser.add_argument("respelling", nargs="?", default="", metavar="RESPELLING", help="what is read instead")
            help = "of Chinese, instead of a respelling: zhang3 de5"  # noqa: A001
            parser.add_argument("--pinyin", default="", metavar="PINYIN", help=help)
        if name in ("import", "export"):
            parser.add_argument("file", metavar="FILE", help="JSON or .csv; - is standard input or output, in JSON")
        if name == "list":
            parser.add_argument("--json", action="store_true", help="as JSON on stdout")
        add_folder(parser)
        parser.set_defaults(run=_run, act=act)


def _run(chosen: argparse.Namespace, specs: tuple[SystemSpec, ...] | None) -> int:
    folder = open_library(chosen, specs).folder
    chosen.act(Lexicons(folder and folder / "lexicons"), chosen)
    return 0


def _list(lexicons: Lexicons, chosen: argparse.Namespace) -> None:
    languages = (chosen.language,) if chosen.language else lexicons.languages()
    found = {language: lexicons.entries(language) for language in languages}
    if chosen.json:
        answer(json.dumps({language: [asdict(entry) for entry in entries] for language, entries in found.items()}))
        return
    lines = [f"{language}: {_shown(entry)}" for language, entries in found.items() for entry in entries]
    answer("\n".join(lines or ["there is no entry yet; lexicon add makes one"]))


def _add(lexicons: Lexicons, chosen: argparse.Namespace) -> None:
    entry = LexiconEntry(word=chosen.word, respelling=chosen.respelling, pinyin=chosen.pinyin)
    (kept,) = lexicons.add(chosen.language, [entry])
    answer(f"{chosen.language}: {_shown(kept)}")


def _remove(lexicons: Lexicons, chosen: argparse.Namespace) -> None:
    lexicons.remove(chosen.language, chosen.word)
    answer(f"{chosen.language}: {chosen.word} is read as it stands")


def _import(lexicons: Lexicons, chosen: argparse.Namespace) -> None:
    entries = parse(_read(chosen.file), chosen.file)
    answer(f"{chosen.language}: {len(lexicons.add(chosen.language, entries))} entries were taken over")


def _export(lexicons: Lexicons, chosen: argparse.Namespace) -> None:
    entries = lexicons.entries(chosen.language)
    data = as_csv(entries) if chosen.file.lower().endswith(".csv") else as_json(entries)
    if chosen.file == "-":
        answer(data.decode().rstrip("\n"))
    else:
        atomic.write(Path(chosen.file), data)
        answer(chosen.file)


def _read(file: str) -> bytes:
    if file == "-":
        return sys.stdin.buffer.read(LONGEST_FILE + 1)
    try:
        with Path(file).open("rb") as opened:
            return opened.read(LONGEST_FILE + 1)
    except OSError as error:
        raise ConfigError("{path} cannot be read: {reason}", path=file, reason=why(error)) from error


def _shown(entry: LexiconEntry) -> str:
    return f"{entry.word} -> {entry.respelling}" + (f" ({entry.pinyin})" if entry.pinyin else "")


ACTS: dict[str, tuple[Act, str]] = {
    "list": (_list, "the entries, of one language or of all"),
    "add": (_add, "read a word otherwise from now on"),
    "remove": (_remove, "read a word as it stands again"),
    "import": (_import, "take over the entries of a file"),
    "export": (_export, "write the entries of a language to a file"),
}
