"""The benchmark of VALL-E X runs through with a tiny model, and compares like with like."""

import json
from pathlib import Path

import torch

from benchmarks.valle import EIGHT_BIT, FULL, MODES, NETWORK, PUBLIC, Bench, main


def test_the_public_loop_draws_the_same() -> None:
    bench = Bench("tiny")
    with torch.inference_mode():
        theirs = torch.stack(list(bench.steps(PUBLIC, 3, 12)))
        for mode in (NETWORK, FULL):
            *_, ours = bench.steps(mode, 3, 12)
            for row in range(3):
                assert torch.equal(ours.ids(row), theirs[:, row])


def test_a_tiny_run_gives_every_figure(tmp_path: Path) -> None:
    path = tmp_path / "figures.json"
    main(["--size", "tiny", "--rows", "1", "3", "--steps", "6", "--runs", "1", "--seconds", "0.2", "--json", str(path)])
    figures = json.loads(path.read_text(encoding="utf-8"))
    assert [(row["rows"], row["mode"]) for row in figures["steps"]] == [
        (rows, mode) for rows in (1, 3) for mode in MODES
    ]
    assert all(row["ms"] > 0 and row["ratio"] > 0 for row in figures["steps"])
    assert figures["nar"]["share"] > 0
    assert [row["mode"] for row in figures["whole"]] == [FULL, EIGHT_BIT]
    assert figures["quality"]["error"] < 0.05 * figures["quality"]["spread"]
