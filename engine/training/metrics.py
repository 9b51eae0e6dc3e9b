"""What a run writes to be followed: one JSON object a line in metrics.jsonl, and samples to hear and to see."""

import json
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import soundfile

from engine.audio.picture import mel_png
from engine.errors import SaveError

FILE = "metrics.jsonl"


def read_metrics(folder: Path) -> list[dict[str, Any]]:
    """The lines of a run so far, oldest first. A last line that a kill cut in half is left out."""
    path = folder / FILE
    if not path.exists():
        return []
    lines = path.read_text(encoding="utf-8").split("\n")
    # Every whole line ends with a newline, so what follows the last one is nothing or half a line.
    return [json.loads(line) for line in lines[:-1] if line]


class MetricsLog:
    """Appends to the metrics of a run. Lines after ``step``, of steps that will be taken again, are removed first."""

    def __init__(self, folder: Path, step: int = 0) -> None:
        self.folder = folder
        try:
            folder.mkdir(parents=True, exist_ok=True)
            kept = [line for line in read_metrics(folder) if line["step"] <= step]
            part = folder / f"{FILE}.part"
            part.write_text("".join(map(_line, kept)), encoding="utf-8")
            part.replace(folder / FILE)
        except OSError as error:
            raise SaveError(
                "the metrics of the run cannot be written to {folder}: {error}", folder=folder, error=error
            ) from error

    def write(self, step: int, values: Mapping[str, float]) -> None:
        """Append one line, whole and at once, so that a reader never waits for a buffer."""
        try:
            with (self.folder / FILE).open("a", encoding="utf-8") as file:
                file.write(_line({"step": step, **values}))
        except OSError as error:
            raise SaveError(
                "the metrics of the run cannot be written to {folder}: {error}", folder=self.folder, error=error
            ) from error

    def sample(self, step: int, name: str, samples: np.ndarray, sample_rate: int) -> Path:
        """Keep mono ``samples`` (n,) as ``samples/<step>-<name>.wav`` and their mel spectrogram as a .png beside it."""
        path = self.folder / "samples" / f"{step}-{name}.wav"
        try:
            path.parent.mkdir(exist_ok=True)
            soundfile.write(path, np.clip(samples, -1, 1), sample_rate, subtype="PCM_16")
            path.with_suffix(".png").write_bytes(mel_png(samples, sample_rate, width=640, height=240))
        except (OSError, soundfile.LibsndfileError) as error:
            raise SaveError("the sample {path} cannot be written: {error}", path=path, error=error) from error
        return path


def _line(values: Mapping[str, Any]) -> str:
    # JSON knows no infinity: such a value becomes null rather than a line that other readers refuse.
    plain = {k: None if isinstance(v, float) and not math.isfinite(v) else v for k, v in values.items()}
    return json.dumps(plain) + "\n"
