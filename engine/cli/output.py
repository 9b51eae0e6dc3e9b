"""What commands say: the answer on stdout, and how far they are on the last line of a terminal."""

import contextlib
import sys
from collections.abc import Iterator
from typing import Any

from engine.events import Progress


def answer(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


@contextlib.contextmanager
def progress_line() -> Iterator[Any]:
    """A function that shows a Progress on the last line of a terminal, and does nothing anywhere else."""
    if not sys.stderr.isatty():
        yield lambda _: None
        return

    def show(progress: Progress) -> None:
        sys.stderr.write(f"\r\x1b[K{described(progress)}")
        sys.stderr.flush()

    try:
        yield show
    finally:
        sys.stderr.write("\r\x1b[K")
        sys.stderr.flush()


def described(progress: Progress) -> str:
    return progress.label if progress.total is None else f"{progress.label} {progress.done:g}/{progress.total:g}"
