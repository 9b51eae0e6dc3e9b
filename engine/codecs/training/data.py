"""Segments of recordings, cut at random. Which, depends on the seed, the step and the process alone."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from engine.codecs.encodec_config import SAMPLE_RATE
from engine.training.recordings import Recording, count_samples, read_part

# The level of a segment's loudest sample, in dB.
LEVELS = (-6.0, -1.0)


class Segments:
    """Segments of ``count`` samples of ``recordings``, longer ones more often, so that all sound is as likely."""

    def __init__(self, recordings: Sequence[Recording], count: int) -> None:
        self.paths: list[Path] = [recording.path for recording in recordings]
        self.count = count
        self.lengths = np.array([max(1, count_samples(path, SAMPLE_RATE)) for path in self.paths])

    def batch(self, size: int, rng: np.random.Generator) -> Tensor:
        """``size`` segments (size, count), float32, each as loud as `LEVELS` allow. Raises AudioError."""
        chosen = rng.choice(len(self.paths), size, p=self.lengths / self.lengths.sum())
        return torch.stack([self._cut(int(number), rng) for number in chosen])

    def first(self, most: int) -> Tensor:
        """The middles of the first ``most`` recordings, (n, count), as they are."""
        starts = np.maximum(0, (self.lengths[:most] - self.count) // 2)
        parts = [read_part(p, SAMPLE_RATE, int(s), self.count) for p, s in zip(self.paths[:most], starts, strict=True)]
        return torch.from_numpy(np.stack(parts))

    def _cut(self, number: int, rng: np.random.Generator) -> Tensor:
        start = int(rng.integers(max(1, self.lengths[number] - self.count + 1)))
        samples = read_part(self.paths[number], SAMPLE_RATE, start, self.count)
        level = 10 ** (rng.uniform(*LEVELS) / 20)
        # What is silent stays so.
        return torch.from_numpy(samples * np.float32(level / max(float(np.abs(samples).max()), 1e-2)))
