"""How natural speech sounds by DistillMOS (arXiv 2502.05356), from 1 to 5: a model's guess, no listener's judgement."""

from functools import lru_cache
from importlib.util import find_spec

import numpy as np

from engine.recognition.recogniser import SAMPLE_RATE

# It is as sure after so much of a recording as after all of it, and takes 80 ms of work for each second.
MOST_S = 20.0


def is_here() -> bool:
    """Whether its package is installed."""
    return find_spec("distillmos") is not None


def naturalness(samples: np.ndarray) -> float | None:
    """The score of mono float32 ``samples`` (n,) at `SAMPLE_RATE`; None where the package is not installed.

    Of what is longer than `MOST_S` seconds only the beginning is listened to.
    """
    if not is_here():
        return None
    import torch

    with torch.inference_mode():
        score = _model()(torch.from_numpy(samples[: round(MOST_S * SAMPLE_RATE)]).unsqueeze(0))
    return min(5.0, max(1.0, float(score)))


@lru_cache(maxsize=1)
def _model():  # type: ignore[no-untyped-def] # its package has no types
    """The networks, which weigh 17 MB and are loaded once."""
    import distillmos

    return distillmos.ConvTransformerSQAModel().eval()
