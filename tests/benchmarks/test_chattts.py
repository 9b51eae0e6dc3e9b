"""The benchmark of ChatTTS runs through with a tiny model, and compares like with like."""

import json
from pathlib import Path

import torch

from benchmarks.chattts import CPU_MODES, EIGHT_BIT, FULL, main
from benchmarks.chattts_models import SIZES, peer_of, random_model
from engine.nn.decoding.masks import prefill_bias


def test_the_peer_computes_the_same():
    gpt = random_model(SIZES["tiny"], torch.device("cpu")).gpt
    x = torch.randn(2, 7, 64, generator=torch.Generator().manual_seed(1))
    with torch.inference_mode():
        theirs = peer_of(gpt)(inputs_embeds=x).last_hidden_state
        positions = torch.arange(7).expand(2, 7)
        ours = gpt(x, positions, gpt.new_cache(2, 7), prefill_bias(torch.ones(2, 7).bool(), torch.float32))
    torch.testing.assert_close(ours, theirs, atol=1e-5, rtol=0)


def test_a_tiny_run_gives_every_figure(tmp_path: Path) -> None:
    main(["--size", "tiny", "--device", "cpu", "--batches", "1", "3", "--steps", "8", "--runs", "1", "--seconds", "0.1",
          "--json", str(tmp_path / "figures.json")])  # fmt: skip
    figures = json.loads((tmp_path / "figures.json").read_text())
    assert [(row["batch"], row["mode"]) for row in figures["steps"]] == [(b, m) for b in (1, 3) for m in CPU_MODES]
    assert all(row["ms"] > 0 and row["ratio"] > 0 for row in figures["steps"])
    spoken = {(row["mode"], row["batch"]): row for row in figures["speaking"]}
    assert {(FULL, 1), (EIGHT_BIT, 3)} <= spoken.keys()
    assert all(row["first_ms"] > 0 and row["rtf"] > row["vocoder"] > 0 for row in spoken.values())
    assert figures["kernels_ms"]["float32 linear"] > 0
    assert figures["quality"]["error"] < 0.05 * figures["quality"]["spread"]
