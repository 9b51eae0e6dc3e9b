"""The command line: ``python3 -m engine COMMAND``, drawn as the page.

Exit status: 0; 2 for a mistake of the user; 1 for anything else. Errors are one line on the error stream.
"""

import argparse
import sys
from collections.abc import Sequence
from typing import NoReturn

from engine.cli import (
    codec,
    convert,
    doctor,
    keys,
    lexicon,
    models,
    say,
    space,
    systems,
    text,
    train,
    transcribe,
    voices,
    wyoming,
)
from engine.errors import Busy, DownloadError, EngineError, Offline, OptionError, OutOfMemory, UserError
from engine.system import SystemSpec

COMMANDS = {
    "systems": systems,
    "say": say,
    "convert": convert,
    "text": text,
    "transcribe": transcribe,
    "voices": voices,
    "models": models,
    "keys": keys,
    "lexicon": lexicon,
    "codec": codec,
    "train": train,
    "wyoming": wyoming,
    "doctor": doctor,
    "space": space,
}

_HINTS = {
    Busy: "wait for the other work to end",
    OutOfMemory: "a shorter text or --device cpu may help",
    Offline: "",
    DownloadError: "what has arrived is kept, and the next try goes on",
}


def main(arguments: Sequence[str] | None = None, specs: tuple[SystemSpec, ...] | None = None) -> int:
    """Run one command; returns the exit status. ``specs`` are the systems to offer, by default the registered ones."""
    try:
        chosen = _parser().parse_args(arguments)
        return chosen.run(chosen, specs)
    except UserError as error:
        return _complain(error, 2)
    except EngineError as error:
        hints = [hint for kind, hint in _HINTS.items() if isinstance(error, kind)]
        return _complain(error, 1, next(iter(hints), "run with python -X dev to see where"))
    except KeyboardInterrupt:
        return _complain("stopped", 1)
    except BrokenPipeError:
        # Whoever read the output has gone; the interpreter must not try to flush into nothing.
        sys.stdout = None
        return 1
    except Exception as error:
        # The outermost frame: a user gets a line, a developer the whole of it.
        if sys.flags.dev_mode:
            raise
        return _complain(f"internal error: {type(error).__name__}: {error}", 1, "run with python -X dev to see where")


def _complain(error: Exception | str, status: int, hint: str = "") -> int:
    line = " ".join(str(error).split())
    sys.stderr.write(f"polyphone: {line}{f' ({hint})' if hint else ''}\n")
    return status


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise OptionError("{problem}; see {prog} --help", problem=message, prog=self.prog)


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(prog="python3 -m engine", description="Open text-to-speech.", allow_abbrev=False)
    commands = parser.add_subparsers(dest="command", required=True, metavar=" | ".join(COMMANDS))
    for command in COMMANDS.values():
        command.add(commands)
    return parser
