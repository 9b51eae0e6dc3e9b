"""The benchmark of streams that step together runs through with a tiny model."""

import pytest

from benchmarks.company import main


def test_a_tiny_run_gives_every_figure(capsys: pytest.CaptureFixture[str]) -> None:
    main(["--size", "tiny", "--streams", "1", "3", "--steps", "6", "--runs", "1"])
    rows = [line.split() for line in capsys.readouterr().out.splitlines()[3:]]
    assert [row[:2] for row in rows] == [["full", "1"], ["full", "3"], ["8-bit", "1"], ["8-bit", "3"]]
    assert all(float(figure) > 0 for row in rows for figure in row[2:])
