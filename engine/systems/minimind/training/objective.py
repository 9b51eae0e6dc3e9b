"""What the model learns: the code after each column, and the end after the last (docs/minimind-training.md#the-target).

Letters: B rows, L columns, K classes.
"""

import math
from typing import NamedTuple

from torch import Tensor

from engine.systems.minimind.networks.lm import IGNORED


class Judged(NamedTuple):
    """The ``loss`` () and the ``accuracy`` (), which is the share of columns whose likeliest class is right."""

    loss: Tensor
    accuracy: Tensor


def judge(logits: Tensor, targets: Tensor, *, smoothing: float = 0.0, normalize_length: bool = True) -> Judged:
    """The divergence of ``logits`` (B, L, K) from ``targets`` (B, L), of which other classes have ``smoothing``.

    It is the mean over all columns that count, or without ``normalize_length`` their sum by the number of rows. Without
    smoothing it is the cross-entropy.
    """
    counted = targets != IGNORED
    scores, labels = logits[counted].float(), targets[counted]
    log_chances = scores.log_softmax(-1)
    right = log_chances.gather(-1, labels.unsqueeze(-1)).squeeze(-1)
    losses = -(1 - smoothing) * right
    if smoothing:
        share = smoothing / (scores.shape[-1] - 1)
        entropy = (1 - smoothing) * math.log(1 - smoothing) + smoothing * math.log(share)
        losses = losses - share * (log_chances.sum(-1) - right) + entropy
    divisor = len(losses) if normalize_length else len(targets)
    accuracy = (scores.detach().argmax(-1) == labels).float().mean()
    return Judged(losses.sum() / divisor, accuracy)


def rate(peak: float, step: int, warmup: int, share: float) -> float:
    """The learning rate of ``step`` (from 0): rising over ``warmup`` steps, then half a cosine down to a tenth.

    ``share`` is how much of what comes after the warm-up is over, 0..1.
    """
    if step < warmup:
        return peak * step / warmup
    least = peak / 10
    return least + 0.5 * (1 + math.cos(math.pi * min(1.0, share))) * (peak - least)
