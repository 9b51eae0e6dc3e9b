"""The benchmark of the hub runs through, and counts what it should."""

import json
from pathlib import Path

from benchmarks.hub import main


def test_a_small_run_gives_figures_of_both_clients(tmp_path: Path) -> None:
    main(["--mb", "4", "--runs", "1", "--folder", str(tmp_path), "--json", str(tmp_path / "figures.json")])
    figures = json.loads((tmp_path / "figures.json").read_text())
    assert [row["client"] for row in figures["clients"]] == ["huggingface_hub", "ours"]
    assert all(row["least"] > 0 and row["processor_s"] > 0 for row in figures["clients"])
    assert figures["ratio"] > 0
    assert [path.name for path in tmp_path.iterdir()] == ["figures.json"]
