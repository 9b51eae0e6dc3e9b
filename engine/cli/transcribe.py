"""``transcribe``: what is said in a recording."""

import argparse
import contextlib
import json
import sys
from pathlib import Path
from typing import Any

from engine.cli.library import add_folder, open_library
from engine.cli.output import answer, progress_line
from engine.engine import Engine
from engine.events import Progress
from engine.steps import finish
from engine.system import SystemSpec


def add(commands: Any) -> None:
    """Declare the command."""
    transcribe = commands.add_parser("transcribe", help="write down what is said in a recording", allow_abbrev=False)
    transcribe.add_argument("recording", type=Path, metavar="FILE", help="a recording, up to half an hour")
    transcribe.add_argument("--language", default="", metavar="CODE", help="en, zh, ja, ... (default: found out)")
    help = "an installed recogniser, see: python -m engine models list (default: the best)"  # noqa: A001
    transcribe.add_argument("--recogniser", default="", metavar="ID", help=help)
    transcribe.add_argument("--json", action="store_true", help="one JSON object on stdout: words, times, confidences")
    add_folder(transcribe)
    transcribe.set_defaults(run=_transcribe)


def _transcribe(chosen: argparse.Namespace, _specs: tuple[SystemSpec, ...] | None) -> int:
    engine = Engine(library=open_library(chosen))
    work = engine.hearing.transcribe(chosen.recording, language=chosen.language, recogniser=chosen.recogniser)
    # A library that prints must not spoil the one object on stdout.
    with contextlib.redirect_stdout(sys.stderr), progress_line(_seconds) as show:
        heard = finish(work, show)
    answer(json.dumps(heard.describe(), ensure_ascii=False) if chosen.json else heard.text)
    return 0


def _seconds(progress: Progress) -> str:
    """How much of the recording has been heard."""
    return f"{progress.label} {progress.done:.0f} s of {progress.total:.0f} s" if progress.total else progress.label
