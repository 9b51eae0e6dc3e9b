"""The Llama-like network: embeddings in, final-norm hidden states out.

- No biases, as many key heads as query heads, a gated SiLU feed-forward network.
- Queries, keys and values are one matrix, and so are gate and up: fewer, larger reads of memory.
- What flows between layers, the norms and the rotation are float32; only the matrices (and with them the cache) may
  have a lower precision. Each `Linear` answers for its own, so that a quantised one can stand in its place.

Letters: B rows, T new columns, S columns seen so far, H hidden, D width of a head. Specification, section 5.2.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from engine.nn.kv_cache import KeyValueCache
from engine.systems.chattts.config import GptConfig


class Linear(nn.Module):
    """A matrix without a bias. It is empty until loading fills it, so building takes no time and no random numbers."""

    def __init__(self, n_in: int, n_out: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.empty(n_out, n_in), requires_grad=False)

    def forward(self, x: Tensor) -> Tensor:
        return F.linear(x.to(self.weight.dtype), self.weight)


class RMSNorm(nn.Module):
    """x · rsqrt(mean(x²) + eps) · weight, in float32."""

    def __init__(self, width: int, eps: float) -> None:
        super().__init__()
        self.eps = eps
        self.weight = nn.Parameter(torch.empty(width), requires_grad=False)

    def forward(self, x: Tensor) -> Tensor:
        return F.rms_norm(x, self.weight.shape, self.weight, self.eps)


class Attention(nn.Module):
    """Multi-head attention over the columns in the cache."""

    def __init__(self, config: GptConfig) -> None:
        super().__init__()
        self.n_heads, self.head_dim = config.n_heads, config.head_dim
        self.qkv_proj = Linear(config.hidden, 3 * config.hidden)
        self.o_proj = Linear(config.hidden, config.hidden)

    def forward(self, x: Tensor, turn: tuple[Tensor, Tensor], cache: KeyValueCache, layer: int, bias: Tensor) -> Tensor:
        batch, columns, _ = x.shape
        qkv = self.qkv_proj(x)
        heads = qkv.view(batch, columns, 3 * self.n_heads, self.head_dim)
        rotated = rotate(heads[:, :, : 2 * self.n_heads], turn).to(qkv.dtype).transpose(1, 2)
        queries, keys = rotated[:, : self.n_heads], rotated[:, self.n_heads :]
        values = heads[:, :, 2 * self.n_heads :].transpose(1, 2)
        keys, values = cache.append(layer, keys, values)
        attended = F.scaled_dot_product_attention(queries, keys, values, attn_mask=bias)
        return self.o_proj(attended.transpose(1, 2).reshape(batch, columns, -1))


class FeedForward(nn.Module):
    """down(silu(gate(x)) · up(x))."""

    def __init__(self, config: GptConfig) -> None:
        super().__init__()
        self.gate_up_proj = Linear(config.hidden, 2 * config.intermediate)
        self.down_proj = Linear(config.intermediate, config.hidden)

    def forward(self, x: Tensor) -> Tensor:
        gate, up = self.gate_up_proj(x).chunk(2, dim=-1)
        return self.down_proj(F.silu(gate) * up)


class Layer(nn.Module):
    """Attention and feed-forward network, each on a normed copy and added back."""

    def __init__(self, config: GptConfig) -> None:
        super().__init__()
        self.self_attn = Attention(config)
        self.mlp = FeedForward(config)
        self.input_layernorm = RMSNorm(config.hidden, config.norm_eps)
        self.post_attention_layernorm = RMSNorm(config.hidden, config.norm_eps)

    def forward(self, x: Tensor, turn: tuple[Tensor, Tensor], cache: KeyValueCache, layer: int, bias: Tensor) -> Tensor:
        x = x + self.self_attn(self.input_layernorm(x), turn, cache, layer, bias)
        return x + self.mlp(self.post_attention_layernorm(x))


class Gpt(nn.Module):
    """The network. It keeps nothing of a request: the cache belongs to the caller."""

    def __init__(self, config: GptConfig) -> None:
        super().__init__()
        self.config = config
        self.layers = nn.ModuleList(Layer(config) for _ in range(config.n_layers))
        self.norm = RMSNorm(config.hidden, config.norm_eps)
        cosine, sine = rotation_table(config.max_positions, config.head_dim, config.rope_base)
        self.register_buffer("cosine", cosine, persistent=False)
        self.register_buffer("sine", sine, persistent=False)

    @property
    def dtype(self) -> torch.dtype:
        """The precision of what the layers' matrices give, and so of the cache."""
        return self.layers[0].self_attn.qkv_proj.weight.dtype

    def reduce_precision(self, dtype: torch.dtype) -> None:
        """Store the matrices in ``dtype``; norms and the stream between layers stay float32."""
        for module in self.modules():
            if isinstance(module, Linear):
                module.to(dtype)

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
        turn = self.cosine[positions].unsqueeze(2), self.sine[positions].unsqueeze(2)
        for number, layer in enumerate(self.layers):
            x = layer(x, turn, cache, number, bias)
        cache.advance(x.shape[1])
        return self.norm(x)


def rotation_table(positions: int, head_dim: int, base: float) -> tuple[Tensor, Tensor]:
    """Cosines (positions, 1, D/2), and sines with their signs for either half of a head (positions, 2, D/2)."""
    frequencies = 1.0 / base ** (torch.arange(0, head_dim, 2, dtype=torch.float32) / head_dim)
    angles = torch.outer(torch.arange(positions, dtype=torch.float32), frequencies).unsqueeze(1)
    sine = angles.sin()
    return angles.cos(), torch.cat((-sine, sine), dim=1)


def rotate(x: Tensor, turn: tuple[Tensor, Tensor]) -> Tensor:
    """Turn each pair (i, i + D/2) of ``x`` (B, T, heads, D) by its position's angle, in float32."""
    cosine, sine = turn
    halves = x.view(*x.shape[:-1], 2, -1).float()
    return torch.addcmul(halves * cosine, halves.flip(-2), sine).flatten(-2)


def prefill_bias(visible: Tensor, dtype: torch.dtype) -> Tensor:
    """The bias (B, 1, L, L) of a prompt whose columns are ``visible`` (B, L): each sees those before it, and itself.

    A column of padding sees itself alone, since a softmax over nothing would be NaN and spread.
    """
    length = visible.shape[1]
    causal = torch.ones(length, length, dtype=torch.bool, device=visible.device).tril()
    own = torch.eye(length, dtype=torch.bool, device=visible.device)
    seen = (causal & visible[:, None, None]) | own
    return torch.zeros(seen.shape, dtype=dtype, device=visible.device).masked_fill_(~seen, float("-inf"))


def decode_bias(visible: Tensor, columns: int, dtype: torch.dtype) -> Tensor | None:
    """The bias (B, 1, 1, L + columns) of single columns after a prompt that is ``visible`` (B, L); None if all is."""
    if bool(visible.all()):
        return None
    bias = torch.zeros(visible.shape[0], 1, 1, visible.shape[1] + columns, dtype=dtype, device=visible.device)
    bias[:, 0, 0, : visible.shape[1]].masked_fill_(~visible, float("-inf"))
    return bias
