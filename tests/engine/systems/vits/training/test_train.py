"""Training: one step as published, runs that stop and go on, and a voice at the end."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
import torch

from engine.audio.stft import linear_spectrogram
from engine.errors import ConfigError, WeightsMismatch
from engine.events import AudioChunk
from engine.systems.vits import SPEC
from engine.systems.vits.training.config import read_run
from engine.systems.vits.training.data import Batch
from engine.systems.vits.training.state import State, new_state, resume
from engine.systems.vits.training.train import train, train_step
from engine.training import checkpoint as checkpoints
from engine.training.metrics import read_metrics
from tests.goldens import weights

ROOT = Path(__file__).parents[5]
GOLDENS = ROOT / "tests" / "goldens" / "vits"
CPU = torch.device("cpu")

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


def go(config: Path) -> list[str]:
    return [progress.label for progress in train(config)]


def losses(config: Path) -> list[dict[str, float]]:
    return [{k: v for k, v in line.items() if k != "learning_rate"} for line in read_metrics(config.with_suffix(""))]


# -- one step -----------------------------------------------------------------------------------------------------


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


# -- runs ---------------------------------------------------------------------------------------------------------


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


def test_a_killed_run_continues_as_if_nothing_had_happened(make_run):
    straight = make_run("straight", max_steps=8)
    go(straight)

    # Three batches make an epoch, so the saves at steps 2 and 4 fall in the middle of one.
    killed = make_run("killed", eval_interval=2)
    code = (
        "import pathlib, sys; from engine.systems.vits.training.train import train\n"
        "for progress in train(pathlib.Path(sys.argv[1])): print(progress.done, flush=True)"
    )
    command = [sys.executable, "-c", code, str(killed)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        for line in process.stdout:
            if int(line) == 5:
                os.kill(process.pid, signal.SIGKILL)
                break
    assert process.returncode == -signal.SIGKILL
    folder = killed.with_suffix("")
    assert checkpoints.pairs(folder)[-1].step >= 4
    (folder / "D_1000.pth").write_bytes(b"half a pair")
    with (folder / "metrics.jsonl").open("a") as file:
        file.write('{"step": 6, "loss_')

    labels = go(make_run("killed", max_steps=8))
    assert labels[1].startswith("continuing G_")
    trained = [line for line in losses(killed) if "loss_g" in line]
    assert [line["step"] for line in trained] == list(range(1, 9))
    # Other dropout, segments or batches would change the losses by percents; where a process's memory lies changes
    # the order of sums, and so the last bits.
    for ours, expected in zip(trained, losses(straight), strict=True):
        assert ours == pytest.approx(expected, rel=1e-4)


def test_closing_saves(make_run):
    config = make_run()
    running = train(config)
    while next(running).done < 2:
        pass
    running.close()
    assert [pair.step for pair in checkpoints.pairs(config.with_suffix(""))] == [2]


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


def test_two_processes_share_an_epoch_and_go_on_together(make_run):
    config = make_run(processes=2, batch_size=1, max_steps=2)
    go(config)
    labels = go(make_run(processes=2, batch_size=1, max_steps=3))
    assert "continuing G_2.pth at step 2, epoch 1" in labels
    assert not any("anew" in label for label in labels)
    assert [line["step"] for line in losses(config)] == [1, 2, 3]
    contents = checkpoints.read(config.with_suffix("") / "G_3.pth")
    assert (contents["iteration"], contents["run"]["batch"], len(contents["run"]["rng"])) == (2, 0, 2)
    # Alone, the data are cut differently: said, not hidden.
    assert any("begins anew" in label for label in go(make_run(max_steps=4)))


def test_a_generator_alone_can_be_continued_from(make_run):
    source = make_run("source", max_steps=2)
    go(source)
    (source.with_suffix("") / "D_2.pth").unlink()
    config = make_run("target", continue_from="source/G_2.pth", max_steps=3)
    labels = go(config)
    assert "continuing G_2.pth at step 2, epoch 1" in labels
    assert "there is no D_*.pth beside G_2.pth: the discriminators begin anew" in labels
    assert [line["step"] for line in losses(config)] == [3]


def test_a_checkpoint_that_does_not_fit_is_refused(make_run):
    go(make_run(max_steps=1))
    with pytest.raises(WeightsMismatch, match=r"G_1\.pth does not fit"):
        go(make_run(max_steps=2, model={"hidden_channels": 32}))


def test_a_damaged_checkpoint_is_reported_and_not_trained_over(make_run):
    config = make_run(max_steps=1)
    go(config)
    path = config.with_suffix("") / "G_1.pth"
    path.write_bytes(path.read_bytes()[:1000])
    with pytest.raises(WeightsMismatch, match=r"G_1\.pth"):
        go(config)


def test_what_is_left_out_is_said(make_run, tmp_path):
    with (tmp_path / "train.txt").open("a", encoding="utf-8") as file:
        file.write(f"\n0.wav|{'a' * 200}\n0.wav|{'b' * 40}\n0.wav|hi ♥")
    labels = go(make_run(max_steps=1))
    assert "train.txt: 1 of 9 left out: text outside 1..190 characters" in labels
    assert "train.txt: 1 of 9 left out: more symbols than frames of sound" in labels
    assert "characters that the model has no symbols for were left out: ♥" in labels


@pytest.mark.parametrize(
    ("train_keys", "message"),
    [
        ({"batch_sise": 4}, "train has unknown keys: batch_sise"),
        ({"segment_size": 2000}, "train.segment_size=2000 is not a multiple of data.hop_length=256"),
        ({"segment_size": 1024}, "train.segment_size=1024 is too short: 1368 samples are needed"),
        ({"learning_rate": "fast"}, "learning_rate='fast' is not a number"),
        ({"betas": [0.9]}, "train.betas has 1 numbers; 2 are needed"),
        ({"fft_sizes": [384, 683, 0]}, "train.fft_sizes=.* is no list of positive numbers"),
    ],
)
def test_a_mistake_in_the_configuration_is_named(make_run, train_keys, message):
    with pytest.raises(ConfigError, match=message):
        go(make_run(**train_keys))


def test_public_configurations_can_be_trained(golden_json, tmp_path):
    for name, raw in golden_json("public_configs").items():
        path = tmp_path / f"{name}.json"
        raw["model"].setdefault("gin_channels", 256)
        path.write_text(json.dumps(raw))
        run = read_run(path)
        assert run.train.batch_size == raw["train"]["batch_size"]
        assert run.train.betas == (0.8, 0.99)
        assert run.train.precision == ("float16" if raw["train"]["fp16_run"] else "float32")
