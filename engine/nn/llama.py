"""The Llama-like network: embeddings in, final-norm hidden states out.

- No biases, as many key heads as query heads, a gated SiLU feed-forward network.
- Queries, keys and values are one matrix, and so are gate and up: fewer, larger reads of memory.
- What flows between layers, the norms and the rotation are float32; only the matrices (and with them the cache) may
  have a lower precision.

The architecture is that of LLaMA (arXiv:2302.13971, section 2.2). Letters: B rows, T new columns, S columns seen so
far, L layers, H hidden, D width of a head.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from engine.nn.decoding.cache import Columns, KeyValueCache
from engine.nn.decoding.weights import Parts
from engine.nn.linear import Linear
from engine.nn.llama_config import LlamaConfig
from engine.steps import Pace, Steps, finish


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
    """Multi-head attention over the columns in the cache."""

    def __init__(self, config: LlamaConfig) -> None:
        super().__init__()
        self.n_heads, self.head_dim = config.n_heads, config.head_dim
        self.qkv_proj = Linear(config.hidden, 3 * config.hidden)
        self.o_proj = Linear(config.hidden, config.hidden)

    def forward(self, x: Tensor, rotation: tuple[Tensor, Tensor], columns: Columns, bias: Tensor | None) -> Tensor:
        batch, length, hidden = x.shape
        qkv = self.qkv_proj(x)
        queries, keys_values = rotate_heads(qkv.view(batch, length, 3, self.n_heads, 2, self.head_dim // 2), rotation)
        columns.new.copy_(keys_values)
        attended = F.scaled_dot_product_attention(
            queries.to(qkv.dtype), columns.keys, columns.values, attn_mask=bias, scale=self.head_dim**-0.5
        )
        return self.o_proj(attended.transpose(1, 2).reshape(batch, length, hidden))


class FeedForward(nn.Module):
    """down(silu(gate(x)) · up(x))."""

    def __init__(self, config: LlamaConfig) -> None:
        super().__init__()
        self.gate_up_proj = Linear(config.hidden, 2 * config.intermediate)
        self.down_proj = Linear(config.intermediate, config.hidden)

    def forward(self, x: Tensor) -> Tensor:
        gate, up = self.gate_up_proj(x).chunk(2, dim=-1)
        return self.down_proj(F.silu(gate).mul_(up))


class Layer(nn.Module):
    """Attention and feed-forward network, each on a normed copy and added back."""

    def __init__(self, config: LlamaConfig) -> None:
        super().__init__()
        self.self_attn = Attention(config)
        self.mlp = FeedForward(config)
        self.input_layernorm = RMSNorm(config.hidden, config.norm_eps)
        self.post_attention_layernorm = RMSNorm(config.hidden, config.norm_eps)

    def forward(self, x: Tensor, rotation: tuple[Tensor, Tensor], columns: Columns, bias: Tensor | None) -> Tensor:
        x = x + self.self_attn(self.input_layernorm(x), rotation, columns, bias)
        return x + self.mlp(self.post_attention_layernorm(x))


class Llama(nn.Module):
    """The network. It keeps nothing of a request: the cache belongs to the caller."""

    def __init__(self, config: LlamaConfig) -> None:
        super().__init__()
        self.config = config
        self.layers = nn.ModuleList(Layer(config) for _ in range(config.n_layers))
        self.norm = RMSNorm(config.hidden, config.norm_eps)
        cosine, sine = rotation_table(config.max_positions, config.head_dim, config.rope_base)
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

    def parts(self) -> Parts:
        """What a compiled step needs of the network."""
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
            *(config.n_layers, rows, config.n_heads, capacity, config.head_dim),
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
        work = x.shape[0] * x.shape[1] * self.config.hidden * (4 * self.config.hidden + 3 * self.config.intermediate)
        for layer, columns in zip(self.layers, cache.extend(x.shape[1]), strict=True):
            x = layer(x, rotation, columns, bias)
            if pace.due(work):
                yield
        return self.norm(x)


def rotation_table(positions: int, head_dim: int, base: float) -> tuple[Tensor, Tensor]:
    """Cosines and signed sines (positions, 3, 1, 2, D/2) for queries, keys and values; values are turned by nothing."""
    frequencies = 1.0 / base ** (torch.arange(0, head_dim, 2, dtype=torch.float32) / head_dim)
    angles = torch.outer(torch.arange(positions, dtype=torch.float32), frequencies)
    cosine, sine = angles.cos(), angles.sin()
    still = torch.ones_like(angles), torch.zeros_like(angles)
    cosines = torch.stack((cosine, cosine, still[0]), dim=1).unsqueeze(2).expand(-1, -1, 2, -1)
    sines = torch.stack((sine, sine, still[1]), dim=1).unsqueeze(2) * torch.tensor([[-1.0], [1.0]])
    return cosines.unsqueeze(2).contiguous(), sines.unsqueeze(2).contiguous()


def rotate_heads(qkv: Tensor, rotation: tuple[Tensor, Tensor]) -> tuple[Tensor, Tensor]:
    """Rotate the pairs (i, i + D/2) of the heads in ``qkv`` (B, T, 3, heads, 2, D/2) by each position's angle, float32.

    Returns queries (B, heads, T, D), and keys and values (B, 2, heads, T, D). All three go through the same arithmetic,
    because at one column a step the number of operations counts, not their size.
    """
    cosine, sine = rotation
    turned = torch.addcmul(qkv * cosine, qkv.flip(-2), sine).flatten(-2)
    return turned[:, :, 0].transpose(1, 2), turned[:, :, 1:].permute(0, 2, 3, 1, 4)
