"""``voices``: the saved voices; make, blend, join, show, delete."""

import argparse
import contextlib
import json
import sys
from collections.abc import Callable, Generator
from datetime import datetime
from typing import Any

from engine.cli.library import add_checkpoint, add_folder, chosen_checkpoint, open_library
from engine.cli.output import answer, progress_line
from engine.cli.voice import add_voice, chosen_prompt, chosen_voice
from engine.engine import Engine
from engine.errors import OptionError, VoiceError
from engine.events import Progress
from engine.library.card import in_bytes
from engine.request import Voice
from engine.steps import Result, finish
from engine.system import SystemSpec
from engine.voice_shelf import Saved
from engine.voicing import blend, join, named, save, string

Act = Callable[[Engine, argparse.Namespace], Any]


def add(commands: Any) -> None:
    """Declare the command and its own commands."""
    voices = commands.add_parser("voices", help="keep voices: from recordings, strings, blends", allow_abbrev=False)
    inner = voices.add_subparsers(dest="act", required=True, metavar="|".join(ACTS))
    for name, (act, help) in ACTS.items():  # noqa: A001
        parser = inner.add_parser(name, help=help, description=help, allow_abbrev=False)
        if name != "list":
            parser.add_argument("id", metavar="SYSTEM/NAME", help="the voice")
        if name == "make":
            add_voice(parser)
            parser.add_argument("--language", default="", metavar="CODE", help="the language of the recording")
        if name == "blend":
            parser.add_argument("parts", nargs="+", metavar="VOICE=WEIGHT", help="such as af_clara=2 am_hugo=1")
        if name == "join":
            parser.add_argument("parts", nargs="+", metavar="VOICE", help="in their order, such as Ann-1 Ann-2")
        if name in ("make", "blend", "join", "show"):
            add_checkpoint(parser)
            parser.add_argument("--device", choices=("auto", "cpu", "cuda", "mps"), default="auto")
        parser.add_argument("--json", action="store_true", help="as JSON on stdout")
        add_folder(parser)
        parser.set_defaults(run=_run, act=act)


def _run(chosen: argparse.Namespace, specs: tuple[SystemSpec, ...] | None) -> int:
    engine = Engine(specs, device=getattr(chosen, "device", "auto"), library=open_library(chosen, specs))
    chosen.act(engine, chosen)
    return 0


def _list(engine: Engine, chosen: argparse.Namespace) -> None:
    saved = [voice for spec in engine.systems() for voice in engine.shelf.voices(spec.id)]
    if chosen.json:
        answer(json.dumps([_described(voice) for voice in saved], indent=2))
        return
    rows = [[voice.id, in_bytes(voice.bytes), f"{datetime.fromtimestamp(voice.saved):%Y-%m-%d}"] for voice in saved]
    widths = [max((len(row[column]) for row in rows), default=0) for column in range(2)]
    lines = ["  ".join([*map(str.ljust, row[:2], widths), row[2]]) for row in rows]
    answer("\n".join(lines or ["no voice is saved yet; voices make or blend one"]))


def _make(engine: Engine, chosen: argparse.Namespace) -> None:
    spec, name = _named(engine, chosen.id)
    checkpoint = chosen_checkpoint(chosen, engine, spec)
    prompt = chosen_prompt(chosen, spec, checkpoint)
    source = chosen_voice(chosen, spec) if prompt is None else prompt
    if source == "":
        raise OptionError("nothing to make the voice of was given; name a --voice or a --prompt-audio")
    made = source if isinstance(source, Voice) else _followed(engine.make_voice(spec.id, source, checkpoint))
    _report(chosen, save(engine, made, name))


def _blend(engine: Engine, chosen: argparse.Namespace) -> None:
    spec, name = _named(engine, chosen.id)
    parts = [_part(part) for part in chosen.parts]
    voice = _followed(blend(engine, spec.id, parts, chosen_checkpoint(chosen, engine, spec)))
    _report(chosen, save(engine, voice, name))


def _join(engine: Engine, chosen: argparse.Namespace) -> None:
    spec, name = _named(engine, chosen.id)
    parts = [named(spec, part) for part in chosen.parts]
    voice = _followed(join(engine, spec.id, parts, chosen_checkpoint(chosen, engine, spec)))
    _report(chosen, save(engine, voice, name))


def _show(engine: Engine, chosen: argparse.Namespace) -> None:
    spec, name = _named(engine, chosen.id)
    shown = string(spec, _followed(engine.make_voice(spec.id, name, chosen_checkpoint(chosen, engine, spec))))
    answer(json.dumps({"id": chosen.id, "string": shown}) if chosen.json else shown)


def _delete(engine: Engine, chosen: argparse.Namespace) -> None:
    spec, name = _named(engine, chosen.id)
    engine.shelf.delete(spec.id, name)
    answer(json.dumps({"id": chosen.id}) if chosen.json else f"{chosen.id} is deleted")


ACTS: dict[str, tuple[Act, str]] = {
    "list": (_list, "every saved voice"),
    "make": (_make, "save a voice: of a string, a seed, a voice file or a recording"),
    "blend": (_blend, "save a mixture of voices"),
    "join": (_join, "save one voice of several recordings of the same speaker"),
    "show": (_show, "the string of a voice, to hand on"),
    "delete": (_delete, "remove a saved voice"),
}


def _named(engine: Engine, id: str) -> tuple[SystemSpec, str]:  # noqa: A002
    system, _, name = id.partition("/")
    spec = engine.system(system)
    if not name:
        raise VoiceError("{id} names no voice; write {system}/NAME", id=id, system=spec.id)
    return spec, name


def _part(argument: str) -> tuple[str, float]:
    name, equals, weight = argument.rpartition("=")
    try:
        if not equals or not name:
            raise ValueError
        return name, float(weight)
    except ValueError:
        raise OptionError(
            "{argument} is no part of a blend; write VOICE=WEIGHT, such as af_clara=0.5", argument=argument[:60]
        ) from None


def _followed(steps: Generator[Progress, None, Result]) -> Result:
    """Run a generator of Progress to its end; returns what it returns."""
    # A library that prints must not spoil what goes to stdout.
    with contextlib.redirect_stdout(sys.stderr), progress_line() as show:
        return finish(steps, show)


def _report(chosen: argparse.Namespace, voice: Saved) -> None:
    answer(json.dumps(_described(voice)) if chosen.json else f"{voice.id} is saved: {voice.path}")


def _described(voice: Saved) -> dict[str, Any]:
    return {
        "id": voice.id,
        "system": voice.system,
        "name": voice.name,
        "file": str(voice.path),
        "bytes": voice.bytes,
        "saved": voice.saved,
    }
