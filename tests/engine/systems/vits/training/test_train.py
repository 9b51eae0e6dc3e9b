"""Training: one step as published, and a voice at the end."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch

from engine.audio.stft import linear_spectrogram
from engine.events import AudioChunk
from engine.systems.vits import SPEC
from engine.systems.vits.training.config import read_run
from engine.systems.vits.training.data import Batch
from engine.systems.vits.training.state import State, new_state, resume
from engine.systems.vits.training.train import train_step
from engine.training import checkpoint as checkpoints
from engine.training.metrics import read_metrics
from tests.engine.systems.vits.training.runs import go, losses
from tests.goldens import weights

ROOT = Path(__file__).parents[5]
GOLDENS = ROOT / "tests" / "goldens" / "vits"


CPU = torch.device("cpu")


@pytest.fixture(scope="module")
def golden_discriminators(tmp_path_factory: pytest.TempPathFactory) -> Path:
    manifest = json.loads((GOLDENS / "manifest_D.json").read_text())
    state = {key: torch.from_numpy(weights.tensor(key, entry["shape"])) for key, entry in manifest.items()}
    path = tmp_path_factory.mktemp("discriminators") / "D_0.pth"
    torch.save({"model": state, "iteration": 1, "optimizer": None, "learning_rate": 2e-4}, path)
    return path


def _golden_batch(golden: dict[str, torch.Tensor]) -> Batch:
    spectrograms = linear_spectrogram(golden["wav"][:, 0], 1024, 256, 1024)
    spectrograms[1, :, 20:] = 0
    return Batch(
        ids=golden["ids"],
        id_lengths=golden["lengths"],
        spectrograms=spectrograms,
        frame_lengths=golden["spec_lengths"],
        samples=golden["wav"],
        speakers=golden["sid"].clamp(min=0),
    )


@pytest.mark.parametrize("model", ["mb_det", "mb_sdp_ms", "plain_sdp"])
def test_a_step_from_a_public_pair_is_the_published_one(
    model, tmp_path, golden, golden_json, golden_state, golden_discriminators
):
    raw = golden_json(f"config_{model}")
    raw["train"] |= {"segment_size": 2048, "continue_from": "G_0.pth"}
    (tmp_path / "config.json").write_text(json.dumps(raw))
    public = {"model": golden_state(model), "iteration": 1, "optimizer": None, "learning_rate": 2e-4}
    (tmp_path / "pair").mkdir()
    torch.save(public, tmp_path / "pair" / "G_0.pth")
    (tmp_path / "pair" / "D_0.pth").symlink_to(golden_discriminators)
    raw["train"]["continue_from"] = "pair"
    (tmp_path / "config.json").write_text(json.dumps(raw))
    run = read_run(tmp_path / "config.json")
    state = new_state(run, CPU)
    assert len(resume(state, run, 1)) == 3  # where it goes on, and two optimisers without state
    for network in (state.model, state.discriminators):
        network.eval()  # the published values were made without dropout

    reference, expected = golden(f"train_step_{model}"), golden_json("train_step_losses")[model]
    torch.manual_seed(int(reference["seed"]))
    measured = {name: float(value) for name, value in train_step(state, _golden_batch(reference), run).items()}

    assert measured.pop("loss_g") == pytest.approx(expected["loss_gen_all"], rel=1e-3)
    assert measured.pop("loss_d") == pytest.approx(expected["loss_disc"], rel=1e-3)
    for name, value in measured.items():
        assert value == pytest.approx(expected[name], rel=1e-3), name
    _check_weights(state, reference)


def _check_weights(state: State, reference: dict[str, torch.Tensor]) -> None:
    after = checkpoints.public_state(state.model)
    ours = {name: key for key, name in zip(state.model.state_dict(), after, strict=True)}
    parameters = dict(state.model.named_parameters())
    for name in [key.removeprefix("grad__") for key in reference if key.startswith("grad__")]:
        gradient = reference[f"grad__{name}"]
        top = gradient.abs().max()
        difference = parameters[ours[name]].grad - gradient
        # What a rectifier gets within rounding of zero has one of two slopes, by the processor: that moves a handful.
        off = difference.abs() > 1e-3 * top
        assert off.float().mean() <= 2e-3
        assert difference.abs().max() <= 5e-3 * top
        error = (after[name] - reference[f"after__{name}"]).abs()
        # Adam's first step has the size of the rate, whatever the gradient: near zero only its sign counts.
        assert error[(gradient.abs() > 1e-3 * top) & ~off].max() <= 1e-6
        assert error.max() <= 4e-4 + 1e-6


def test_a_small_voice_learns_its_sentences_and_then_speaks(make_run, load_system):
    config = make_run(learning_rate=2e-3, max_steps=60, eval_interval=30, log_interval=5, save_minutes=1000)
    labels = go(config)
    assert labels[1] == "a new run"
    folder = config.with_suffix("")
    mel = [line["loss_mel"] for line in read_metrics(folder) if "loss_mel" in line]
    assert mel[-1] < 0.7 * mel[0]
    assert {path.name for path in (folder / "samples").glob("*")} == {
        f"{step}.{ending}" for step in ("0-recorded", "30-spoken", "60-spoken") for ending in ("wav", "png")
    }
    assert sorted(path.name for path in folder.glob("*.pth")) == ["D_30.pth", "D_60.pth", "G_30.pth", "G_60.pth"]

    system = load_system(folder)
    options = SPEC.options(cleaned=True)
    segments = system.segment("həlˈoʊ wˈɜːld.", "en", options)
    events = system.synthesize(segments, system.voice(""), options, torch.Generator().manual_seed(0))
    samples = np.concatenate([event.samples for event in events if isinstance(event, AudioChunk)])
    assert len(samples) > 2000
    assert 0.001 < np.abs(samples).max() < 10


@pytest.mark.parametrize(
    "variant",
    [
        {"model": {"mb_istft_vits": False, "ms_istft_vits": True}},
        {"model": {"mb_istft_vits": False, "upsample_rates": [8, 8, 2, 2], "upsample_kernel_sizes": [16, 16, 4, 4]}},
        {"model": {"use_sdp": True}, "precision": "bfloat16"},
        {"model": {"weight_norm": False, "use_spectral_norm": True}, "spectrogram_ffts": [256], "in_memory": True},
        {"adversarial_after": 1, "discriminator_interval": 2, "workers": 1},
    ],
    ids=["multi-stream", "plain", "stochastic-bfloat16", "spectral", "late-and-rare-discriminators"],
)
def test_every_member_of_the_family_trains(make_run, variant):
    config = make_run(**variant, max_steps=2)
    go(config)
    lines = read_metrics(config.with_suffix(""))
    assert [line["step"] for line in lines] == [1, 2]
    assert all(np.isfinite(value) for line in lines for value in line.values())


def test_a_sitting_ends_on_time_and_the_next_goes_on(make_run):
    config = make_run(max_minutes=0.0)
    go(config)
    go(config)
    assert [line["step"] for line in losses(config)] == [1, 2]


def test_a_run_ends_with_its_epochs(make_run):
    config = make_run(epochs=1)
    go(config)
    assert [line["step"] for line in losses(config)] == [1, 2, 3]
    assert go(config)[-1].startswith("continuing G_3.pth")


def test_what_is_left_out_is_said(make_run, tmp_path):
    with (tmp_path / "train.txt").open("a", encoding="utf-8") as file:
        file.write(f"\n0.wav|{'a' * 200}\n0.wav|{'b' * 40}\n0.wav|hi ♥")
    labels = go(make_run(max_steps=1))
    assert "train.txt: 1 of 9 left out: text outside 1..190 characters" in labels
    assert "train.txt: 1 of 9 left out: more symbols than frames of sound" in labels
    assert "characters that the model has no symbols for were left out: ♥" in labels
