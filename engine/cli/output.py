"""What commands say: the answer on stdout, and how far they are on the error stream."""

import contextlib
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any

from engine.events import Progress
from engine.library.card import in_bytes

# How often a stream that is no terminal hears of long work, in seconds.
EVERY_S = 10.0


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
def progress_line(words: Callable[[Progress], str] = described) -> Iterator[Any]:
    """A function that shows a Progress on the last line of a terminal; elsewhere on a line of its own, now and then."""
    if not sys.stderr.isatty():
        shown = time.monotonic()

        def write(progress: Progress) -> None:
            nonlocal shown
            if time.monotonic() - shown >= EVERY_S:
                shown = time.monotonic()
                sys.stderr.write(words(progress) + "\n")
                sys.stderr.flush()

        yield write
        return

    def show(progress: Progress) -> None:
        sys.stderr.write(f"\r\x1b[K{words(progress)}")
        sys.stderr.flush()

    try:
        yield show
    finally:
        sys.stderr.write("\r\x1b[K")
        sys.stderr.flush()
