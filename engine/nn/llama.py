"""The Llama-like network: embeddings in, final-norm hidden states out.

- No biases, a gated SiLU feed-forward network. A head of keys and values may serve a group of query heads
  (arXiv:2305.13245).
- Queries, keys and values are one matrix, and so are gate and up: fewer, larger reads of memory.
- What flows between layers, the norms and the rotation are float32; only the matrices (and with them the cache) may
  have a lower precision.

The architecture is that of LLaMA (arXiv:2302.13971, section 2.2). Letters: B rows, T new columns, S columns seen so
far, L layers, H hidden, D width of a head, G heads of keys, R query heads in the group of each.
"""

from collections.abc import Callable

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from engine.nn.decoding.cache import Columns, KeyValueCache
from engine.nn.decoding.weights import Parts
from engine.nn.linear import Linear
from engine.nn.llama_config import LlamaConfig
from engine.steps import Pace, Steps, finish

# Cosines and signed sines, by which heads are turned.
Rotation = tuple[Tensor, Tensor]


class RMSNorm(nn.Module):
    """x · rsqrt(mean(x²) + eps) · weight, in float32."""

    def __init__(self, width: int, eps: float) -> None:
        super().__init__()
        self.eps = eps
        self.weight = nn.Parameter(torch.empty(width), requires_grad=False)

    def forward(self, x: Tensor) -> Tensor:
        weight = self.weight
        return F.rms_norm(x, weight.shape, weight, self.eps)


