"""The text encoder: symbol ids to the mean and log standard deviation of the prior, one per symbol.

VITS (arXiv 2106.06103), relative positions after arXiv 1803.02155; docs/systems/vits.md#text-encoder.
Letters: B batch, T symbols, h hidden channels, H heads, d channels of a head, c latent channels.
"""

import math
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from engine.nn.channel_norm import ChannelNorm
from engine.steps import Steps, finish
from engine.systems.vits.config import ModelConfig

WINDOW = 4


@dataclass(frozen=True, slots=True)
class EncodedText:
    """What the text encoder makes: ``hidden`` (B, h, T), ``mean`` and ``log_std`` (B, c, T), ``mask`` (B, 1, T)."""

    hidden: Tensor
    mean: Tensor
    log_std: Tensor
    mask: Tensor


class TextEncoder(nn.Module):
    """Embedding, transformer, projection."""

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        self.emb = nn.Embedding(config.n_vocab, config.hidden_channels)
        nn.init.normal_(self.emb.weight, 0.0, config.hidden_channels**-0.5)
        self.encoder = Encoder(config)
        self.proj = nn.Conv1d(config.hidden_channels, 2 * config.inter_channels, 1)

    def forward(self, ids: Tensor, lengths: Tensor) -> EncodedText:
        """Encode ``ids`` (B, T) int64, padded with any valid id, of which ``lengths`` (B,) count."""
        return finish(self.steps(ids, lengths))

    def steps(self, ids: Tensor, lengths: Tensor) -> Steps[EncodedText]:
        """The same, with a step after each block: its work grows with the square of the text."""
        mask = length_mask(lengths, ids.shape[1]).to(self.emb.weight.dtype)
        x = (self.emb(ids) * math.sqrt(self.emb.embedding_dim)).transpose(1, 2)
        hidden = yield from self.encoder.steps(x * mask, mask)
        mean, log_std = (self.proj(hidden) * mask).chunk(2, dim=1)
        return EncodedText(hidden, mean, log_std, mask)


class Encoder(nn.Module):
    """Transformer blocks that normalise after each residual sum."""

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        layers = range(config.n_layers)
        self.dropout = nn.Dropout(config.p_dropout)
        self.attn_layers = nn.ModuleList(RelativeAttention(config) for _ in layers)
        self.norm_layers_1 = nn.ModuleList(ChannelNorm(config.hidden_channels) for _ in layers)
        self.ffn_layers = nn.ModuleList(FeedForward(config) for _ in layers)
        self.norm_layers_2 = nn.ModuleList(ChannelNorm(config.hidden_channels) for _ in layers)

    def forward(self, x: Tensor, mask: Tensor) -> Tensor:
        return finish(self.steps(x, mask))

    def steps(self, x: Tensor, mask: Tensor) -> Steps[Tensor]:
        visible = mask.unsqueeze(2) * mask.unsqueeze(-1) != 0
        layers = zip(self.attn_layers, self.norm_layers_1, self.ffn_layers, self.norm_layers_2, strict=True)
        for attention, norm_1, feed_forward, norm_2 in layers:
            x = norm_1(x + self.dropout(attention(x, visible)))
            yield
            x = norm_2(x + self.dropout(feed_forward(x, mask)))
            yield
        return x * mask


class RelativeAttention(nn.Module):
    """Self-attention whose keys and values also depend on the distance, up to WINDOW symbols away."""

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        channels, self.n_heads = config.hidden_channels, config.n_heads
        head = channels // self.n_heads
        self.conv_q = nn.Conv1d(channels, channels, 1)
        self.conv_k = nn.Conv1d(channels, channels, 1)
        self.conv_v = nn.Conv1d(channels, channels, 1)
        self.conv_o = nn.Conv1d(channels, channels, 1)
        self.emb_rel_k = nn.Parameter(torch.randn(1, 2 * WINDOW + 1, head) * head**-0.5)
        self.emb_rel_v = nn.Parameter(torch.randn(1, 2 * WINDOW + 1, head) * head**-0.5)
        self.dropout = nn.Dropout(config.p_dropout)
        for projection in (self.conv_q, self.conv_k, self.conv_v):
            nn.init.xavier_uniform_(projection.weight)

    def forward(self, x: Tensor, visible: Tensor) -> Tensor:
        """Attend within ``x`` (B, h, T) where ``visible`` (B, 1, T, T), bool, says so."""
        q, k, v = (self._heads(project(x)) for project in (self.conv_q, self.conv_k, self.conv_v))
        probabilities = self.dropout(self.probabilities(q, k, visible))
        length = x.shape[-1]
        # The band around the diagonal, as (B, H, T, 9): column o is the symbol at distance o - WINDOW.
        near = F.pad(probabilities, (WINDOW, WINDOW)).gather(-1, self._band(probabilities, length))
        out = probabilities @ v + near @ self.emb_rel_v
        return self.conv_o(out.transpose(2, 3).flatten(1, 2))

    def probabilities(self, q: Tensor, k: Tensor, visible: Tensor) -> Tensor:
        """Attention (B, H, T, T) of queries to keys, both (B, H, T, d)."""
        q = q / math.sqrt(q.shape[-1])
        near = q @ self.emb_rel_k.transpose(1, 2)
        distance = near.new_zeros(*near.shape[:-1], near.shape[-2] + 2 * WINDOW)
        distance = distance.scatter(-1, self._band(near, near.shape[-2]), near)[..., WINDOW:-WINDOW]
        scores = q @ k.transpose(-2, -1) + distance
        # Set to a large negative number rather than to -inf: rows of padding attend evenly instead of giving NaN.
        return scores.masked_fill(~visible, -1e4).softmax(-1)

    def _heads(self, x: Tensor) -> Tensor:
        return x.unflatten(1, (self.n_heads, -1)).transpose(2, 3)

    @staticmethod
    def _band(like: Tensor, length: int) -> Tensor:
        """Columns (B, H, T, 9) of the band around the diagonal in a matrix padded by WINDOW on both sides."""
        steps = torch.arange(length, device=like.device)
        band = steps[:, None] + torch.arange(2 * WINDOW + 1, device=like.device)
        return band.expand(*like.shape[:2], -1, -1)


class FeedForward(nn.Module):
    """Two convolutions with a ReLU between."""

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        hidden, inner, size = config.hidden_channels, config.filter_channels, config.kernel_size
        self.margin = ((size - 1) // 2, size // 2)
        self.conv_1 = nn.Conv1d(hidden, inner, size)
        self.conv_2 = nn.Conv1d(inner, hidden, size)
        self.dropout = nn.Dropout(config.p_dropout)

    def forward(self, x: Tensor, mask: Tensor) -> Tensor:
        x = self.dropout(F.relu(self.conv_1(F.pad(x * mask, self.margin))))
        return self.conv_2(F.pad(x * mask, self.margin)) * mask


def length_mask(lengths: Tensor, longest: int) -> Tensor:
    """A bool mask (B, 1, longest), true where a position is below its length."""
    return (torch.arange(longest, device=lengths.device) < lengths.unsqueeze(1)).unsqueeze(1)
