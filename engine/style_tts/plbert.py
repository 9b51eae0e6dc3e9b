"""PL-BERT (arXiv 2301.08810): phonemes to features of their context. An ALBERT (arXiv 1909.11942).

Letters: B batch, T phonemes, C channels.
"""

import math

import torch
from torch import Tensor, nn

from engine.steps import Pace, Steps, finish
from engine.style_tts.config import PLBertConfig

EPS = 1e-12


class PLBert(nn.Module):
    """Embeddings, and one layer applied many times."""

    def __init__(self, config: PLBertConfig) -> None:
        super().__init__()
        self.max_length = config.max_position_embeddings
        self.n_layers = config.num_hidden_layers
        self.embeddings = Embeddings(config)
        self.embedding_hidden_mapping_in = nn.Linear(config.embedding_size, config.hidden_size)
        self.layer = Layer(config)

    def forward(self, ids: Tensor, mask: Tensor) -> Tensor:
        """The hidden state (B, T, C) of ``ids`` (B, T) where ``mask`` (B, T) is true; T is ``max_length`` at most."""
        return finish(self.forward_steps(ids, mask))

    def forward_steps(self, ids: Tensor, mask: Tensor) -> Steps[Tensor]:
        """The same in steps, of some layers each."""
        pace, work = Pace(), ids.numel() * sum(weight.numel() for weight in self.layer.parameters())
        x = self.embedding_hidden_mapping_in(self.embeddings(ids))
        bias = torch.zeros(mask.shape, dtype=x.dtype, device=x.device)
        bias = bias.masked_fill(~mask, torch.finfo(x.dtype).min)[:, None, None]
        for _ in range(self.n_layers):
            x = self.layer(x, bias)
            if pace.due(work):
                yield
        return x


class Embeddings(nn.Module):
    """Phoneme, position and the first token type, summed and normalised."""

    def __init__(self, config: PLBertConfig) -> None:
        super().__init__()
        size = config.embedding_size
        self.word_embeddings = nn.Embedding(config.vocab_size, size)
        self.position_embeddings = nn.Embedding(config.max_position_embeddings, size)
        self.token_type_embeddings = nn.Embedding(2, size)
        self.LayerNorm = nn.LayerNorm(size, eps=EPS)

    def forward(self, ids: Tensor) -> Tensor:
        x = self.word_embeddings(ids) + self.token_type_embeddings.weight[0]
        return self.LayerNorm(x + self.position_embeddings.weight[: ids.shape[1]])


class Layer(nn.Module):
    """Attention, then a feed-forward net, each with a residual sum and a norm after it."""

    def __init__(self, config: PLBertConfig) -> None:
        super().__init__()
        self.attention = Attention(config)
        self.ffn = nn.Linear(config.hidden_size, config.intermediate_size)
        self.ffn_output = nn.Linear(config.intermediate_size, config.hidden_size)
        self.full_layer_layer_norm = nn.LayerNorm(config.hidden_size, eps=EPS)

    def forward(self, x: Tensor, bias: Tensor) -> Tensor:
        x = self.attention(x, bias)
        return self.full_layer_layer_norm(self.ffn_output(gelu(self.ffn(x))) + x)


class Attention(nn.Module):
    """Self-attention. Not fused: docs/style-tts.md#order-of-operations"""

    def __init__(self, config: PLBertConfig) -> None:
        super().__init__()
        size = config.hidden_size
        self.heads = config.num_attention_heads
        self.query = nn.Linear(size, size)
        self.key = nn.Linear(size, size)
        self.value = nn.Linear(size, size)
        self.dense = nn.Linear(size, size)
        self.LayerNorm = nn.LayerNorm(size, eps=EPS)

    def forward(self, x: Tensor, bias: Tensor) -> Tensor:
        q, k, v = (self._split(part(x)) for part in (self.query, self.key, self.value))
        scores = q @ k.transpose(-1, -2) / math.sqrt(q.shape[-1]) + bias
        attended = torch.softmax(scores, dim=-1) @ v
        return self.LayerNorm(x + self.dense(attended.transpose(1, 2).flatten(2)))

    def _split(self, x: Tensor) -> Tensor:
        return x.unflatten(-1, (self.heads, -1)).transpose(1, 2)


def gelu(x: Tensor) -> Tensor:
    """The tanh form, written out: docs/style-tts.md#order-of-operations"""
    return 0.5 * x * (1.0 + torch.tanh(math.sqrt(2.0 / math.pi) * (x + 0.044715 * torch.pow(x, 3.0))))
