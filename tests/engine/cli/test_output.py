"""Stages on the error stream: each with its seconds, which go on while nothing is heard of it."""

import io
import re
import time

import pytest

from engine.cli import output
from engine.cli.output import in_flight, progress_line
from engine.events import Progress
from tests.timing import until


class Stream(io.StringIO):
    """An error stream that may be a terminal."""

    def __init__(self, *, terminal: bool) -> None:
        super().__init__()
        self.isatty = lambda: terminal


def stage(label: str, **more: float | None) -> Progress:
    return Progress(**{"done": 0, "total": None, **more}, label=label)


def test_a_stage_that_is_silent_is_shown_with_its_seconds_on_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    stream = Stream(terminal=True)
    monkeypatch.setattr("sys.stderr", stream)
    monkeypatch.setattr(output, "CLOCK_FROM_S", 1)
    with progress_line() as show:
        show(stage("reading the weights", done=1, total=3))
        show(stage("compiling"))
        # The clock is looked at once a second, a little late each time: a second may be passed over.
        until(lambda: re.search(r"compiling \([1-9]\d* s\)", stream.getvalue()) is not None)
    assert re.match(r"(\r\x1b\[Kreading the weights 1/3( \(\d+ s\))?)+\r\x1b\[Kcompiling", stream.getvalue())
    ended = stream.getvalue()
    assert ended.endswith("\r\x1b[K")
    time.sleep(1.1)
    assert stream.getvalue() == ended, "nothing is written over what comes after"


def test_elsewhere_there_is_a_line_now_and_then(monkeypatch: pytest.MonkeyPatch) -> None:
    stream = Stream(terminal=False)
    monkeypatch.setattr("sys.stderr", stream)
    monkeypatch.setattr(output, "EVERY_S", 0.5)
    with progress_line() as show:
        began = time.monotonic()
        show(stage("compiling"))
        until(lambda: "compiling" in stream.getvalue())
        assert time.monotonic() - began >= 0.5, "what is short is not told of"
    assert stream.getvalue().splitlines()[0].startswith("compiling")


def test_bytes_that_come_have_their_own_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    stream = Stream(terminal=True)
    monkeypatch.setattr("sys.stderr", stream)
    monkeypatch.setattr(output, "CLOCK_FROM_S", 0)
    with progress_line(in_flight) as show:
        show(stage("downloading", done=5e6, total=10e6, rate=1e6))
    assert "5 s to go" in stream.getvalue()
    assert "(0 s)" not in stream.getvalue()
