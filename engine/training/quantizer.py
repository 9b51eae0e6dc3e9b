"""A codebook that learns by moving averages: each entry follows the vectors that choose it (arXiv:1711.00937, A.1).

It begins with the centres that k-means finds in the first batch, and entries that nobody chooses begin anew at vectors
of the batch. With several processes all see the same codebook: counts and sums are those of the whole group.

Letters: B batch, W width of a codeword, F frames, C entries, N vectors.
"""

from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from engine.training import processes

DECAY, EPSILON = 0.99, 1e-5
KMEANS_ROUNDS = 200
# An entry of a smaller average count than this is dead.
DEAD_BELOW = 2.0


class Quantized(NamedTuple):
    """``vectors`` (B, W, F) with the gradient of what came in, ``codes`` (B, F) int64, and the ``commitment`` ()."""

    vectors: Tensor
    codes: Tensor
    commitment: Tensor


class Codebook(nn.Module):
    """The entries ``embed`` (C, W), and what their averages are made of, under the published names."""

    def __init__(self, size: int, width: int) -> None:
        super().__init__()
        self.register_buffer("inited", torch.zeros(1))
        self.register_buffer("cluster_size", torch.zeros(size))
        self.register_buffer("embed", torch.zeros(size, width))
        self.register_buffer("embed_avg", torch.zeros(size, width))

    def forward(self, x: Tensor) -> Quantized:
        """Quantize ``x`` (B, W, F); in training the codebook learns of it, after it has answered."""
        x = x.float()
        vectors = x.transpose(1, 2).flatten(0, 1)
        if self.training and not self.inited:
            self._begin(vectors.detach())
        codes = nearest(vectors, self.embed)
        chosen = F.embedding(codes, self.embed).view(len(x), -1, x.shape[1]).transpose(1, 2)
        if self.training:
            self._learn(vectors.detach(), codes)
            commitment = F.mse_loss(chosen, x)
            chosen = x + (chosen - x).detach()
        else:
            commitment = x.new_zeros(())
        return Quantized(chosen, codes.view(len(x), -1), commitment)

    def _begin(self, vectors: Tensor) -> None:
        centres, counts = kmeans(vectors, len(self.embed), KMEANS_ROUNDS)
        # The other processes have other batches: the first one's centres count.
        processes.broadcast(centres)
        processes.broadcast(counts)
        self.embed.copy_(centres)
        self.embed_avg.copy_(centres * counts.unsqueeze(1))
        self.cluster_size.copy_(counts)
        self.inited.fill_(1)

    def _learn(self, vectors: Tensor, codes: Tensor) -> None:
        dead = self.cluster_size < DEAD_BELOW
        if dead.any():
            self._replace(dead, vectors)
        counts = torch.bincount(codes, minlength=len(self.embed)).to(vectors)
        sums = torch.zeros_like(self.embed).index_add_(0, codes, vectors)
        processes.add_up(counts)
        processes.add_up(sums)
        self.cluster_size.lerp_(counts, 1 - DECAY)
        self.embed_avg.lerp_(sums, 1 - DECAY)
        total = self.cluster_size.sum()
        smoothed = (self.cluster_size + EPSILON) / (total + len(self.embed) * EPSILON) * total
        self.embed.copy_(self.embed_avg / smoothed.unsqueeze(1))

    def _replace(self, dead: Tensor, vectors: Tensor) -> None:
        """Dead entries become vectors of the batch; their averages too, or the next line would undo it."""
        fresh = drawn(vectors, len(self.embed))
        processes.broadcast(fresh)
        self.embed_avg[dead] = fresh[dead] * DEAD_BELOW
        self.cluster_size[dead] = DEAD_BELOW


def nearest(vectors: Tensor, entries: Tensor) -> Tensor:
    """The numbers (N,) of the ``entries`` (C, W) nearest to ``vectors`` (N, W); of equally near ones the first."""
    return F.linear(vectors, entries, -0.5 * entries.square().sum(1)).argmax(1)


def kmeans(vectors: Tensor, count: int, rounds: int) -> tuple[Tensor, Tensor]:
    """``count`` centres (C, W) of ``vectors`` (N, W), which k-means finds in ``rounds``, and how many each has (C,)."""
    centres = drawn(vectors, count)
    for _ in range(rounds):
        codes = nearest(vectors, centres)
        counts = torch.bincount(codes, minlength=count).to(vectors)
        sums = torch.zeros_like(centres).index_add_(0, codes, vectors)
        moved = torch.where(counts.unsqueeze(1) > 0, sums / counts.clamp_min(1).unsqueeze(1), centres)
        if torch.equal(moved, centres):
            break
        centres = moved
    return centres, torch.bincount(nearest(vectors, centres), minlength=count).to(vectors)


def drawn(vectors: Tensor, count: int) -> Tensor:
    """``count`` of the ``vectors`` (N, W) at random, without repetition while there are enough."""
    enough = len(vectors) >= count
    chosen = torch.randperm(len(vectors))[:count] if enough else torch.randint(len(vectors), (count,))
    return vectors[chosen.to(vectors.device)].clone()
