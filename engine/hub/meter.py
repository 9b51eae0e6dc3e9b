"""How fast bytes arrive at the moment."""

import time
from collections import deque

_WINDOW_S = 5.0


class Meter:
    """The mean rate over the last few seconds, in bytes a second."""

    def __init__(self) -> None:
        self._began: float | None = None
        self._arrivals: deque[tuple[float, int]] = deque()
        self._sum = 0

    def add(self, number: int) -> None:
        """Count ``number`` bytes that came just now."""
        now = time.monotonic()
        self._began = self._began or now
        self._arrivals.append((now, number))
        self._sum += number

    @property
    def rate(self) -> float:
        """Bytes a second; 0 when nothing came lately."""
        now = time.monotonic()
        while self._arrivals and now - self._arrivals[0][0] > _WINDOW_S:
            self._sum -= self._arrivals.popleft()[1]
        # The first moments are too short to divide by.
        return self._sum / max(0.2, min(_WINDOW_S, now - (self._began or now)))
