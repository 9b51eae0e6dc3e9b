"""``models``: what is on disk and what can be had; search, recommend, show, download, verify, delete, import, where."""

import argparse
import json
from collections.abc import Callable, Generator
from datetime import datetime
from pathlib import Path
from typing import Any

from engine.cli.catalogue import add_recommend, add_search, recommend, search, show
from engine.cli.library import add_folder, add_network, open_library
from engine.cli.output import answer, in_flight, progress_line
from engine.errors import WeightsMismatch
from engine.events import Progress
from engine.library import Library
from engine.library.card import Card, in_bytes
from engine.steps import Result, finish
from engine.system import SystemSpec

Act = Callable[[Library, argparse.Namespace], Any]


def add(commands: Any) -> None:
    """Declare the command and its own commands."""
    models = commands.add_parser("models", help="list, download, check and remove checkpoints", allow_abbrev=False)
    inner = models.add_subparsers(dest="act", required=True, metavar="|".join(ACTS))
    for name, (act, help) in ACTS.items():  # noqa: A001
        parser = inner.add_parser(name, help=help, description=help, allow_abbrev=False)
        if declare := DECLARE.get(name):
            declare(parser)
        elif name != "list":
            parser.add_argument("id", metavar="ID", help="SYSTEM/NAME as listed" + ALSO.get(name, ""))
        if name == "import":
            parser.add_argument("path", type=Path, metavar="PATH", help="a file, a folder or a zip archive")
        if name in ("download", "import"):
            parser.add_argument("--accept", action="store_true", help="accept a licence that restricts use")
        parser.add_argument("--json", action="store_true", help="as JSON on stdout")
        add_folder(parser)
        add_network(parser)
        parser.set_defaults(run=_run, act=act)


def _run(chosen: argparse.Namespace, specs: tuple[SystemSpec, ...] | None) -> int:
    library = open_library(chosen, specs)
    chosen.act(library, chosen)
    return 0


def _list(library: Library, chosen: argparse.Namespace) -> None:
    cards = library.cards()
    if chosen.json:
        answer(json.dumps([card.describe() for card in cards], indent=2))
        return
    rows = [[card.id, card.state, _size(card), card.terms.name, _used(card), card.title] for card in cards]
    widths = [max(len(row[column]) for row in rows) for column in range(5)]
    answer("\n".join("  ".join([*map(str.ljust, row[:5], widths), row[5]]) for row in rows))


def _download(library: Library, chosen: argparse.Namespace) -> None:
    if chosen.accept:
        library.accept(chosen.id)
    checkpoint = _followed(library.download(chosen.id))
    _report(library, chosen, chosen.id, f"is here: {checkpoint}")


def _verify(library: Library, chosen: argparse.Namespace) -> None:
    damaged = _followed(library.verify(chosen.id))
    if damaged:
        raise WeightsMismatch(
            "{id}: {damaged} is damaged; delete it and fetch it again", id=chosen.id, damaged=", ".join(damaged)
        )
    _report(library, chosen, chosen.id, "is intact")


def _delete(library: Library, chosen: argparse.Namespace) -> None:
    freed = library.card(chosen.id).on_disk
    library.delete(chosen.id)
    if chosen.json:
        answer(json.dumps({"id": chosen.id, "freed": freed}))
    else:
        answer(f"{chosen.id} is deleted; {in_bytes(freed)} are free again")


def _import(library: Library, chosen: argparse.Namespace) -> None:
    if chosen.accept:
        library.accept(chosen.id)
    id = _followed(library.bring(chosen.id, chosen.path))  # noqa: A001
    _report(library, chosen, id, "is here")


def _where(library: Library, chosen: argparse.Namespace) -> None:
    folder = library.where(chosen.id)
    answer(json.dumps({"id": chosen.id, "path": str(folder)}) if chosen.json else str(folder))


ALSO = {"download": ", or SYSTEM:ORG/NAME[@REVISION]", "import": ", or SYSTEM, or SYSTEM/NEW-NAME"}
DECLARE = {"search": add_search, "recommend": add_recommend}
ACTS: dict[str, tuple[Act, str]] = {
    "list": (_list, "every checkpoint: its state, size, licence, last use"),
    "search": (search, "find a voice in the systems' catalogues, by language, name, quality, size"),
    "recommend": (recommend, "the best models for a language"),
    "show": (show, "what a checkpoint is, and under which licence, before it is fetched"),
    "download": (_download, "fetch a checkpoint, or the rest of one"),
    "verify": (_verify, "read a checkpoint through and compare its sums"),
    "delete": (_delete, "remove a checkpoint from the disk"),
    "import": (_import, "bring a checkpoint of your own"),
    "where": (_where, "the folder where a checkpoint is, or would be"),
}


def _followed(steps: Generator[Progress, None, Result]) -> Result:
    """Run a generator of Progress to its end; returns what it returns. An interrupt closes it, so parts are kept."""
    with progress_line(in_flight) as show:
        return finish(steps, show)


def _report(library: Library, chosen: argparse.Namespace, id: str, message: str) -> None:  # noqa: A002
    answer(json.dumps(library.card(id).describe()) if chosen.json else f"{id} {message}")


def _size(card: Card) -> str:
    if card.on_disk and card.state == "ready":
        return in_bytes(card.on_disk)
    return f"{'' if card.exact else '~'}{in_bytes(card.size)}" if card.size else "-"


def _used(card: Card) -> str:
    return f"{datetime.fromtimestamp(card.last_used):%Y-%m-%d}" if card.last_used else "-"
