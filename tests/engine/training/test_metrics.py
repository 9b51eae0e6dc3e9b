"""The metrics of a run: whole lines, in order, also after a kill."""

import math

import numpy as np
import pytest
import soundfile

from engine.errors import SaveError
from engine.training.metrics import MetricsLog, read_metrics


def test_lines_come_back_as_they_were_written(tmp_path):
    log = MetricsLog(tmp_path / "run")
    log.write(1, {"loss": 2.5})
    log.write(2, {"loss": math.nan})
    assert read_metrics(tmp_path / "run") == [{"step": 1, "loss": 2.5}, {"step": 2, "loss": None}]


def test_a_continued_run_forgets_steps_that_it_takes_again(tmp_path):
    log = MetricsLog(tmp_path)
    for step in (1, 2, 3):
        log.write(step, {"loss": 0.0})
    with (tmp_path / "metrics.jsonl").open("a") as file:
        file.write('{"step": 4, "lo')
    assert [line["step"] for line in read_metrics(tmp_path)] == [1, 2, 3]
    MetricsLog(tmp_path, step=2).write(3, {"loss": 1.0})
    assert [(line["step"], line["loss"]) for line in read_metrics(tmp_path)] == [(1, 0.0), (2, 0.0), (3, 1.0)]


def test_samples_can_be_heard_and_seen(tmp_path):
    log = MetricsLog(tmp_path)
    path = log.sample(7, "spoken", np.array([0.5, -2.0, 0.0] * 1000, np.float32), 16_000)
    samples, rate = soundfile.read(path)
    assert (path.name, rate, len(samples)) == ("7-spoken.wav", 16_000, 3000)
    np.testing.assert_allclose(samples[:3], [0.5, -1.0, 0.0], atol=1e-4)
    assert path.with_suffix(".png").read_bytes().startswith(b"\x89PNG")


def test_a_run_without_metrics_has_none(tmp_path):
    assert read_metrics(tmp_path) == []


def test_a_folder_that_cannot_be_written_is_named(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(SaveError, match="metrics of the run cannot be written"):
        MetricsLog(tmp_path / "file" / "run")
