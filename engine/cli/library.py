"""Which folder of models, which hub and which checkpoint the flags and the environment name."""

import argparse
import os
import sys
from collections.abc import Iterable
from pathlib import Path

from engine.cli.output import in_flight, progress_line
from engine.engine import Engine
from engine.errors import EngineError
from engine.hub import Hub
from engine.library import Library, default_folder
from engine.steps import finish
from engine.system import SystemSpec

TRUE = ("1", "true", "yes", "on")


def add_folder(parser: argparse.ArgumentParser) -> None:
    """Declare --models-dir."""
    parser.add_argument("--models-dir", type=Path, metavar="DIR", help="folder of models; or POLYPHONE_MODELS_DIR")


def add_network(parser: argparse.ArgumentParser) -> None:
    """Declare --endpoint and --offline."""
    parser.add_argument("--endpoint", action="append", default=[], metavar="URL", help="a mirror of the hub to use")
    offline = os.environ.get("POLYPHONE_OFFLINE", "").lower() in TRUE
    parser.add_argument("--offline", action="store_true", default=offline, help="never use the network")


def add_fetch(parser: argparse.ArgumentParser) -> None:
    """Declare --fetch."""
    named = [name for name in os.environ.get("POLYPHONE_FETCH", "").replace(",", " ").split() if name]
    help = "a model to download first, if it is not here; its licence is accepted by naming it"  # noqa: A001
    parser.add_argument("--fetch", action="append", default=named, metavar="SYSTEM/NAME", help=help)


def fetch(library: Library, named: Iterable[str]) -> None:
    """Download what is not here yet. What cannot be had is told on the error stream, and done without."""
    for id in named:  # noqa: A001
        try:
            library.accept(id)
            with progress_line(in_flight) as show:
                finish(library.download(id), show)
        except EngineError as error:
            sys.stderr.write(f"polyphone: {id}: {' '.join(str(error).split())}\n")


def add_checkpoint(parser: argparse.ArgumentParser) -> None:
    """Declare --checkpoint."""
    help = "file or folder in its layout, or an installed model"  # noqa: A001
    parser.add_argument("--checkpoint", metavar="PATH|ID", help=help)


def chosen_checkpoint(chosen: argparse.Namespace, engine: Engine, spec: SystemSpec) -> Path | None:
    """What --checkpoint names, as a path; without it, what has the voice and speaks the language that are named.

    None is the engine's choice. Raises WeightsMissing.
    """
    if chosen.checkpoint is not None:
        return engine.library.checkpoint(spec.id, chosen.checkpoint)
    flags = vars(chosen)
    return engine.fitting(spec.id, flags.get("voice") or "", flags.get("language") or "")


def open_library(chosen: argparse.Namespace, specs: tuple[SystemSpec, ...] | None = None) -> Library:
    """The library of the flags; it reaches a hub where the command has the flags for one."""
    folder = chosen.models_dir or default_folder(os.environ)
    if not hasattr(chosen, "endpoint"):
        return Library(specs, folder)
    ledger = folder / ".ledger.json"
    hub = Hub.from_environment(os.environ, endpoints=tuple(chosen.endpoint), offline=chosen.offline, ledger=ledger)
    return Library(specs, folder, hub)
