"""Tiny runs: noisy recordings with transcripts, the reduced codec of the goldens, and a small language model."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
import torch

from tests.wavtokenizer import lightning_file

SMALL = {"dim": 64, "n_layers": 2, "n_heads": 4, "n_kv_heads": 2, "max_seq_len": 128, "vocabulary": "bytes"}
WORDS = ("river", "seven", "green", "cloud", "paper", "stone", "early", "music", "night", "bread")


@pytest.fixture(autouse=True)
def _one_thread() -> Iterator[None]:
    """So that equal runs give equal bits in any process."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


@pytest.fixture
def recordings(tmp_path: Path) -> Callable[[int], Path]:
    """Writes so many recordings of half a second, with transcripts, of two speakers; returns their folder."""

    def write(count: int) -> Path:
        rng = np.random.default_rng(0)
        for number in range(count):
            folder = tmp_path / "sounds" / f"speaker{number % 2}"
            folder.mkdir(parents=True, exist_ok=True)
            if (folder / f"{number:03}.wav").exists():
                continue  # what is written anew would be coded anew
            length = 10_000 + 600 * (number % 7)
            soundfile.write(folder / f"{number:03}.wav", 0.3 * rng.standard_normal(length), 24_000)
            text = f"{WORDS[number % 10]} {WORDS[number // 10]}"
            (folder / f"{number:03}.txt").write_text(text, encoding="utf-8")
        return tmp_path / "sounds"

    return write


@pytest.fixture
def make_run(tmp_path: Path, recordings: Callable[[int], Path]) -> Callable[..., Path]:
    """Writes eight recordings, a codec and a configuration; returns the latter's path."""

    def make(name: str = "tiny", *, count: int = 8, model: Any = None, data: Any = None, **train: Any) -> Path:
        recordings(count)
        if not (tmp_path / "codec").exists():
            lightning_file(tmp_path / "codec", "codec40")
        raw = {
            "system": "minimind",
            "model": SMALL | (model or {}),
            "data": {"recordings": "sounds", "codec": "codec/WavTokenizer.ckpt", "held_out": 4} | (data or {}),
            "train": {"batch_size": 2, "accumulation_steps": 1, "learning_rate": 2e-3, "log_interval": 1,
                      "device": "cpu", "threads": 1} | train,
        }  # fmt: skip
        path = tmp_path / f"{name}.json"
        path.write_text(json.dumps(raw), encoding="utf-8")
        return path

    return make
