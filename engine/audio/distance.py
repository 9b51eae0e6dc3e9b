"""How far a sound is from the one that it should be, in decibels."""

import numpy as np

# Of a spectrum: a window of 43 ms at 24 kHz, and what is silence beside it.
_WINDOW, _HOP, _FLOOR_DB = 1024, 256, -80.0


def signal_to_noise(expected: np.ndarray, found: np.ndarray) -> float:
    """The power of ``expected`` (n,) over that of the difference to ``found`` (n,), in dB; at most 200."""
    signal = float(np.square(expected, dtype=np.float64).sum())
    noise = float(np.square(expected.astype(np.float64) - found).sum())
    return float(10 * np.log10(max(signal, 1e-20) / max(noise, 1e-20 * signal, 1e-40)))


def log_spectral(expected: np.ndarray, found: np.ndarray) -> float:
    """The log-spectral distance of two sounds (n,), in dB.

    It is the mean over frames of the root mean square over frequencies. What is 80 dB below
    the loudest of ``expected`` counts as silence (Rabiner and Juang, Fundamentals of Speech Recognition, 4.5.1).
    """
    levels = [_levels(sound) for sound in (expected, found)]
    floor = levels[0].max() + _FLOOR_DB
    difference = np.maximum(levels[0], floor) - np.maximum(levels[1], floor)
    return float(np.sqrt(np.square(difference).mean(axis=1)).mean())


def _levels(sound: np.ndarray) -> np.ndarray:
    """The spectrum in dB (frames, bins), of at least one frame."""
    padded = np.pad(sound.astype(np.float64), (0, max(0, _WINDOW - len(sound))))
    frames = np.lib.stride_tricks.sliding_window_view(padded, _WINDOW)[::_HOP]
    power = np.square(np.abs(np.fft.rfft(frames * np.hanning(_WINDOW), axis=1)))
    return 10 * np.log10(np.maximum(power, 1e-20))
