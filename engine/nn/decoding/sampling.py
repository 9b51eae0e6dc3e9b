"""How the next classes are chosen: scores are sharpened, penalised, filtered, and one class of each row is drawn.

Scores have the shape (…, V); every leading dimension is a row of its own. The order is: temperature, penalty, top-p,
top-k (or the other way about), and last what is forbidden; so the penalty acts on scores that are sharpened already.
"""

from dataclasses import dataclass

import torch
from torch import Tensor


@dataclass(frozen=True, slots=True, kw_only=True)
class Sampling:
    """How one run draws, and how long.

    ``temperature`` has one value, or one per codebook, all above zero. ``top_p`` None or 1, ``top_k`` None and a
    ``repetition_penalty`` of 1 do nothing; the penalty sees the last ``penalty_window`` classes, and weakens a class
    for each time that it is among them, or with ``penalty_once`` once. Neither filter leaves fewer than ``min_kept``
    classes. The end is impossible before ``min_new_tokens`` steps; with ``ensure_non_empty``
    never at the first step.

    With ``top_k_first`` top-p counts among what top-k has left. With ``end_when_likeliest`` a row ends also when the
    end was not drawn but is its likeliest class. With ``scored`` the log-probabilities of what is drawn are summed up.
    """

    max_new_tokens: int
    temperature: tuple[float, ...] = (1.0,)
    top_p: float | None = None
    top_k: int | None = None
    min_kept: int = 1
    repetition_penalty: float = 1.0
    penalty_window: int = 16
    penalty_once: bool = False
    min_new_tokens: int = 0
    ensure_non_empty: bool = True
    top_k_first: bool = False
    end_when_likeliest: bool = False
    scored: bool = False

    @property
    def first_end(self) -> int:
        """The first step at which a row may end."""
        return max(self.min_new_tokens, int(self.ensure_non_empty))


class Noise:
    """The Exp(1) noise that torch.multinomial divides by, drawn on the CPU so that a seed means the same anywhere.

    From a seed it is the same array at every step, as if one seeded anew before each; from a generator it is drawn
    anew, once per step for all rows, also those that have ended.
    """

    def __init__(self, source: int | torch.Generator) -> None:
        self._source = source
        self._repeated: Tensor | None = None

    def draw(self, shape: tuple[int, ...], device: torch.device) -> Tensor:
        """The noise of the next step, float32 of ``shape``. The shape stays the same from step to step."""
        if isinstance(self._source, torch.Generator):
            return self._exponential(shape, self._source, device)
        if self._repeated is None or self._repeated.shape != shape:
            self._repeated = self._exponential(shape, torch.Generator().manual_seed(self._source), device)
        return self._repeated

    @staticmethod
    def _exponential(shape: tuple[int, ...], rng: torch.Generator, device: torch.device) -> Tensor:
        # From pinned memory the copy does not wait for the device.
        noise = torch.empty(shape, pin_memory=device.type == "cuda").exponential_(generator=rng)
        return noise.to(device, non_blocking=True)


class Sampler:
    """Draws classes by one set of parameters, which it keeps where the scores are."""

    def __init__(self, sampling: Sampling, device: torch.device) -> None:
        self._sampling = sampling
        self._temperature = torch.tensor(sampling.temperature, device=device).unsqueeze(-1)

    def __call__(self, logits: Tensor, history: Tensor, noise: Tensor, forbidden: int | None = None) -> Tensor:
        """One class for each row of ``logits`` (B, K, V), with ``history`` as in `penalized`: (B, K) int64.

        ``forbidden`` is a class that must not be drawn. Equals torch.multinomial where ``noise`` (B, K, V) is what it
        would have drawn.
        """
        return draw(self.scores(logits, history, forbidden), noise)

    def scores(self, logits: Tensor, history: Tensor, forbidden: int | None = None) -> Tensor:
        """The scores (B, K, V) that `draw` draws by; what must not be drawn has -inf. Letters as in a call."""
        scores = filtered(logits / self._temperature, history, self._sampling)
        if forbidden is not None:
            scores[..., forbidden] = float("-inf")
        return scores


def draw(scores: Tensor, noise: Tensor) -> Tensor:
    """A class for each row of ``scores`` (…, V), by as much ``noise``: what torch.multinomial would draw with it."""
    return (scores.softmax(-1) / noise).argmax(-1)


def log_probability(scores: Tensor, ids: Tensor) -> Tensor:
    """The log-probability (B,) of having drawn ``ids`` (B, K) by ``scores`` (B, K, V)."""
    return scores.log_softmax(-1).gather(-1, ids.unsqueeze(-1)).flatten(1).sum(1)


def filtered(scores: Tensor, history: Tensor, sampling: Sampling) -> Tensor:
    """Penalty, then top-p and top-k in the order that ``sampling`` says: what is left out becomes -inf."""
    if sampling.repetition_penalty != 1:
        scores = penalized(scores, history, sampling.repetition_penalty, once=sampling.penalty_once)
    if sampling.top_k_first:
        return _top_p(_top_k(scores, sampling), sampling)
    return _top_k(_top_p(scores, sampling), sampling)


def _top_p(scores: Tensor, sampling: Sampling) -> Tensor:
    if sampling.top_p is not None:
        scores = scores.masked_fill(_outside_top_p(scores, sampling.top_p, sampling.min_kept), float("-inf"))
    return scores


def _top_k(scores: Tensor, sampling: Sampling) -> Tensor:
    if sampling.top_k is not None:
        kept = min(max(sampling.top_k, sampling.min_kept), scores.shape[-1])
        least = scores.topk(kept, dim=-1).values[..., -1:]
        scores = scores.masked_fill(scores < least, float("-inf"))
    return scores


def penalized(scores: Tensor, history: Tensor, penalty: float, *, once: bool = False) -> Tensor:
    """Scores weakened by ``penalty`` to the power of how often the class stands in ``history`` (…, W) int64.

    With ``once`` it is only whether it stands there that counts. Places of the history that are not filled yet hold V.
    """
    classes = scores.shape[-1]
    counts = scores.new_zeros(*scores.shape[:-1], classes + 1)
    counts.scatter_add_(-1, history, torch.ones_like(history, dtype=scores.dtype))
    weakening = penalty ** (counts.clamp_(max=1) if once else counts)[..., :classes]
    return torch.where(scores < 0, scores * weakening, scores / weakening)


def _outside_top_p(scores: Tensor, top_p: float, min_kept: int) -> Tensor:
    """The classes beyond the likeliest that together reach ``top_p``."""
    ascending, order = scores.sort(dim=-1)
    outside = ascending.softmax(-1).cumsum(-1) <= 1 - top_p
    outside[..., -min_kept:] = False
    return outside.scatter(-1, order, outside)
