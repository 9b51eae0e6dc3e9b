"""What is to be said and how: the text, its language and the options of the system, as the flags give them."""

import argparse
import sys
from pathlib import Path
from typing import Any

from engine.engine import Engine
from engine.errors import OptionError, TextError
from engine.system import SystemSpec


def add_system(parser: argparse.ArgumentParser) -> None:
    """Declare --system."""
    parser.add_argument("--system", required=True, metavar="ID", help="see: python -m engine systems")


def add_manner(parser: argparse.ArgumentParser) -> None:
    """Declare --language and --set."""
    parser.add_argument("--language", default="", metavar="CODE", help="en, zh, ja, ... (default: the system's first)")
    parser.add_argument("--set", action="append", default=[], metavar="OPTION=VALUE", help="an option of the system")


def chosen_options(chosen: argparse.Namespace, engine: Engine, spec: SystemSpec, checkpoint: Path | None) -> Any:
    """The options that --set names, and the checkpoint's defaults for the others. Raises OptionError."""
    return engine.options(spec.id, dict(map(_assignment, chosen.set)), checkpoint)


def text_of(argument: str, max_chars: int) -> str:
    """The text that is given, or for - the one on standard input. Raises TextError."""
    if argument != "-":
        return argument
    # Four bytes are the most that a character takes in UTF-8.
    data = sys.stdin.buffer.read(4 * max_chars + 1)
    if len(data) > 4 * max_chars:
        raise TextError(
            "the text on standard input has more than {max_chars:,} characters, so cut it", max_chars=max_chars
        )
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise TextError(
            "the text on standard input is not UTF-8 (byte {start}); convert it first", start=error.start
        ) from error


def _assignment(setting: str) -> tuple[str, str]:
    name, equals, value = setting.partition("=")
    if not equals:
        raise OptionError("--set {setting} has no value; write --set {name}=VALUE", setting=setting, name=name)
    return name.strip(), value.strip()
