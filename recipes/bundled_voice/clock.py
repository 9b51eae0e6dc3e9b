"""Training by the clock: a stage learns for some minutes, saves itself every two, and reports its losses."""

import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, Protocol

from engine.events import Progress

SAVE_EVERY_S = 120.0


class Stage(Protocol):
    """What is being trained, with its optimisers and how far it has come."""

    step: int
    minutes: float

    def set_rate(self, share: float) -> None:
        """Set the learning rate for when ``share`` (0..1) of the time is over."""

    def learn(self, batch: Any) -> Mapping[str, float]:
        """One step on a batch; the losses by name."""

    def load(self, path: Path) -> None:
        """Go on from what `save` wrote."""

    def save(self, path: Path) -> None:
        """Write everything to ``path`` in one step."""


def train(
    stage: Stage,
    batches: Callable[[], Iterator[Any]],
    checkpoint: Path,
    *,
    minutes: float,
    evaluate: Callable[[], Mapping[str, float]],
) -> Iterator[Progress]:
    """Train for ``minutes`` of wall time in all, resuming from ``checkpoint``; yields after each save.

    ``batches`` is called once the stage knows its step, so that a resumed run sees other data than it began with.
    """
    if checkpoint.exists():
        stage.load(checkpoint)
    source = batches()
    clock = saved = time.monotonic()
    running: dict[str, float] = {}
    while stage.minutes < minutes:
        stage.set_rate(stage.minutes / minutes)
        for name, value in stage.learn(next(source)).items():
            running[name] = 0.98 * running.get(name, value) + 0.02 * value
        stage.minutes += (time.monotonic() - clock) / 60
        clock = time.monotonic()
        if clock - saved > SAVE_EVERY_S or stage.minutes >= minutes:
            saved = clock
            stage.save(checkpoint)
            label = f"step {stage.step}: held out {_line(evaluate())}; training {_line(running)}"
            yield Progress(done=stage.minutes, total=minutes, label=label)


def _line(losses: Mapping[str, float]) -> str:
    return ", ".join(f"{name} {value:.4f}" for name, value in losses.items())
