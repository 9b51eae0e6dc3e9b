"""``text``: what will be said of a text, in words and phonemes, without a model in memory; of a corpus line by line."""

import argparse
import contextlib
import json
import sys
from collections.abc import Iterator
from typing import Any

from engine.cli.asked import add_manner, add_system, chosen_options, text_of
from engine.cli.library import add_checkpoint, add_folder, chosen_checkpoint, open_library
from engine.cli.output import answer
from engine.engine import Engine
from engine.errors import OptionError, TextError
from engine.reading import Read, gather
from engine.request import SynthesisRequest
from engine.system import SystemSpec


def add(commands: Any) -> None:
    """Declare the command."""
    text = commands.add_parser("text", help="show how a text will be read", allow_abbrev=False)
    help = "what to read; - takes it from standard input; a text that begins with - goes last, after --"  # noqa: A001
    text.add_argument("text", nargs="?", metavar="TEXT", help=help)
    add_system(text)
    add_checkpoint(text)
    add_folder(text)
    add_manner(text)
    help = "each line of standard input is a text, and becomes a line with a JSON object"  # noqa: A001
    text.add_argument("--lines", action="store_true", help=help)
    text.add_argument("--json", action="store_true", help="one JSON object on stdout")
    text.set_defaults(run=_text)


def _text(chosen: argparse.Namespace, specs: tuple[SystemSpec, ...] | None) -> int:
    if chosen.lines and chosen.text not in (None, "-"):
        raise OptionError("a text and --lines were both given; --lines reads its texts from standard input")
    if not chosen.lines and chosen.text is None:
        raise OptionError("no text was given; write one, or - to read it from standard input")
    library = open_library(chosen, specs)
    engine = Engine(specs, library=library)
    spec = engine.system(chosen.system)
    checkpoint = chosen_checkpoint(chosen, engine, spec)
    options = chosen_options(chosen, engine, spec, checkpoint)

    def read(text: str) -> Read:
        request = SynthesisRequest(
            system=spec.id, text=text, options=options, language=chosen.language, checkpoint=checkpoint
        )
        # A library that prints must not spoil what goes to stdout.
        with contextlib.redirect_stdout(sys.stderr):
            return gather(engine.reading(request))

    if chosen.lines:
        for line in _lines(4 * spec.max_chars + 4):
            try:
                answer(json.dumps(read(_decoded(line, spec.max_chars)).describe()))
            except TextError as error:
                answer(json.dumps({"error": str(error)}))
        return 0
    _show(read(text_of(chosen.text, spec.max_chars)), as_json=chosen.json)
    return 0


def _show(read: Read, *, as_json: bool) -> None:
    if as_json:
        answer(json.dumps(read.describe()))
        return
    for notice in read.notices:
        sys.stderr.write(f"note: {notice}\n")
    for segment in read.segments:
        answer(segment.text)
        if segment.phonemes is not None:
            answer(f"    {segment.phonemes}")


def _lines(most: int) -> Iterator[bytes]:
    """The lines of standard input without their ends, each as soon as it is there; of a long one ``most`` bytes."""
    while line := sys.stdin.buffer.readline(most):
        rest = line
        while not rest.endswith(b"\n") and (rest := sys.stdin.buffer.readline(most)):
            pass
        yield line.removesuffix(b"\n").removesuffix(b"\r")


def _decoded(line: bytes, max_chars: int) -> str:
    try:
        # A line that was cut need not end in a whole character.
        text = line.decode("utf-8", "ignore" if len(line) > 4 * max_chars else "strict")
    except UnicodeDecodeError as error:
        raise TextError("the line is not UTF-8 (byte {start}); convert it first", start=error.start) from error
    return text.removeprefix("\ufeff")
