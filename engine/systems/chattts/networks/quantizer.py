"""The quantiser: two groups of channels, each rounded twice to a grid of 5⁴ points (grouped residual FSQ).

FSQ is arXiv:2309.15505; which of its forms, and why: docs/systems/chattts.md#quantiser. The input is bounded once more
before the first rounding, rounding is asymmetric at the bound, and the residual is four times finer.

Letters: B batch, C channels, T frames, G groups, R roundings, D = 4 dimensions.
"""

import math

import torch
from torch import Tensor, nn

from engine.systems.chattts.config import LEVELS

ROUNDINGS = 2
HALF = (LEVELS[0] - 1) / 2
BOUND = HALF * (1 + 1e-3)  # a little beyond the outermost grid point
FINER = 1 / (LEVELS[0] - 1)


class Group(nn.Module):
    """One group of channels: projected to four dimensions, rounded, and projected back."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.project_in = nn.Linear(width, len(LEVELS))
        self.project_out = nn.Linear(len(LEVELS), width)
        place = [math.prod(LEVELS[:dim]) for dim in range(len(LEVELS))]
        self.register_buffer("place", torch.tensor(place), persistent=False)

    def encode(self, x: Tensor) -> list[Tensor]:
        """Channels (B, T, C/G) to R indices (B, T) int64 in 0..624."""
        rest = BOUND * self.project_in(x).tanh()
        indices = []
        for rounding in range(ROUNDINGS):
            scale = FINER**rounding
            # Half to even, as the reference rounds.
            point = (BOUND * (rest / scale).tanh()).round()
            rest = rest - scale * point / HALF
            indices.append(((point + HALF).long() * self.place).sum(-1))
        return indices

    def decode(self, indices: list[Tensor]) -> Tensor:
        """R indices (B, T) to channels (B, T, C/G)."""
        return self.project_out(sum(FINER**rounding * self.points(index) for rounding, index in enumerate(indices)))

    def points(self, index: Tensor) -> Tensor:
        """The grid points (…, D) in [-1, 1] that indices (…) stand for, the first dimension in the lowest digit."""
        return (index.unsqueeze(-1) // self.place % LEVELS[0] - HALF) / HALF


class GroupedResidualFSQ(nn.Module):
    """All groups. The K = G·R codebooks are ordered by group, then by rounding."""

    def __init__(self, width: int, n_groups: int) -> None:
        super().__init__()
        self.rvqs = nn.ModuleList(Group(width // n_groups) for _ in range(n_groups))

    def encode(self, x: Tensor) -> Tensor:
        """Channels (B, C, T) to codes (B, K, T) int64 in 0..624."""
        groups = x.transpose(1, 2).chunk(len(self.rvqs), dim=-1)
        indices = [index for group, part in zip(self.rvqs, groups, strict=True) for index in group.encode(part)]
        return torch.stack(indices, dim=1)

    def decode(self, codes: Tensor) -> Tensor:
        """Codes (B, K, T) in 0..624 to channels (B, C, T)."""
        indices = codes.unbind(1)
        parts = [
            group.decode(indices[number * ROUNDINGS : (number + 1) * ROUNDINGS])
            for number, group in enumerate(self.rvqs)
        ]
        return torch.cat(parts, dim=-1).transpose(1, 2)
