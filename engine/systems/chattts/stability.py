"""How much a voice drifts: the distance between pieces of speech in what they sound like, whatever they say."""

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from engine.systems.chattts.networks.dvae import Dvae

# Frames this far below the loudest, in nepers, are pauses and say nothing of a voice.
_PAUSE = 5.0


@torch.inference_mode()
def timbre(samples: Tensor, dvae: Dvae) -> np.ndarray:
    """Mean and spread of the log-mel of what is voiced in ``samples`` (N,): a vector (2M,), without the level."""
    mel = dvae.log_mel(samples).float()
    loudness = mel.mean(0)
    voiced = mel[:, loudness > loudness.max() - _PAUSE]
    return torch.cat([voiced.mean(1) - voiced.mean(), voiced.std(1, correction=0)]).cpu().numpy()


def drift(timbres: Sequence[np.ndarray]) -> float:
    """The root mean square distance of pieces from their common mean, per mel bin in nepers; 0 for one piece."""
    return float(np.sqrt(np.mean(np.square(np.stack(timbres) - np.mean(timbres, axis=0)))))
