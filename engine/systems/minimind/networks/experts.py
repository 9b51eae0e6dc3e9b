"""A mixture of experts: each column goes to the few feed-forward networks that its scores choose (arXiv:1701.06538)."""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from engine.nn.llama import FeedForward
from engine.nn.llama_config import LlamaConfig
from engine.systems.minimind.config import ExpertsConfig


class Experts(nn.Module):
    """The sum of the chosen experts' results by their weights, and that of the shared expert where there is one.

    The scores are float32. Letters: N columns, H width, E experts.
    """

    def __init__(self, config: LlamaConfig, experts: ExpertsConfig) -> None:
        super().__init__()
        self.per_token, self.normalised = experts.per_token, experts.normalised
        self.gate = Gate(experts.n_experts, config.hidden)
        self.experts = nn.ModuleList(FeedForward(config) for _ in range(experts.n_experts))
        self.shared_experts = FeedForward(config) if experts.shared else None

    def forward(self, x: Tensor) -> Tensor:
        """(…, H) to (…, H)."""
        columns = x.flatten(0, -2)
        weights, chosen = self.gate(columns).topk(self.per_token, dim=-1)
        if self.per_token > 1 and self.normalised:
            weights = weights / (weights.sum(-1, keepdim=True) + 1e-20)
        result = torch.zeros_like(columns)
        for index, expert in enumerate(self.experts):
            column, place = (chosen == index).nonzero(as_tuple=True)
            if len(column):
                found = expert(columns[column]) * weights[column, place].unsqueeze(-1)
                result = result.index_add(0, column, found.to(result.dtype))
        result = result.view_as(x)
        return result if self.shared_experts is None else result + self.shared_experts(x)


class Gate(nn.Module):
    """Scores (N, E) of columns (N, H), float32, which add up to one."""

    def __init__(self, n_experts: int, width: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.empty(n_experts, width), requires_grad=False)

    def forward(self, columns: Tensor) -> Tensor:
        return F.linear(columns.float(), self.weight).softmax(-1)
