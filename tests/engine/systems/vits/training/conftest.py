"""A tiny run, with gradients."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
import torch

ROOT = Path(__file__).parents[5]
GOLDENS = ROOT / "tests" / "goldens" / "vits"


SMALL = {
    "inter_channels": 8, "hidden_channels": 16, "filter_channels": 16, "n_layers": 1, "posterior_layers": 2,
    "flow_layers": 1, "flow_count": 2, "upsample_initial_channel": 16, "resblock": "2", "resblock_kernel_sizes": [3],
    "resblock_dilation_sizes": [[1, 3]], "dp_filter_channels": 16,
}  # fmt: skip


@pytest.fixture(autouse=True)
def _no_grad() -> Iterator[None]:
    """Here gradients are wanted; one thread, so that equal runs give equal bits in any process."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


@pytest.fixture
def make_run(tmp_path: Path) -> Callable[..., Path]:
    """Writes six short recordings with a list, and a configuration of a tiny network; returns the latter's path."""
    rng = np.random.default_rng(0)
    lines = []
    for number in range(6):
        seconds = np.arange(10_000 + 1500 * number) / 22050
        tone = 0.3 * np.sin(2 * np.pi * (150 + 40 * number) * seconds) * (1 - np.exp(-20 * seconds))
        soundfile.write(tmp_path / f"{number}.wav", tone + 0.005 * rng.standard_normal(len(tone)), 22050)
        lines.append(f"{number}.wav|həlˈoʊ wˈɜːld, {'aeiou.'[number]}")
    (tmp_path / "train.txt").write_text("\n".join(lines), encoding="utf-8")
    (tmp_path / "validation.txt").write_text(lines[0], encoding="utf-8")

    def make(name: str = "tiny", *, model: dict[str, Any] | None = None, **train: Any) -> Path:
        raw = json.loads((GOLDENS / "config_mb_det.json").read_text())
        raw["model"] |= SMALL | (model or {})
        raw["data"] |= {"training_files": "train.txt", "validation_files": "validation.txt"}
        raw["train"] |= {"batch_size": 2, "segment_size": 2048, "log_interval": 1, "eval_interval": 1000,
                         "discriminator_width": 0.05, "device": "cpu", "threads": 1} | train  # fmt: skip
        path = tmp_path / f"{name}.json"
        path.write_text(json.dumps(raw))
        return path

    return make
