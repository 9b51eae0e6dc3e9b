"""What commands say: the answer on stdout, and how far they are on the error stream."""

import contextlib
import sys
import threading
import time
from collections.abc import Callable, Iterator

from engine.events import Progress
from engine.library.card import in_bytes

# How often a stream that is no terminal hears of long work, in seconds.
EVERY_S = 10.0
# A shorter stage needs no clock.
CLOCK_FROM_S = 2


def answer(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def described(progress: Progress) -> str:
    """For work that is counted: "reading the weights 2/4"."""
    return progress.label if progress.total is None else f"{progress.label} {progress.done:g}/{progress.total:g}"


def in_flight(progress: Progress) -> str:
    """For bytes: "downloading G_0.pth 120 MB of 417 MB, 12 MB a second, 25 s to go"."""
    if not progress.done and progress.total is None:
        return progress.label
    parts = [
        f"{progress.label} {in_bytes(progress.done)}" + (f" of {in_bytes(progress.total)}" if progress.total else "")
    ]
    if progress.rate:
        parts.append(f"{in_bytes(progress.rate)} a second")
    if progress.remaining_s is not None:
        parts.append(f"{progress.remaining_s:.0f} s to go")
    return ", ".join(parts)


@contextlib.contextmanager
def progress_line(words: Callable[[Progress], str] = described) -> Iterator[Callable[[Progress], None]]:
    """A function that shows a Progress on the last line of a terminal; elsewhere on a line of its own, now and then.

    A stage that takes a while is shown with its seconds, which go on while nothing is heard of it.
    """
    line = _Line(words)
    threading.Thread(target=line.run, name="progress", daemon=True).start()
    try:
        yield line.show
    finally:
        line.close()


class _Line:
    """What was said last, and since when. ``show`` and ``run`` may be on two threads."""

    def __init__(self, words: Callable[[Progress], str]) -> None:
        self._words = words
        self._out, self._is_terminal = sys.stderr, sys.stderr.isatty()
        self._lock, self._over = threading.Lock(), threading.Event()
        self._at: Progress | None = None
        self._since = self._written = time.monotonic()

    def show(self, progress: Progress) -> None:
        with self._lock:
            if self._at is None or self._at.label != progress.label:
                self._since = time.monotonic()
            self._at = progress
            self._write()

    def run(self) -> None:
        while not self._over.wait(1.0):
            with self._lock:
                self._write()

    def close(self) -> None:
        with self._lock:
            self._over.set()
            if self._is_terminal:
                self._out.write("\r\x1b[K")
                self._out.flush()

    def _write(self) -> None:
        now = time.monotonic()
        if self._at is None or self._over.is_set() or not (self._is_terminal or now - self._written >= EVERY_S):
            return
        self._written = now
        seconds = int(now - self._since)
        # What is counted by the second says itself how long it takes.
        clock = f" ({seconds} s)" if seconds >= CLOCK_FROM_S and self._at.rate is None else ""
        said = self._words(self._at) + clock
        self._out.write(f"\r\x1b[K{said}" if self._is_terminal else f"{said}\n")
        self._out.flush()
