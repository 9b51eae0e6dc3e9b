"""espeak-ng, asked in a process of its own: a few texts bring it down, and it alone.

It keeps its state in its library, so one asks at a time. No text is worth more than LIMIT_S of it.
"""

import contextlib
import json
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from threading import Lock, Timer
from typing import Any

from engine import forking
from engine.errors import EngineError, TextError
from engine.message import Message

LIMIT_S = 60.0
PROGRAM = Path(__file__).with_name("espeak_process.py")
PACKAGES = ("espeakng_loader", "phonemizer")


class Espeak:
    """The process, started when it is first asked, and again when a text has ended it."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._running: subprocess.Popen[bytes] | None = None

    def leave(self) -> None:
        """Leave the process to whoever else asks it, and start one's own: two that share its pipes mix up answers."""
        self._lock, self._running = Lock(), None

    def ask(self, kind: str, *question: Any, language: str, text: str) -> Any:
        """What `engine.text.espeak_process` answers to a question about a ``text`` in a ``language``.

        Raises EngineError when espeak-ng or phonemizer is not installed or does not know the language, TextError where
        the text has brought it down.
        """
        with self._lock:
            running = self._running = self._running or _started()
            line = _asked(running, json.dumps([kind, *question]).encode() + b"\n")
            if not line:
                self._running = None
                _end(running)
        if not line:
            raise TextError(
                "espeak-ng breaks down over this text in {language!r}: {text!r}; write it otherwise",
                language=language,
                text=text[:60],
            )
        answer = json.loads(line)
        if isinstance(answer, dict):
            raise EngineError("espeak-ng cannot read {language!r}: {error}", language=language, error=answer["error"])
        return answer


ESPEAK = Espeak()
forking.in_child(ESPEAK.leave)


def _asked(running: "subprocess.Popen[bytes]", line: bytes) -> bytes:
    """The answer to a line; nothing where the process is gone, or had to be ended."""
    if running.stdin is None or running.stdout is None:
        return b""
    limit = Timer(LIMIT_S, running.kill)
    limit.daemon = True
    limit.start()
    try:
        with contextlib.suppress(OSError):
            running.stdin.write(line)
            running.stdin.flush()
            return running.stdout.readline()
    finally:
        limit.cancel()
    return b""


def _end(running: "subprocess.Popen[bytes]") -> None:
    running.kill()
    with contextlib.suppress(OSError, ValueError):
        running.communicate()


def _started() -> "subprocess.Popen[bytes]":
    missing = next((package for package in PACKAGES if not _is_here(package)), None)
    if missing:
        raise EngineError(
            "reading text as phonemes needs the package {error}; install requirements.txt, or give "
            "phonemes yourself with the option cleaned",
            error=missing,
        )
    import espeakng_loader

    paths = (espeakng_loader.get_library_path(), espeakng_loader.get_data_path())
    # Not beside this file: its neighbours bear names of other modules.
    command = [sys.executable, "-P", str(PROGRAM), *map(str, paths)]
    try:
        running = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    except OSError as error:
        raise EngineError("espeak-ng cannot be started: {error}", error=error) from error
    if not _asked(running, b'["clauses", "en-us", ""]\n'):
        _end(running)
        raise EngineError("espeak-ng cannot be started: {error}", error=Message("its process ends at once"))
    return running


def _is_here(package: str) -> bool:
    try:
        return find_spec(package) is not None
    except (ImportError, ValueError):
        return False
