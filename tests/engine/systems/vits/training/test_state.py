"""Runs that stop and go on: killed, closed, in several processes, from checkpoints of others."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from engine.errors import WeightsMismatch
from engine.systems.vits.training.train import train
from engine.training import checkpoint as checkpoints
from tests.engine.systems.vits.training.runs import go, losses

ROOT = Path(__file__).parents[5]


def test_a_killed_run_continues_as_if_nothing_had_happened(make_run):
    straight = make_run("straight", max_steps=8)
    go(straight)

    # Three batches make an epoch, so the saves at steps 2 and 4 fall in the middle of one.
    killed = make_run("killed", eval_interval=2)
    # By its own hand: by another's it might come any number of steps late.
    code = (
        "import os, pathlib, signal, sys; from engine.systems.vits.training.train import train\n"
        "for progress in train(pathlib.Path(sys.argv[1])):\n"
        "    if progress.done == 5: os.kill(os.getpid(), signal.SIGKILL)"
    )
    done = subprocess.run([sys.executable, "-c", code, str(killed)], cwd=ROOT, check=False)
    assert done.returncode == -signal.SIGKILL
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
