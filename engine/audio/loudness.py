"""How loud a sound is to the ear, so that two are compared without the louder one seeming the better."""

import math

import numpy as np

# A block of the measure is 0.4 s long; a shorter sound is lengthened with silence, as its twin is.
_LEAST_S = 0.5
MOST_DB = 12.0


def gain_to(expected: np.ndarray, found: np.ndarray, sample_rate: int) -> float:
    """By what to multiply ``found`` (n,) for it to be as loud as ``expected`` (m,): at most `MOST_DB` either way.

    Loudness is ITU-R BS.1770-4's. Where either is too quiet to have one it is 1.
    """
    difference_db = lkfs(expected, sample_rate) - lkfs(found, sample_rate)
    if not np.isfinite(difference_db):
        return 1.0
    return float(10 ** (np.clip(difference_db, -MOST_DB, MOST_DB) / 20))


def lkfs(samples: np.ndarray, sample_rate: int) -> float:
    """The loudness of mono ``samples`` (n,) by ITU-R BS.1770-4, in dB of full scale; not finite for what has none."""
    import torch
    from torchaudio.functional import loudness

    # The filters of torchaudio clip what they make louder than full scale, so high peaks are measured at half of it.
    scale = min(1.0, 0.5 / max(float(np.abs(samples).max(initial=0.0)), 1e-9))
    padded = np.pad(samples.astype(np.float32), (0, max(0, round(_LEAST_S * sample_rate) - len(samples))))
    return float(loudness(torch.from_numpy(padded * np.float32(scale))[None], sample_rate)) - 20 * math.log10(scale)
