"""A small codec learns, is what the engine loads, and goes on where it was left."""

import json
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import soundfile
import torch

from engine.codecs import wavtokenizer
from engine.codecs.training.config import read_run
from engine.codecs.training.network import Learner, public
from engine.codecs.training.train import train
from engine.errors import ConfigError
from engine.training.metrics import read_metrics
from engine.training.run_file import read_progress
from tests.wavtokenizer import read as stored

ROOT = Path(__file__).parents[4]
SMALL = {"n_filters": 2, "dimension": 16, "vq_bins": 32, "lstm_layers": 1, "dim": 32, "num_layers": 2}


@pytest.fixture(autouse=True)
def _one_thread():
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


@pytest.fixture
def make_run(tmp_path):
    """Writes six sounds of harmonics that come and go, and a configuration; returns the latter's path."""
    (tmp_path / "sounds").mkdir()
    seconds, rng = np.arange(12_000) / 24_000, np.random.default_rng(0)
    for number in range(6):
        pitch = 120 + 30 * number
        tones = sum(np.sin(2 * np.pi * pitch * k * seconds) / k for k in range(1, 60))
        swell = 0.55 + 0.45 * np.sin(2 * np.pi * 3 * seconds + number)
        soundfile.write(
            tmp_path / "sounds" / f"{number}.wav", 0.15 * tones * swell + 0.003 * rng.standard_normal(12_000), 24_000
        )

    def make(name="codec", *, model=None, **train):
        raw = {
            "system": "minimind", "kind": "codec", "model": SMALL | (model or {}),
            "data": {"recordings": "sounds", "segment_s": 0.2},
            "train": {"batch_size": 4, "learning_rate": 3e-3, "beta2": 0.99, "c_commit": 10.0, "log_interval": 1,
                      "eval_interval": 1000, "discriminator_width": 0.05, "spectrogram_channels": 1, "device": "cpu",
                      "threads": 1, "save_minutes": 1000} | train,
        }  # fmt: skip
        path = tmp_path / f"{name}.json"
        path.write_text(json.dumps(raw))
        return path

    return make


def go(config):
    return [str(progress.label) for progress in train(config)]


def lines(config):
    return [line for line in read_metrics(config.with_suffix("")) if "loss_g" in line]


def test_the_reconstruction_gets_better_and_discriminators_join(make_run):
    config = make_run(max_steps=26, adversarial_from=0.88, learning_rate=5e-3)
    go(config)
    found = lines(config)
    assert found[22]["loss_mel"] < 0.75 * found[0]["loss_mel"]
    assert {name for name in found[-1] if name.startswith("loss")} == {
        "loss_mel", "loss_commit", "loss_gen", "loss_feature", "loss_g", "loss_d"
    }  # fmt: skip
    assert "loss_d" not in found[22]
    assert all(np.isfinite(value) for line in found for value in line.values())
    folder = config.with_suffix("")
    assert {path.name for path in (folder / "samples").glob("*.wav")} == {"0-recorded.wav", "26-decoded.wav"}

    codec = wavtokenizer.load(folder / "WavTokenizer.ckpt")
    assert (codec.codes_per_s, codec.codebook_size) == (40, 32)
    codes = [codec.encode(_sound(folder.parent / "sounds" / f"{n}.wav")) for n in range(6)]
    assert len(torch.cat(codes, dim=2).unique()) > 2
    assert codec.decode(codes[0]).shape == (1, 12_000)


def _sound(path):
    return torch.from_numpy(soundfile.read(path, dtype="float32")[0]).unsqueeze(0)


def test_what_is_written_decodes_as_what_is_trained(make_run):
    config = make_run(max_steps=2, adversarial_from=1.0)
    go(config)
    run, folder = read_run(config), config.with_suffix("")
    learner = Learner(run.model).eval()
    learner.load_state_dict(read_progress(folder)["learner"])
    codec = wavtokenizer.load(folder / "WavTokenizer.ckpt")
    samples = _sound(folder.parent / "sounds" / "1.wav")
    with torch.no_grad():
        made = learner(samples, 0, run.train.autocast(torch.device("cpu")))
    assert torch.equal(codec.encode(samples)[:, 0], made.codes)
    assert torch.allclose(codec.decode(made.codes.unsqueeze(1)), made.samples, atol=1e-5)


@pytest.mark.parametrize("family", ["frame40", "frame75"])
def test_names_and_shapes_are_the_published_ones(family, tmp_path):
    ratios = {"frame40": [6, 5, 5, 4], "frame75": [8, 5, 4, 2]}[family]
    (tmp_path / "c.json").write_text(json.dumps({"model": {"ratios": ratios}, "data": {"recordings": "."}}))
    with torch.device("meta"):
        state = public(Learner(read_run(tmp_path / "c.json").model))
    manifest = {
        key: each["shape"] for key, each in stored(f"manifest_wavtokenizer_{family}").items()
        if not key.startswith("feature_extractor.encodec.decoder.")
    }  # fmt: skip
    assert {key: list(value.shape) for key, value in state.items()} == manifest


def test_a_killed_run_ends_where_a_straight_one_does(make_run):
    plan = {"max_steps": 8, "adversarial_from": 0.75}
    straight, killed = make_run("straight", **plan), make_run("killed", **plan | {"eval_interval": 2})
    go(straight)
    # By its own hand: by another's it might come any number of steps late.
    code = (
        "import os, pathlib, signal, sys; from engine.codecs.training.train import train\n"
        "for progress in train(pathlib.Path(sys.argv[1])):\n"
        "    if progress.done == 5: os.kill(os.getpid(), signal.SIGKILL)"
    )
    done = subprocess.run([sys.executable, "-c", code, str(killed)], cwd=ROOT, check=False)
    assert done.returncode == -signal.SIGKILL
    assert 4 <= read_progress(killed.with_suffix(""))["step"] < 8
    assert any(label.startswith("continuing at step ") for label in go(killed))
    for ours, expected in zip(lines(killed), lines(straight), strict=True):
        assert ours == pytest.approx(expected, rel=1e-3)


def test_two_processes_have_one_codebook(make_run):
    config = make_run(processes=2, batch_size=2, max_steps=2, adversarial_from=1.0)
    go(config)
    held = read_progress(config.with_suffix(""))
    assert (held["step"], len(held["rng"])) == (2, 2)


@pytest.mark.parametrize(
    ("model", "message"),
    [
        ({"dim": 33}, "dim=33 is no multiple of 32"),
        ({"filters": 3}, "model has unknown keys: filters"),
        ({"ratios": [6, 1]}, "below 2"),
        ({"ratios": [64, 64, 8]}, "too short for this codec"),
    ],
)
def test_a_mistake_is_named(make_run, model, message):
    with pytest.raises(ConfigError, match=message):
        read_run(make_run(model=model))
