"""Several processes: those of a launcher find each other, average gradients and agree."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from torch import nn

from engine.errors import ConfigError
from engine.training import processes
from tests.ports import free_port

ROOT = Path(__file__).parents[3]

SCRIPT = """
import json, torch
from torch import nn
from engine.training import processes
with processes.group(torch.device("cpu")) as (rank, size):
    layer = nn.Linear(2, 1)
    layer.weight.grad = torch.full((1, 2), float(rank + 1))
    processes.average_gradients(layer.parameters())
    processes.broadcast_state(layer)
    print(json.dumps({
        "rank": [rank, processes.rank()], "size": [size, processes.size()], "gradient": layer.weight.grad.tolist(),
        "weights": layer.weight.tolist(), "agreed": processes.agree(rank), "gathered": processes.gather(rank * 10),
    }))
"""


def test_processes_of_a_launcher_work_as_one():
    shared = os.environ | {"WORLD_SIZE": "2", "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(free_port())}
    started = [
        subprocess.Popen(
            [sys.executable, "-c", SCRIPT],
            cwd=ROOT,
            env=shared | {"RANK": str(rank)},
            stdout=subprocess.PIPE,
            text=True,
        )
        for rank in range(2)
    ]
    first, second = (json.loads(process.communicate(timeout=200)[0]) for process in started)
    assert (first["rank"], second["rank"]) == ([0, 0], [1, 1])
    assert first["size"] == second["size"] == [2, 2]
    assert first["gradient"] == second["gradient"] == [[1.5, 1.5]]
    assert first["weights"] == second["weights"]
    assert (first["agreed"], second["agreed"]) == (0, 0)
    assert first["gathered"] == second["gathered"] == [0, 10]


def test_alone_nothing_is_exchanged():
    layer = nn.Linear(2, 1)
    layer.weight.grad = torch.ones(1, 2)
    with processes.group(torch.device("cpu")) as alone:
        assert alone == (0, 1)
        processes.average_gradients(layer.parameters())
        assert processes.agree("mine") == "mine"
        assert processes.gather("mine") == ["mine"]
    assert layer.weight.grad.tolist() == [[1, 1]]


def test_processes_within_a_launcher_are_not_multiplied(monkeypatch):
    monkeypatch.setenv("WORLD_SIZE", "2")
    with pytest.raises(ConfigError, match="under a launcher, leave it at 1"):
        processes.check_count(2)
    processes.check_count(1)
