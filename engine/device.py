"""From words such as auto, cuda, bfloat16 to a torch device and dtype. Only here is hardware asked about."""

import gc
import os
from collections.abc import Sequence

# OpenMP reads it when torch loads. Its threads else spin while they wait for each other, and on a machine with other
# work to do one sentence then takes ten times as long.
os.environ.setdefault("OMP_WAIT_POLICY", "passive")

import torch

from engine.errors import DeviceError

DEVICES = ("auto", "cpu", "cuda", "mps")
DTYPES = {"float32": torch.float32, "bfloat16": torch.bfloat16, "float16": torch.float16}


def resolve(device: str, dtype: str, supported: Sequence[str]) -> tuple[torch.device, torch.dtype]:
    """The device and the precision that two flags stand for.

    ``supported`` names the precisions that a system can run in, the best first; auto takes that one. Raises
    DeviceError when the machine has no such device, or the system or the device no such precision.
    """
    where = _device(device)
    if dtype == "auto":
        return where, DTYPES[supported[0]]
    if dtype not in supported:
        raise DeviceError(
            "dtype={dtype} is not possible here; choose auto or one of {supported}",
            dtype=dtype,
            supported=", ".join(supported),
        )
    if dtype == "bfloat16" and where.type == "cuda" and not torch.cuda.is_bf16_supported():
        raise DeviceError("this graphics card does not compute in bfloat16; choose float32")
    return where, DTYPES[dtype]


def _device(device: str) -> torch.device:
    if device not in DEVICES:
        raise DeviceError(
            "there is no device {device!r}; choose one of {devices}", device=device, devices=", ".join(DEVICES)
        )
    present = {"cpu": True, "cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available()}
    if device == "auto":
        return torch.device(next(name for name in ("cuda", "mps", "cpu") if present[name]))
    if not present[device]:
        found = ", ".join(name for name, is_present in present.items() if is_present)
        raise DeviceError(
            "device={device} was asked for, but this machine has only {found}", device=device, found=found
        )
    return torch.device(device)


def is_at_hand(device: torch.device) -> bool:
    """Whether a device that tensors have been moved to can compute now.

    Where an accelerator is lent for moments (docs/hosting.md#zerogpu), what stands in for it meanwhile holds tensors
    and no more.
    """
    return device.type != "cuda" or torch.cuda.is_initialized()


def multiplies_halves() -> bool:
    """Whether this processor multiplies bfloat16 by itself: several times as fast as float32; others are slower."""
    found = torch.cpu.get_capabilities()
    return any(found.get(name, False) for name in ("avx512_bf16", "amx_bf16"))


def describe(device: torch.device) -> str:
    """A device in words: which, and how much it can do."""
    if device.type == "cuda":
        free, total = torch.cuda.mem_get_info(device)
        precision = "bfloat16" if torch.cuda.is_bf16_supported() else "no bfloat16"
        name = torch.cuda.get_device_name(device)
        return f"{name} ({device.type}): {free / 1e9:.1f} of {total / 1e9:.1f} GB are free, {precision}"
    return f"{device.type}, {torch.get_num_threads()} threads, torch {torch.__version__}"


def try_out(device: torch.device) -> None:
    """Compute something there. Raises DeviceError when that fails, or the result is wrong."""
    try:
        result = float((torch.ones(8, 8, device=device) @ torch.ones(8, 8, device=device)).sum())
    except RuntimeError as error:
        reason = next(iter(str(error).splitlines()), "")
        raise DeviceError(
            "{device} cannot compute: {reason}; see to its driver, or choose device=cpu", device=device, reason=reason
        ) from error
    if result != 512:
        raise DeviceError(
            "{device} computes wrongly ({result} instead of 512); choose device=cpu", device=device, result=result
        )


def free() -> None:
    """Give back what models that are gone have left: to the collector, and on an accelerator to the machine."""
    gc.collect()
    if torch.cuda.is_initialized():
        torch.cuda.empty_cache()
    if torch.backends.mps.is_available():
        torch.mps.empty_cache()
