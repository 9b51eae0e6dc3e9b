"""A matrix, in whichever precision it is stored."""

import torch
from torch import Tensor, nn
from torch.nn import functional as F


class Linear(nn.Module):
    """A matrix, with a bias or without.

    It is empty until loading fills it, so building takes no time and no random numbers.
    """

    def __init__(self, n_in: int, n_out: int, *, bias: bool = False) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.empty(n_out, n_in), requires_grad=False)
        # None is an attribute like any other, which is found at once.
        self.bias: Tensor | None = nn.Parameter(torch.empty(n_out), requires_grad=False) if bias else None

    def forward(self, x: Tensor) -> Tensor:
        """(…, n_in) to (…, n_out), in the matrix's precision."""
        weight = self.weight  # looked up once: a module's attributes are slow, and 80 of these run in every step
        return F.linear(x if x.dtype == weight.dtype else x.to(weight.dtype), weight, self.bias)
