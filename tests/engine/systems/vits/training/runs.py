"""Running a training to its end, and what it wrote."""

from pathlib import Path

from engine.systems.vits.training.train import train
from engine.training.metrics import read_metrics


def go(config: Path) -> list[str]:
    """All labels of a training."""
    return [progress.label for progress in train(config)]


def losses(config: Path) -> list[dict[str, float]]:
    """The lines of metrics.jsonl without the learning rate."""
    return [{k: v for k, v in line.items() if k != "learning_rate"} for line in read_metrics(config.with_suffix(""))]
