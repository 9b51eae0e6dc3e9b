"""Training: steps as published with the corrected target, and a model that gives back what it has learnt."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from torch.testing import assert_close

from engine.steps import finish
from engine.systems.minimind import SPEC
from engine.systems.minimind.networks.lm import lay_out
from engine.systems.minimind.system import load
from engine.systems.minimind.training.config import read_run
from engine.systems.minimind.training.evaluation import spoken
from engine.systems.minimind.training.preparation import read_prepared
from engine.systems.minimind.training.state import new_state, resume
from engine.systems.minimind.training.train import train, train_step
from engine.systems.minimind.weights import published
from engine.training.metrics import read_metrics
from engine.training.recordings import listed
from engine.training.sitting import Sitting
from tests.minimind import arrays, lm_weights, stored

CPU = torch.device("cpu")


def go(config: Path) -> list[str]:
    """All labels of a training."""
    return [str(progress.label) for progress in train(config)]


def losses(config: Path) -> list[float]:
    """The losses of a run, in their order."""
    return [line["loss"] for line in read_metrics(config.with_suffix("")) if "loss" in line]


def test_steps_are_the_references(make_run, tmp_path):
    sizes = {name: value for name, value in stored("lm_config").items() if name not in ("vocab_size", "speechcab_size")}
    (tmp_path / "begin").mkdir()
    torch.save(lm_weights("lm"), tmp_path / "begin" / "pretrain_64.pth")
    (tmp_path / "begin" / "pretrain_64.json").write_text(json.dumps(stored("lm_config")))
    symbols = [chr(0x4E00 + number) for number in range(512)]
    run = read_run(
        make_run(
            model={**sizes, "vocabulary": "phonemes", "symbols": symbols},
            continue_from="begin", learning_rate=2e-4, accumulation_steps=2, max_steps=8,
        )
    )  # fmt: skip
    state = new_state(run, run.model(64), CPU)
    assert [str(note) for note in resume(state, run, 1)] == ["a new run that begins with pretrain_64.pth"]
    held, sitting = arrays("lm_train"), Sitting(run.train, 0, 0.0, 8)
    found, norms = [], []
    names = ("text", "text_len", "speech", "speech_len")
    laid = []
    for batch in zip(*(held[name] for name in names), strict=True):
        rows = zip(*batch, strict=True)
        texts, codes = zip(*((text[:most], said[:longest]) for text, most, said, longest in rows), strict=True)
        laid.append(lay_out(texts, codes, closed=True))
    for first in range(0, 8, 2):
        values = train_step(state, laid[first : first + 2], run.train, sitting)
        found.append(values["loss"].item())
        norms.append(values["grad_norm"].item())
    assert_close(torch.tensor(found, dtype=torch.float64), held["shifted_losses"].view(4, 2).mean(1), rtol=2e-4, atol=0)
    assert_close(torch.tensor(norms, dtype=torch.float64), held["shifted_gradnorm"], rtol=1e-3, atol=0)
    after = published(state.model.state_dict(), state.model.config)
    for name in [key for key in held if key.startswith("shifted_final.")]:
        assert_close(after[name.removeprefix("shifted_final.")], held[name], atol=2e-5, rtol=0)


def test_thirty_utterances_are_learnt_by_heart_and_spoken_from_their_text(make_run):
    config = make_run(
        count=31, batch_size=30, epochs=110, learning_rate=6e-3, warmup_iters=10, beta2=0.98, eval_interval=1000,
        data={"held_out": 40}, save_minutes=1000,
    )  # fmt: skip
    go(config)
    loss = losses(config)
    assert loss[-1] < 0.1 * loss[0]
    run = read_run(config)
    utterances = read_prepared(run, listed(run.recordings), 128).utterances[1:31]
    assert len({code for each in utterances for code in each.codes.tolist()}) > 20
    system = finish(load(config.with_suffix(""), CPU, torch.float32))
    right = count = 0
    for utterance in utterances:
        codes = spoken(system.networks.lm, utterance.ids, most=60, greedy=True).numpy()
        same = np.zeros(len(utterance.codes), bool)
        same[: len(codes)] = codes[: len(same)] == utterance.codes[: len(codes)]
        right, count = right + same.sum(), count + max(len(same), len(codes))
    assert right / count >= 0.95
    said = system.segment(listed(run.recordings)[1].text, "en", SPEC.options(temperature=0.0))
    events = system.synthesize(said, system.voice(""), SPEC.options(temperature=0.0), torch.Generator())
    assert sum(len(event.samples) for event in events if hasattr(event, "samples")) > 5000


@pytest.mark.parametrize(
    "variant",
    [
        {"precision": "bfloat16", "label_smoothing": 0.1, "model": {"dropout": 0.1}},
        {"model": {"use_moe": True}, "pairs": 1.0, "warmup_iters": 2},
        {"total_minutes": 0.001},
    ],
    ids=["bfloat16-smoothed-dropped", "experts-pairs-warmup", "by-the-clock"],
)
def test_every_way_to_train_trains(make_run, variant):
    config = make_run(**variant, max_steps=3)
    go(config)
    lines = [line for line in read_metrics(config.with_suffix("")) if "loss" in line]
    assert [line["step"] for line in lines] == list(range(1, len(lines) + 1))
    assert all(np.isfinite(value) for line in lines for value in line.values())
    finish(load(config.with_suffix(""), CPU, torch.float32))


def test_what_is_left_out_is_said(make_run, tmp_path):
    config = make_run(model={"max_seq_len": 36}, max_steps=1)
    (tmp_path / "sounds" / "speaker0" / "bad.wav").write_bytes(b"no sound")
    (tmp_path / "sounds" / "speaker0" / "bad.txt").write_text("a word")
    labels = go(config)
    assert "1 of 9 recordings left out: there is no sound that can be read" in labels
    assert any(label.endswith("left out: longer than the model's context") for label in labels)


def test_samples_and_metrics_are_those_of_a_run(make_run):
    config = make_run(max_steps=4, eval_interval=2)
    go(config)
    folder = config.with_suffix("")
    assert {path.name for path in (folder / "samples").glob("*.wav")} <= {
        "0-recorded.wav", "2-spoken.wav", "4-spoken.wav"
    }  # fmt: skip
    assert (folder / "samples" / "0-recorded.png").exists()
    measured = [line for line in read_metrics(folder) if "val_loss" in line]
    assert [line["step"] for line in measured] == [2, 4]
