"""Sound made faster or slower at its pitch, while it is still coming: FFmpeg's filter `atempo`."""

from collections.abc import Iterator
from fractions import Fraction
from typing import Any

import numpy as np

SLOWEST, FASTEST = 0.25, 4.0
# One filter goes down to a half; two of them go to a quarter.
_SLOWEST_AT_ONCE = 0.5


class Tempo:
    """Mono sound at ``sample_rate``, ``speed`` times as fast (`SLOWEST` to `FASTEST`); at 1 it is left alone."""

    def __init__(self, speed: float, sample_rate: int) -> None:
        self._rate = sample_rate
        self._pushed = 0
        self._graph = _graph(speed, sample_rate) if speed != 1.0 else None

    def push(self, samples: np.ndarray) -> np.ndarray:
        """What ``samples`` (n,) float32 bring of the result, which may be none yet."""
        if self._graph is None:
            return samples
        if not samples.size:
            return np.zeros(0, np.float32)
        import av

        frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(samples[None], np.float32), "flt", "mono")
        frame.sample_rate, frame.pts, frame.time_base = self._rate, self._pushed, Fraction(1, self._rate)
        self._pushed += samples.size
        self._graph.push(frame)
        return self._pulled()

    def finish(self) -> np.ndarray:
        """The rest."""
        if self._graph is None or not self._pushed:
            return np.zeros(0, np.float32)
        self._graph.push(None)
        return self._pulled()

    def _pulled(self) -> np.ndarray:
        return np.concatenate([np.zeros(0, np.float32), *_frames(self._graph)])


def _graph(speed: float, sample_rate: int) -> Any:
    import av  # a tenth of a second, which the page need not wait for

    if not SLOWEST <= speed <= FASTEST:
        raise ValueError(f"a tempo is within {SLOWEST} and {FASTEST}, not {speed}")
    graph = av.filter.Graph()
    last = graph.add_abuffer(sample_rate=sample_rate, format="flt", layout="mono", time_base=Fraction(1, sample_rate))
    steps = [speed] if speed >= _SLOWEST_AT_ONCE else [speed**0.5] * 2
    for node in (*(graph.add("atempo", f"{step:.6f}") for step in steps), graph.add("abuffersink")):
        last.link_to(node)
        last = node
    graph.configure()
    return graph


def _frames(graph: Any) -> Iterator[np.ndarray]:
    while True:
        try:
            frame = graph.pull()
        except (BlockingIOError, EOFError):
            return
        yield frame.to_ndarray()[0]
