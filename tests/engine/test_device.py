"""Words to devices and precisions, on whatever machine the tests run."""

import os
import subprocess
import sys

import pytest
import torch

from engine.device import describe, free, resolve, try_out
from engine.errors import DeviceError


def test_auto_takes_the_best_precision_of_the_system():
    assert resolve("cpu", "auto", ("bfloat16", "float32")) == (torch.device("cpu"), torch.bfloat16)
    assert resolve("cpu", "auto", ("float32",)) == (torch.device("cpu"), torch.float32)


def test_auto_takes_an_accelerator_where_there_is_one():
    device, _ = resolve("auto", "auto", ("float32",))
    accelerated = torch.cuda.is_available() or torch.backends.mps.is_available()
    assert (device.type != "cpu") == accelerated


@pytest.mark.parametrize("dtype", ["bfloat16", "float16"])
def test_a_precision_by_name_is_taken(dtype):
    assert resolve("cpu", dtype, ("float32", dtype))[1] == getattr(torch, dtype)


@pytest.mark.parametrize(
    ("device", "dtype", "said"),
    [
        ("gpu", "auto", "auto, cpu, cuda, mps"),
        ("cpu", "float64", "auto or one of float32, bfloat16"),
        ("cpu", "float16", "auto or one of float32, bfloat16"),
    ],
)
def test_what_does_not_exist_is_refused_with_what_does(device, dtype, said):
    with pytest.raises(DeviceError, match=said):
        resolve(device, dtype, ("float32", "bfloat16"))


@pytest.mark.parametrize("device", ["cuda", "mps"])
def test_an_absent_device_is_refused_and_a_present_one_taken(device):
    present = torch.cuda.is_available() if device == "cuda" else torch.backends.mps.is_available()
    if present:
        assert resolve(device, "auto", ("float32",))[0].type == device
    else:
        with pytest.raises(DeviceError, match=f"device={device}.*has only.*cpu"):
            resolve(device, "auto", ("float32",))


@pytest.mark.parametrize(("given", "expected"), [({}, "passive"), ({"OMP_WAIT_POLICY": "active"}, "active")])
def test_threads_sleep_while_they_wait_unless_the_user_says_otherwise(given, expected):
    environment = {name: value for name, value in os.environ.items() if name != "OMP_WAIT_POLICY"} | given
    program = "import engine.device, os; print(os.environ['OMP_WAIT_POLICY'])"
    said = subprocess.run(
        [sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=True
    ).stdout
    assert said.strip() == expected


def test_a_device_is_described_and_tried_out() -> None:
    cpu = torch.device("cpu")
    assert describe(cpu).startswith(f"cpu, {torch.get_num_threads()} threads")
    try_out(cpu)
    with pytest.raises(DeviceError, match=r"vulkan cannot compute.*choose device=cpu"):
        try_out(torch.device("vulkan"))
    free()
