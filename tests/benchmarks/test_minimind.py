"""The benchmark of MiniMind-TTS runs through with a tiny model, and compares like with like."""

import json
from pathlib import Path

import torch

from benchmarks.minimind import EIGHT_BIT, FULL, MODES, NETWORK, PLAIN, Bench, main


def test_the_plain_loop_draws_the_same() -> None:
    bench = Bench("tiny", 75)
    with torch.inference_mode():
        *_, theirs = bench.steps(PLAIN, 20)
        for mode in (NETWORK, FULL):
            *_, ours = bench.steps(mode, 20)
            assert torch.equal(ours, theirs)


def test_a_tiny_run_gives_every_figure(tmp_path: Path) -> None:
    path = tmp_path / "figures.json"
    main(["--size", "tiny", "--steps", "6", "--runs", "1", "--seconds", "1.5", "--json", str(path)])
    figures = json.loads(path.read_text(encoding="utf-8"))
    assert [row["mode"] for row in figures["steps"]] == list(MODES)
    assert all(row["ms"] > 0 and row["ratio"] > 0 for row in figures["steps"])
    assert [row["mode"] for row in figures["whole"]] == list(MODES)
    assert all(row["rtf"] > 0 and row["first_s"] > 0 for row in figures["whole"])
    assert {FULL, EIGHT_BIT} <= set(MODES)
