"""Text as espeak-ng takes it in: clause by clause, each with its phonemes and the mark that ends it.

espeak's own call (speak_lib.h of espeak-ng 1.52: ``espeak_TextToPhonemes``) reads one clause of a text and moves the
pointer behind it, so that what it has passed over tells where it saw an end and which mark made it. It reads one
character further than the clause, where there is one.
"""

import contextlib
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from threading import Lock

from engine.errors import EngineError, TextError
from engine.message import Message
from engine.text.phonemes import LONG_WORD, MOST_OF_A_CLAUSE, broken_up

# What a clause ends with, by every mark that espeak knows for it.
_MARKS = {
    ".": ".", "?": "?", "!": "!", ",": ",", ":": ":", ";": ";", "。": ".", "？": "?", "！": "!", "，": ",", "、": ",",
    "：": ":", "；": ";", "،": ",", "؛": ";", "؟": "?", "—": ";", "–": ";",
}  # fmt: skip
_CLOSERS = "\"'”’»›)\\]}」』）】》"
_END = re.compile(rf"(?:(?P<marks>[{re.escape(''.join(_MARKS))}…]+)[{_CLOSERS}]*|\n)(?P<rest>[\s{_CLOSERS}]*\S?)$")
_CONTROLS = re.compile(r"[\x01-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]+")
# Before a letter, three or more bring espeak down in some languages: da, hi, vi.
_HYPHENS = re.compile("--+(?=-)")
# So does a word or a number of some 150 letters or signs of vowels: da, ml, vi. Chinese has none between its marks.
_LONG_RUN = re.compile(r"([^\s,.;:!?，。、；：？！]{60})(?=[^\s,.;:!?，。、；：？！])")
# Where a text that is too long for one call is cut, the best first: between sentences, clauses, words.
_CUTS = (re.compile(r"[.?!]\s+(?=[^\Wa-z])"), re.compile(r"[,;:]\s+"), re.compile(r"\s+"))


@dataclass(frozen=True, slots=True)
class Clause:
    """A stretch of ``text`` (all of them joined are the text), its ``phonemes`` (IPA with stress), and its ``mark``.

    The mark is one of ``. ? ! , : ;`` or, where a line, an ellipsis or the text ends, "".
    """

    text: str
    phonemes: str
    mark: str


def clauses(text: str, voice: str) -> list[Clause]:
    """The clauses of ``text`` as espeak-ng reads them with ``voice`` (en-us, de, cmn, ...). Safe in any thread.

    What it reads in another language stands between flags as ``(en)…(de)``. Raises EngineError when espeak-ng is not
    installed or does not know the voice, TextError when the text brings it down.
    """
    found: list[Clause] = []
    is_cut = False
    for part in _parts(text):
        read = list(_read(part, voice))
        if is_cut and found and read:
            before, first = found.pop(), read.pop(0)
            phonemes = " ".join(filter(None, (before.phonemes, first.phonemes)))
            found.append(Clause(before.text + first.text, phonemes, first.mark))
        found += read
        # Within a clause, espeak was kept from reading on.
        is_cut = bool(read) and not read[-1].mark
    return found


def _parts(text: str) -> Iterator[str]:
    """The text in parts that espeak holds: it writes into buffers of fixed size, and some texts run over them."""
    text = _HYPHENS.sub("-", _CONTROLS.sub(" ", text.partition("\0")[0]))
    text = LONG_WORD.sub(broken_up, _LONG_RUN.sub(r"\1 ", text))
    while len(text) > MOST_OF_A_CLAUSE:
        window = text[:MOST_OF_A_CLAUSE]
        ends = next((ends for cut in _CUTS if (ends := [match.end() for match in cut.finditer(window)])), [])
        # A word of letters alone may be longer.
        blank = re.compile(r"\s").search(text, MOST_OF_A_CLAUSE)
        end = ends[-1] if ends else blank.end() if blank else len(text)
        yield text[:end]
        text = text[end:]
    if text:
        yield text


def _read(text: str, voice: str) -> Iterator[Clause]:
    """The clauses of a text that is not too long."""
    data = text.encode()
    at, carried = 0, ""
    answer = _PROCESS.ask(voice, text)
    for number, (end, phonemes) in enumerate(answer, start=1):
        passed = carried + data[at:end].decode("utf-8", "ignore")
        at = end
        ending = _END.search(passed)
        carried = ending["rest"].lstrip() if ending and number < len(answer) else ""
        passed = passed.removesuffix(carried)
        yield Clause(passed, phonemes, _mark(ending))


def _mark(ending: re.Match[str] | None) -> str:
    """The mark that several in a row come to: the first, and none where they are an ellipsis."""
    marks = (ending and ending["marks"]) or ""
    return "" if not marks or "…" in marks or ".." in marks else _MARKS[marks[0]]


class _Process:
    """espeak-ng in a process of its own: a few texts bring it down, and it alone. One asks at a time."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._running: subprocess.Popen[bytes] | None = None

    def ask(self, voice: str, text: str) -> list[tuple[int, str]]:
        """What `engine.text.espeak_process` answers. Raises TextError where the text has brought it down."""
        with self._lock:
            running = self._running = self._running or _started()
            line = _asked(running, json.dumps([voice, text]).encode() + b"\n")
            if not line:
                self._running = None
                running.kill()
                running.communicate()
        if not line:
            raise TextError(
                "espeak-ng breaks down over this text in {language!r}: {text!r}; write it otherwise",
                language=voice,
                text=text[:60],
            )
        answer: list[tuple[int, str]] | None = json.loads(line)
        if answer is None:
            raise EngineError(
                "espeak-ng cannot read {language!r}: {error}", language=voice, error=Message("it has no such voice")
            )
        return answer


_PROCESS = _Process()


def _asked(running: "subprocess.Popen[bytes]", line: bytes) -> bytes:
    """The answer to a line; nothing where the process is gone."""
    if running.stdin is None or running.stdout is None:
        return b""
    with contextlib.suppress(OSError):
        running.stdin.write(line)
        running.stdin.flush()
        return running.stdout.readline()
    return b""


def _started() -> "subprocess.Popen[bytes]":
    try:
        import espeakng_loader
    except ImportError as error:
        raise EngineError(
            "reading text as phonemes needs the package {error}; install requirements.txt, or give "
            "phonemes yourself with the option cleaned",
            error=error.name,
        ) from error
    program = Path(__file__).with_name("espeak_process.py")
    paths = (espeakng_loader.get_library_path(), espeakng_loader.get_data_path())
    command = [sys.executable, "-I", str(program), *map(str, paths)]
    try:
        running = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    except OSError as error:
        raise EngineError("espeak-ng cannot be started: {error}", error=error) from error
    if not _asked(running, b'["en-us", ""]\n'):
        running.kill()
        running.communicate()
        raise EngineError("espeak-ng cannot be started: {error}", error=running.returncode)
    return running
