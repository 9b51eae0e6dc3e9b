"""The benchmark of loading runs, and compares like with like."""

import json
from pathlib import Path

from benchmarks import loading


def test_it_measures_every_way_of_loading_and_they_agree(tmp_path: Path, capsys) -> None:
    loading.main(["--megabytes", "1", "--runs", "1", "--folder", str(tmp_path), "--json", str(tmp_path / "x.json")])
    found = json.loads((tmp_path / "x.json").read_text())
    assert [(f["file"], f["way"], f["pages"]) for f in found] == [
        (file, way, pages)
        for file in ("zip", "legacy")
        for way in ("torch.load", "first", "later")
        for pages in ("cold", "warm")
    ]
    assert all(0 < f["seconds"] < 60 for f in found)
    assert capsys.readouterr().out.count("\n") == 2 + len(found)
    assert [path.name for path in tmp_path.iterdir()] == ["x.json"]
