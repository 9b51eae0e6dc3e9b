"""Monotone rational-quadratic splines on [-BOUND, BOUND], the identity outside.

Durkan et al., "Neural Spline Flows" (arXiv 1906.04032); docs/systems/vits.md#duration-predictors.

Evaluated in float64 where the device has it: a narrow bin magnifies the rounding of its edges a hundredfold, four flows
in a row once more, and how a softmax rounds in float32 depends on the processor.
"""

import math
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional as F

BOUND = 5.0
BINS = 10
FLOOR = 1e-3  # of a bin's width and height as a share of the whole, and of a slope


@dataclass(frozen=True, slots=True)
class _Bin:
    """The bin of each point: left edge, width, lower edge, height, slopes at both ends; all shaped as the points."""

    x: Tensor
    width: Tensor
    y: Tensor
    height: Tensor
    slope: Tensor
    next_slope: Tensor


def forward(x: Tensor, widths: Tensor, heights: Tensor, slopes: Tensor) -> tuple[Tensor, Tensor]:
    """y(x), ln dy/dx for ``x`` (...), from ``widths``, ``heights`` (..., 10), ``slopes`` (..., 9), all unbounded."""
    y, log_slope = _apply(*map(_fine, (x, widths, heights, slopes)))
    return y.to(x.dtype), log_slope.to(x.dtype)


def inverse(y: Tensor, widths: Tensor, heights: Tensor, slopes: Tensor) -> tuple[Tensor, Tensor]:
    """x(y) and ln dx/dy; parameters as in `forward`."""
    x, log_slope = _solve(*map(_fine, (y, widths, heights, slopes)))
    return x.to(y.dtype), log_slope.to(y.dtype)


def _fine(values: Tensor) -> Tensor:
    return values.to(torch.float32 if values.device.type == "mps" else torch.float64)


def _apply(x: Tensor, widths: Tensor, heights: Tensor, slopes: Tensor) -> tuple[Tensor, Tensor]:
    inside = (x >= -BOUND) & (x <= BOUND)
    clamped = x.clamp(-BOUND, BOUND)
    b = _find(clamped, widths, heights, slopes, of_y=False)
    y, log_slope = _evaluate(b, (clamped - b.x) / b.width)
    return torch.where(inside, y, x), torch.where(inside, log_slope, torch.zeros_like(x))


def _solve(y: Tensor, widths: Tensor, heights: Tensor, slopes: Tensor) -> tuple[Tensor, Tensor]:
    inside = (y >= -BOUND) & (y <= BOUND)
    clamped = y.clamp(-BOUND, BOUND)
    b = _find(clamped, widths, heights, slopes, of_y=True)
    delta, above = b.height / b.width, clamped - b.y
    curve = above * (b.slope + b.next_slope - 2 * delta)
    quadratic = curve + b.height * (delta - b.slope)
    linear = b.height * b.slope - curve
    # Rounding can take the discriminant just below zero.
    discriminant = (linear**2 + 4 * quadratic * delta * above).clamp(min=0)
    theta = 2 * delta * above / (linear + torch.sqrt(discriminant))
    _, log_slope = _evaluate(b, theta)
    return torch.where(inside, theta * b.width + b.x, y), torch.where(inside, -log_slope, torch.zeros_like(y))


def _evaluate(b: _Bin, theta: Tensor) -> tuple[Tensor, Tensor]:
    delta, mixed = b.height / b.width, theta * (1 - theta)
    denominator = delta + (b.slope + b.next_slope - 2 * delta) * mixed
    y = b.y + b.height * (delta * theta**2 + b.slope * mixed) / denominator
    rise = delta**2 * (b.next_slope * theta**2 + 2 * delta * mixed + b.slope * (1 - theta) ** 2)
    return y, torch.log(rise) - 2 * torch.log(denominator)


def _find(points: Tensor, widths: Tensor, heights: Tensor, slopes: Tensor, *, of_y: bool) -> _Bin:
    x_edges, y_edges = _edges(widths), _edges(heights)
    # Padding with this value makes the slope at both ends exactly 1, that of the identity outside.
    slopes = FLOOR + F.softplus(F.pad(slopes, (1, 1), value=math.log(math.expm1(1 - FLOOR))))
    edges = (y_edges if of_y else x_edges).clone()
    edges[..., -1] += 1e-6
    index = ((points.unsqueeze(-1) >= edges).sum(-1, keepdim=True) - 1).clamp(0, BINS - 1)

    def at(values: Tensor) -> Tensor:
        return values.gather(-1, index).squeeze(-1)

    return _Bin(
        x=at(x_edges),
        width=at(x_edges.diff(dim=-1)),
        y=at(y_edges),
        height=at(y_edges.diff(dim=-1)),
        slope=at(slopes),
        next_slope=at(slopes[..., 1:]),
    )


def _edges(sizes: Tensor) -> Tensor:
    """Edges (..., 11) from -BOUND to BOUND."""
    shares = FLOOR + (1 - FLOOR * BINS) * sizes.softmax(-1)
    inner = 2 * BOUND * shares.cumsum(-1)[..., :-1] - BOUND
    return F.pad(F.pad(inner, (1, 0), value=-BOUND), (0, 1), value=BOUND)
