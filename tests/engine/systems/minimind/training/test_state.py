"""Runs that stop and go on: killed, closed, in several processes, from checkpoints of others."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest
import torch

from engine.errors import WeightsMismatch
from engine.systems.minimind.training.train import train
from engine.training.metrics import read_metrics
from engine.training.run_file import PROGRESS, read_progress
from tests.engine.systems.minimind.training.test_train import go, losses

ROOT = Path(__file__).parents[5]
# What a kill in the middle of an epoch must not change: dropout, pairs and batches are all drawn.
DRAWN = {"model": {"dropout": 0.2}, "pairs": 0.5, "accumulation_steps": 2, "max_steps": 12}


def weights(config: Path) -> dict[str, torch.Tensor]:
    return torch.load(config.with_suffix("") / "out" / "pretrain_64.pth", weights_only=True)


def test_a_killed_run_ends_where_a_straight_one_does(make_run):
    straight = make_run("straight", **DRAWN)
    go(straight)
    killed = make_run("killed", **DRAWN, eval_interval=4)
    # By its own hand: by another's it might come any number of steps late.
    code = (
        "import os, pathlib, signal, sys; from engine.systems.minimind.training.train import train\n"
        "for progress in train(pathlib.Path(sys.argv[1])):\n"
        "    if progress.done == 6: os.kill(os.getpid(), signal.SIGKILL)"
    )
    done = subprocess.run([sys.executable, "-c", code, str(killed)], cwd=ROOT, check=False)
    assert done.returncode == -signal.SIGKILL
    folder = killed.with_suffix("")
    assert 4 <= read_progress(folder)["step"] < 12
    with (folder / "metrics.jsonl").open("a") as file:
        file.write('{"step": 6, "lo')
    labels = go(killed)
    assert any(label.startswith("continuing at step ") for label in labels)
    assert not any("have changed" in label for label in labels)
    assert losses(killed) == pytest.approx(losses(straight), rel=1e-4)
    ours, expected = weights(killed), weights(straight)
    # Where a process's memory lies changes the order of sums, and so the last bits.
    for name, value in expected.items():
        assert torch.allclose(ours[name], value, atol=2e-5), name


def test_closing_saves(make_run):
    config = make_run()
    running = train(config)
    while next(running).done < 2:
        pass
    running.close()
    assert read_progress(config.with_suffix(""))["step"] == 2


def test_a_sitting_ends_on_time_and_the_next_goes_on_from_the_runs_own_folder(make_run):
    config = make_run(max_minutes=0.0, epochs=50)
    go(config)
    go(config.with_suffix("") / "config.json")
    assert [line["step"] for line in read_metrics(config.with_suffix("")) if "loss" in line] == [1, 2]


def test_several_processes_make_the_codes(make_run):
    labels = go(make_run(max_steps=1, data={"processes": 2}))
    assert labels.count("making codes of the recordings") == 1  # the first one's; what it and the other made is there
    assert "reading the lists of recordings" in labels
    assert not any("making" in label for label in go(make_run(max_steps=2, data={"processes": 2})))


def test_two_processes_go_on_together(make_run):
    config = make_run(processes=2, batch_size=1, max_steps=2)
    go(config)
    labels = go(make_run(processes=2, batch_size=1, max_steps=3))
    assert "continuing at step 2" in labels
    assert not any("changed" in label for label in labels)
    assert len(read_progress(config.with_suffix(""))["rng"]) == 2
    # Alone, the data are cut differently: said, not hidden.
    assert any("have changed" in label for label in go(make_run(max_steps=4)))


def test_a_model_of_other_sizes_is_refused_and_a_damaged_file_reported(make_run):
    config = make_run(max_steps=1)
    go(config)
    with pytest.raises(WeightsMismatch):
        go(make_run(max_steps=2, model={"dim": 32}))
    path = config.with_suffix("") / PROGRESS
    path.write_bytes(path.read_bytes()[:1000])
    with pytest.raises(WeightsMismatch, match=r"progress\.pt"):
        go(make_run(max_steps=2))
