"""The longest steps of a text are found and printed."""

import pytest

from benchmarks.stopping import main, spoken


def test_steps_are_what_is_between_events() -> None:
    steps = spoken("kokoro", None, {}, threads=1, seconds=30, text="Hello there.")
    assert any(step.event.endswith("s of sound") for step in steps)
    assert {"speaking"} < {step.event for step in steps}
    assert all(step.cpu_s >= 0 and step.wall_s > 0 for step in steps)


def test_they_are_printed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--system", "kokoro", "--threads", "1", "--seconds", "1"]) == 0
    head, _, *longest = capsys.readouterr().out.splitlines()
    assert head.startswith("kokoro, 1 threads, ")
    times = [float(line.split()[1]) for line in longest]
    assert times == sorted(times, reverse=True)
