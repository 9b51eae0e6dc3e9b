"""Whether a voice has gone astray: loops of codes, silence that is no pause. docs/codec-lm.md#going-astray"""

import numpy as np

FRAME_RATE = 75  # frames a second, of the codecs of VALL-E
# A loop takes as many seconds, with a period of at most so many; a slip or two within it are no speech either.
LOOP_S, LONGEST_PERIOD_S, ALIKE = 1.5, 0.54, 0.96
# What repeats itself for so many seconds may become a loop.
SUSPECT_S = 0.3
# A pause is at most so long, in seconds; silence is so much below the loudest, in windows of so many seconds.
LONGEST_PAUSE_S, SILENCE_DB, WINDOW_S = 1.5, -45.0, 0.05


def looping(codes: np.ndarray, rate: float = FRAME_RATE) -> bool:
    """Whether the end of the first codebook's ``codes`` (G,), of which there are ``rate`` a second, repeats itself.

    That is a second and a half of a period or of one code, which is a held tone, or silence.
    """
    loop, longest = int(LOOP_S * rate), int(LONGEST_PERIOD_S * rate)
    if len(codes) < loop + longest:
        return False
    end = codes[-loop:]
    return any(
        np.count_nonzero(end == codes[-loop - period : -period]) >= ALIKE * loop for period in range(1, longest + 1)
    )


def before_loop(codes: np.ndarray, rate: float = FRAME_RATE) -> int:
    """How many of ``codes`` (G,), which end in a loop, come before it: the least number with which it is none."""
    low, high = 0, len(codes)
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if looping(codes[:middle], rate) else (middle, high)
    return max(1, high - int(LOOP_S * rate))


def suspect(codes: np.ndarray, rate: float = FRAME_RATE) -> int:
    """How many at the end of ``codes`` (G,) only repeat what is before them, if they do so for long enough, else 0."""
    end = codes[-int((LOOP_S + LONGEST_PERIOD_S) * rate) :]
    most = 0
    for period in range(1, min(int(LONGEST_PERIOD_S * rate), len(end) - 1) + 1):
        others = np.flatnonzero(end[period:] != end[:-period])
        most = max(most, len(end) - period - (int(others[-1]) + 1 if len(others) else 0))
    return most if most >= SUSPECT_S * rate else 0


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