class Attention(nn.Module):
    """Multi-head attention. The rows of ``qkv_proj`` are the first query head of every group, the second of every, …,
    then the heads of keys and those of values; what comes out has the query heads group by group."""

    def __init__(self, config: LlamaConfig) -> None:
        super().__init__()
        self.groups, self.group_size, self.head_dim = config.n_kv_heads, config.group_size, config.head_dim
        self.qkv_proj = Linear(config.hidden, (config.group_size + 2) * config.n_kv_heads * config.head_dim)
        self.o_proj = Linear(config.hidden, config.hidden)

    def forward(self, x: Tensor, rotation: Rotation, columns: Columns, bias: Tensor | None) -> Tensor:
        """``x`` (B, T, H), the newest ``columns``, sees all of them; ``bias`` (B, 1, R·T or 1, S) is added."""
        queries, keys_values = self._heads(x, rotation)
        columns.new.copy_(keys_values)
        attended = F.scaled_dot_product_attention(
            queries.to(columns.keys.dtype), columns.keys, columns.values, attn_mask=bias, scale=self.head_dim**-0.5
        )
        return self._joined(attended.unflatten(2, (self.group_size, x.shape[1])))

    def whole(self, x: Tensor, rotation: Rotation) -> Tensor:
        """``x`` (B, T, H), of which each column sees those before it and itself, as for training: nothing is kept."""
        dtype = self.qkv_proj.weight.dtype
        queries, keys_values = self._heads(x, rotation)
        queries, (keys, values) = queries.to(dtype), keys_values.to(dtype).unbind(1)
        queries = queries.unflatten(2, (self.group_size, x.shape[1])).flatten(1, 2)
        attended = F.scaled_dot_product_attention(
            queries, keys, values, is_causal=True, scale=self.head_dim**-0.5, enable_gqa=self.group_size > 1
        )
        return self._joined(attended.unflatten(1, (self.groups, self.group_size)))

    def _heads(self, x: Tensor, rotation: Rotation) -> tuple[Tensor, Tensor]:
        batch, length, _ = x.shape
        qkv = self.qkv_proj(x).view(batch, length, self.group_size + 2, self.groups, 2, self.head_dim // 2)
        return rotate_heads(qkv, rotation)

    def _joined(self, attended: Tensor) -> Tensor:
        """What the heads have seen (B, G, R, T, D) to (B, T, H)."""
        return self.o_proj(attended.permute(0, 3, 1, 2, 4).flatten(2))


class FeedForward(nn.Module):
    """down(silu(gate(x)) · up(x))."""

    def __init__(self, config: LlamaConfig) -> None:
        super().__init__()
        self.gate_up_proj = Linear(config.hidden, 2 * config.intermediate)
        self.down_proj = Linear(config.intermediate, config.hidden)

    def forward(self, x: Tensor) -> Tensor:
        gate, up = self.gate_up_proj(x).chunk(2, dim=-1)
        return self.down_proj(F.silu(gate).mul_(up))


# What makes a layer's feed-forward network, (…, H) to (…, H).
FeedForwardKind = Callable[[LlamaConfig], nn.Module]


class Layer(nn.Module):
    """Attention and feed-forward network, each on a normed copy and added back."""

    def __init__(self, config: LlamaConfig, feed_forward: FeedForwardKind) -> None:
        super().__init__()
        self.self_attn = Attention(config)
        self.mlp = feed_forward(config)
        self.input_layernorm = RMSNorm(config.hidden, config.norm_eps)
        self.post_attention_layernorm = RMSNorm(config.hidden, config.norm_eps)

    def forward(self, x: Tensor, rotation: Rotation, columns: Columns, bias: Tensor | None) -> Tensor:
        x = x + self.self_attn(self.input_layernorm(x), rotation, columns, bias)
        return x + self.mlp(self.post_attention_layernorm(x))

    def whole(self, x: Tensor, rotation: Rotation, dropout: float) -> Tensor:
        """``x`` (B, T, H), of which each column sees those before it; ``dropout`` is of what is added back."""
        x = x + F.dropout(self.self_attn.whole(self.input_layernorm(x), rotation), dropout)
        return x + F.dropout(self.mlp(self.post_attention_layernorm(x)), dropout)


class Llama(nn.Module):
    """The network. It keeps nothing of a request: the cache belongs to the caller.

    Its layers may have another ``feed_forward`` network, with which no step can be compiled.
    """

    def __init__(self, config: LlamaConfig, feed_forward: FeedForwardKind = FeedForward) -> None:
        super().__init__()
        self.config = config
        self.layers = nn.ModuleList(Layer(config, feed_forward) for _ in range(config.n_layers))
        self.norm = RMSNorm(config.hidden, config.norm_eps)
        cosine, sine = rotation_table(config.max_positions, config.head_dim, config.rope_base, config.group_size)
        self.register_buffer("cosine", cosine, persistent=False)
        self.register_buffer("sine", sine, persistent=False)

    @property
    def max_positions(self) -> int:
        """The most columns that a row may have."""
        return self.config.max_positions

    @property
    def dtype(self) -> torch.dtype:
        """The precision of the layers' matrices, and so of the cache."""
        return self.layers[0].self_attn.qkv_proj.weight.dtype

    def reduce_precision(self, dtype: torch.dtype) -> None:
        """Store the matrices in ``dtype``; norms and the stream between layers stay float32."""
        for module in self.modules():
            if isinstance(module, Linear):
                module.to(dtype)

    def parts(self) -> Parts | None:
        """What a compiled step needs of the network; None for one with other feed-forward networks."""
        if not all(isinstance(layer.mlp, FeedForward) for layer in self.layers):
            return None
        norms = [norm for layer in self.layers for norm in (layer.input_layernorm, layer.post_attention_layernorm)]
        return Parts(
            qkv=[layer.self_attn.qkv_proj for layer in self.layers],
            out=[layer.self_attn.o_proj for layer in self.layers],
            gate_up=[layer.mlp.gate_up_proj for layer in self.layers],
            down=[layer.mlp.down_proj for layer in self.layers],
            norms=[norm.weight for norm in (*norms, self.norm)],
            eps=self.config.norm_eps,
            # All heads turn alike; the table holds the sines of both halves, with their signs.
            cosine=self.cosine[:, 0, 0, 0],
            sine=self.sine[:, 0, 0, 1],
        )

    def new_cache(self, rows: int, capacity: int) -> KeyValueCache:
        """An empty cache for ``rows`` texts of up to ``capacity`` columns."""
        config = self.config
        return KeyValueCache(
            *(config.n_layers, rows, config.n_kv_heads, capacity, config.head_dim),
            dtype=self.dtype,
            device=self.cosine.device,
        )

    def forward(self, x: Tensor, positions: Tensor, cache: KeyValueCache, bias: Tensor | None) -> Tensor:
        """Hidden states (B, T, H), float32, of the new columns ``x`` (B, T, H), which are appended to the cache.

        ``positions`` (B, T) count from zero at each row's first real column. ``bias`` is added to the attention scores
        (B, 1, T, S): zero or -inf, in the matrices' precision; None lets every new column see all columns.
        """
        return finish(self.forward_steps(x, positions, cache, bias))

    def forward_steps(self, x: Tensor, positions: Tensor, cache: KeyValueCache, bias: Tensor | None) -> Steps[Tensor]:
        """The same in steps, of some layers each."""
        rotation, pace = (self.cosine[positions], self.sine[positions]), Pace()
        if bias is not None and x.shape[1] > 1:
            # The queries of a group stand one behind the other.
            bias = bias.repeat(1, 1, self.config.group_size, 1)
        work = x.shape[0] * x.shape[1] * self.config.hidden * (4 * self.config.hidden + 3 * self.config.intermediate)
        for layer, columns in zip(self.layers, cache.extend(x.shape[1]), strict=True):
            x = layer(x, rotation, columns, bias)
            if pace.due(work):
                yield
        return self.norm(x)

    def whole(self, x: Tensor, dropout: float = 0.0) -> Tensor:
        """Hidden states (B, T, H) of all columns ``x`` (B, T, H) at the positions 0, 1, …, as for training.

        Each column sees those before it, so that what pads a row on its right is seen by nothing in it. ``dropout`` is
        of what every attention and every feed-forward network adds. Differentiable.
        """
        rotation = self.cosine[: x.shape[1]], self.sine[: x.shape[1]]
        for layer in self.layers:
            x = layer.whole(x, rotation, dropout)
        return self.norm(x)


def rotation_table(positions: int, head_dim: int, base: float, group_size: int = 1) -> Rotation:
    """Cosines and signed sines (positions, R + 2, 1, 2, D/2) for R queries, keys and values, which nothing turns."""
    frequencies = 1.0 / base ** (torch.arange(0, head_dim, 2, dtype=torch.float32) / head_dim)
    angles = torch.outer(torch.arange(positions, dtype=torch.float32), frequencies)
    cosine, sine = angles.cos(), angles.sin()
    still = torch.ones_like(angles), torch.zeros_like(angles)
    turned = group_size + 1
    cosines = torch.stack((*[cosine] * turned, still[0]), dim=1).unsqueeze(2).expand(-1, -1, 2, -1)
    sines = torch.stack((*[sine] * turned, still[1]), dim=1).unsqueeze(2) * torch.tensor([[-1.0], [1.0]])
    return cosines.unsqueeze(2).contiguous(), sines.unsqueeze(2).contiguous()


def rotate_heads(qkv: Tensor, rotation: Rotation) -> tuple[Tensor, Tensor]:
    """Rotate the pairs (i, i + D/2) of the heads in ``qkv`` (B, T, R + 2, G, 2, D/2) by each position's angle, float32.

    Returns queries (B, G, R·T, D), each of a group behind the one before, and keys and values (B, 2, G, T, D). All go
    through the same arithmetic, because at one column a step the number of operations counts, not their size.
    """
    cosine, sine = rotation
    turned = torch.addcmul(qkv * cosine, qkv.flip(-2), sine).flatten(-2)
    queries = turned[:, :, :-2].permute(0, 3, 2, 1, 4).flatten(2, 3)
    return queries, turned[:, :, -2:].permute(0, 2, 3, 1, 4)
