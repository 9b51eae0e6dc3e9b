"""A made-up corpus, and the voice's configuration made tiny."""

import json
from pathlib import Path

import numpy as np
import pytest

from recipes.bundled_voice import build
from recipes.bundled_voice.data import Corpus
from recipes.bundled_voice.features import CHANNELS, HOP

SENTENCE = "həlˈoʊ."


@pytest.fixture
def corpus(tmp_path: Path) -> Corpus:
    """Forty sentences of two speakers: a tone whose pitch the latent says in every channel."""
    rng = np.random.default_rng(1)
    frames, rows = 70, 40
    sound, latents = [], []
    for row in range(rows):
        pitch = 120 + 60 * (row % 2)
        tone = 0.2 * np.sin(2 * np.pi * pitch * np.arange(frames * HOP) / 16_000)
        sound.append(tone + 0.05 * rng.standard_normal(len(tone)))
        latents.append(np.full((frames, CHANNELS), row % 2) + 0.1 * rng.standard_normal((frames, CHANNELS)))
    features = np.concatenate(latents)
    np.save(tmp_path / "samples.npy", (np.concatenate(sound) * 32767).astype(np.int16))
    np.save(tmp_path / "latents.npy", features.astype(np.float16))
    np.save(tmp_path / "durations.npy", np.tile(np.full(len(SENTENCE), 10), rows).astype(np.int16))
    np.save(tmp_path / "statistics.npy", np.stack([features.mean(0), features.std(0)]))
    index = [[row % 2, SENTENCE, row * frames, frames, row * len(SENTENCE)] for row in range(rows)]
    (tmp_path / "index.json").write_text(json.dumps(index))
    return Corpus.open(tmp_path)


@pytest.fixture
def small(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The voice's configuration made tiny."""
    raw = json.loads(build.CONFIG.read_text())
    raw["model"] |= {
        "hidden_channels": 16, "filter_channels": 32, "n_layers": 1, "flow_layers": 1, "flow_count": 2,
        "upsample_initial_channel": 16, "gin_channels": 4, "dp_filter_channels": 16,
    }  # fmt: skip
    path = tmp_path / "small.json"
    path.write_text(json.dumps(raw))
    monkeypatch.setattr(build, "CONFIG", path)
    return path
