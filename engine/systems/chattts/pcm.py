"""Samples to 16-bit integers as the reference writes them. Specification, section 8."""

import math

import numpy as np

LARGEST = 32_767
FINE = 32_768


def to_int16(samples: np.ndarray) -> np.ndarray:
    """int16 of float32 ``samples``, scaled down by the least whole number that holds their peak; silence stays silent.

    The product is rounded to float32 before it is cut off, which decides the last bit.
    """
    peak = math.ceil(np.abs(samples).max(initial=0.0))
    if not peak:
        return np.zeros(samples.shape, np.int16)
    factor = LARGEST * FINE // (peak * FINE)
    return (samples.astype(np.float32) * np.float32(factor)).astype(np.int16)
