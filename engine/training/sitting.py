"""How long a run trains, where, and how often it saves itself: what every configuration may say of that."""

import time
from dataclasses import dataclass

import torch

from engine.device import DTYPES, resolve
from engine.options import choice, slider, text
from engine.training import processes

FOREVER = 1_000_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class SittingConfig:
    """Steps are counted over the whole life of a run."""

    folder: str = text("", help="Where the run is kept. Empty: beside the configuration, under its name.")
    seed: int = slider(1337, 0, 2**31 - 1, step=1, help="Equal seeds give equal runs.")
    max_steps: int = slider(FOREVER, 0, FOREVER, step=1, help="Stop at this step.")
    total_minutes: float = slider(
        0.0, 0.0, 1e6, step=0.1,
        help="Train for so many minutes in all, and let the learning rate fall by them; 0: by steps.",
    )  # fmt: skip
    max_minutes: float = slider(1e6, 0.0, 1e6, step=0.1, help="Save and stop after so many minutes of this sitting.")
    save_minutes: float = slider(10.0, 0.05, 1e6, step=0.05, help="Save at least so often: what a kill can cost.")
    log_interval: int = slider(100, 1, FOREVER, step=1, help="Steps between two lines of metrics.")
    eval_interval: int = slider(
        1000, 1, FOREVER, step=1, help="Steps between two evaluations with samples, each saved."
    )
    device: str = choice("auto", ("auto", "cpu", "cuda", "mps"), help="Where to train.")
    precision: str = choice("float32", ("float32", "bfloat16"), help="Arithmetic of the networks.")
    processes: int = slider(1, 1, 64, step=1, help="Processes on this machine, each with a share of every batch.")
    threads: int = slider(0, 0, 256, step=1, help="CPU threads of each process; 0 leaves the choice to torch.")

    def place(self) -> torch.device:
        """The device of this process, with the threads set that it may take. Raises DeviceError."""
        if self.threads:
            torch.set_num_threads(self.threads)
        device, _ = resolve(self.device, self.precision, tuple(DTYPES))
        return processes.local_device(device)

    def autocast(self, device: torch.device) -> torch.autocast:
        """The arithmetic of the networks; none is changed in float32."""
        return torch.autocast(device.type, DTYPES[self.precision], enabled=self.precision != "float32")


class Sitting:
    """One sitting at a run that stands at ``step`` after ``minutes``: when it saves, and when it is ``done``."""

    def __init__(self, config: SittingConfig, step: int, minutes: float, last_step: int) -> None:
        self._config, self._before, self._last_step = config, minutes, last_step
        self._started = self._saved = time.monotonic()
        self.done = step >= last_step or bool(config.total_minutes and minutes >= config.total_minutes)

    @property
    def minutes(self) -> float:
        """How long the run has been trained in all, the first process's clock."""
        return self._before + (time.monotonic() - self._started) / 60

    def share(self, step: int, first: int = 0) -> float:
        """How much of the run is over at ``step``, 0..1: by its minutes, or without any by its steps from ``first``."""
        if self._config.total_minutes:
            return min(1.0, processes.agree(self.minutes) / self._config.total_minutes)
        return min(1.0, (step - first) / max(1, self._last_step - first))

    def evaluates(self, step: int, stride: int = 1) -> bool:
        """Whether the run is to be measured at ``step``, which is ``stride`` after the last."""
        interval = self._config.eval_interval
        return self.done or step // interval > (step - stride) // interval

    def due(self, step: int, stride: int = 1) -> bool:
        """Whether the run is to be saved at ``step``, and sets ``done`` where it ends there. All processes agree."""
        config, now = self._config, time.monotonic()
        sitting = (now - self._started) / 60
        over = sitting >= config.max_minutes or (config.total_minutes and self.minutes >= config.total_minutes)
        # Clocks differ between processes: the first one's counts.
        out_of_time, late = processes.agree((bool(over), now - self._saved > 60 * config.save_minutes))
        self.done = out_of_time or step >= self._last_step
        return late or self.evaluates(step, stride)

    def saved(self) -> None:
        """It has just been saved."""
        self._saved = time.monotonic()
