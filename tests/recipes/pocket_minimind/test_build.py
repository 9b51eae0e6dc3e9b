"""The recipe from end to end, in small: it ends with a checkpoint that the product opens, and goes on where it was."""

import numpy as np
import pytest
import torch

from engine.codecs.training.config import read_run
from engine.codecs.training.network import Learner, public
from engine.engine import Engine
from engine.systems.minimind import SPEC
from engine.systems.minimind.config import published_shapes
from engine.systems.minimind.training.config import read_run as read_lm
from recipes.pocket_minimind import build, corpus

SENTENCES = ["Hello there.", "Good morning!", "Who is it?", "Not at all."]


@pytest.fixture
def plan():
    # So little time is one step of each network.
    return build.Plan(
        sentences=4, processes=1, device="cpu", codec_minutes=0.001, codec_batch=2, lm_minutes=0.001, lm_batch=2
    )


def test_from_nothing_to_a_checkpoint_that_speaks(tmp_path, plan, monkeypatch):
    monkeypatch.setattr(build, "texts", lambda count, _seed: SENTENCES[:count])
    labels = [str(progress.label) for progress in build.make(tmp_path / "work", tmp_path / "target", plan)]
    assert "4 sentences said" in labels
    assert sum(path.stat().st_size for path in (tmp_path / "target").rglob("*") if path.is_file()) <= build.MOST_BYTES
    engine = Engine((SPEC,), device="cpu")
    speech = engine.say("Hello.", system="minimind", checkpoint=tmp_path / "target", seed=1, max_audio_s=1.0)
    assert 0 < len(speech.samples) <= 1.1 * 24_000
    assert np.isfinite(speech.samples).all()

    said = {path: path.stat().st_mtime_ns for path in (tmp_path / "work").rglob("*.npz")}
    again = [str(progress.label) for progress in build.make(tmp_path / "work", tmp_path / "target", plan)]
    assert not any("said" in label or "making codes" in label for label in again)
    assert sum(label.startswith("continuing at step ") for label in again) == 2
    assert {path: path.stat().st_mtime_ns for path in (tmp_path / "work").rglob("*.npz")} == said


def test_a_sentence_is_said_anew_when_it_is_another(tmp_path):
    path = tmp_path / "0.wav"
    assert not corpus.is_said(path, "One.")
    path.write_bytes(b"")
    path.with_suffix(".txt").write_text("One.")
    assert corpus.is_said(path, "One.")
    assert not corpus.is_said(path, "Two.")


def test_both_networks_are_small_enough(tmp_path):
    plan = build.Plan()
    with torch.device("meta"):
        codec = public(Learner(read_run(build.codec_config(tmp_path, plan)).model))
    needed = sum(value.numel() for key, value in codec.items() if not key.endswith(build._TRAINING))
    lm = read_lm(build.language_model_config(tmp_path, plan, tmp_path / "c.ckpt")).model(2048)
    numbers = sum(int(np.prod(shape)) for shape in published_shapes(lm).values())
    assert 2 * needed < 12_000_000
    assert 2 * (needed + numbers) < build.MOST_BYTES
