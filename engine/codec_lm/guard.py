"""Whether a voice has gone astray: loops of codes, silence that is no pause. docs/codec-lm.md#going-astray"""

import numpy as np

FRAME_RATE = 75  # frames a second
# A loop is as much of it, in frames, with a period of at most so many; a slip or two within it are no speech either.
LOOP, LONGEST_PERIOD, ALIKE = 112, 40, 0.96
# A pause is at most so long, in seconds; silence is so much below the loudest, in windows of so many seconds.
LONGEST_PAUSE_S, SILENCE_DB, WINDOW_S = 1.5, -45.0, 0.05


def looping(codes: np.ndarray) -> bool:
    """Whether the end of the first codebook's ``codes`` (G,) repeats itself: a second and a half of a period or of one
    code, which is a held tone, or silence."""
    if len(codes) < LOOP + LONGEST_PERIOD:
        return False
    end = codes[-LOOP:]
    return any(
        np.count_nonzero(end == codes[-LOOP - period : -period]) >= ALIKE * LOOP
        for period in range(1, LONGEST_PERIOD + 1)
    )


def before_loop(codes: np.ndarray) -> int:
    """How many of ``codes`` (G,), which end in a loop, come before it: the least number with which it is none."""
    low, high = 0, len(codes)
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if looping(codes[:middle]) else (middle, high)
    return max(1, high - LOOP)


def longest_silence(samples: np.ndarray, sample_rate: int) -> float:
    """The longest silence in ``samples`` (n,), in seconds; what is silent altogether is so for all its length."""
    window = max(1, int(WINDOW_S * sample_rate))
    count = len(samples) // window
    if not count:
        return 0.0
    power = np.square(samples[: count * window].astype(np.float64)).reshape(count, window).mean(axis=1)
    loudest = power.max()
    if loudest < 1e-10:
        return len(samples) / sample_rate
    silent = power < loudest * 10 ** (SILENCE_DB / 10)
    edges = np.flatnonzero(np.diff(np.concatenate(([0], silent.astype(np.int8), [0]))))
    runs = edges[1::2] - edges[::2]
    return float(runs.max()) * WINDOW_S if len(runs) else 0.0
