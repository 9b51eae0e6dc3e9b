"""Transformer layers with biases, LayerNorms and a ReLU (arXiv:1706.03762), with norms before or after.

What flows between layers and the norms are float32; only the matrices (and with them the cache) may have a lower
precision. Letters: B rows, T new columns, S columns seen, M columns of a memory, H width, D width of a head.
"""

import copy
from collections.abc import Callable, Sequence
from functools import partial
from typing import Self

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from engine.codec_lm.blocks import NORM_EPS, AdaptiveLayerNorm, LayerNorm
from engine.nn.decoding.cache import Columns, KeyValueCache
from engine.nn.decoding.weights import Parts
from engine.nn.linear import Linear
from engine.steps import STEP_WORK, Pace, Steps, finish

# Positions are added to what comes in, so nothing here bounds them; this bounds the memory of a cache.
MAX_POSITIONS = 1 << 14

# What a sublayer makes of its normed input.
Sublayer = Callable[[Tensor], Steps[Tensor]]


class Attention(nn.Module):
    """Multi-head attention. Queries, keys and values are one matrix."""

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.heads, self.head_dim = heads, width // heads
        self.qkv_proj = Linear(width, 3 * width, bias=True)
        self.out_proj = Linear(width, width, bias=True)

    def cached(self, x: Tensor, columns: Columns, bias: Tensor | None) -> Steps[Tensor]:
        """``x`` (B, T, H), the newest ``columns``, sees all of them; ``bias`` (B, 1, T, S) is added to the scores."""
        qkv = self._split((yield from in_parts(self.qkv_proj, x, self.qkv_proj.weight.numel())), 3)
        columns.new.copy_(qkv[:, :, 1:].permute(0, 2, 3, 1, 4))
        return (yield from self._attend(qkv[:, :, 0].transpose(1, 2), columns.keys, columns.values, bias))

    def whole(self, x: Tensor, bias: Tensor | None = None, start: int = 0) -> Steps[Tensor]:
        """``x`` (B, T, H) sees itself; what comes out, (B, T - start, H), is that of its columns from ``start`` on."""
        qkv = yield from in_parts(self.qkv_proj, x, self.qkv_proj.weight.numel())
        qkv = self._split(qkv, 3).permute(2, 0, 3, 1, 4)
        return (yield from self._attend(qkv[0, :, :, start:], qkv[1], qkv[2], bias))

    def memorize(self, memory: Tensor) -> tuple[Tensor, Tensor]:
        """Keys and values (B, heads, M, D) of a ``memory`` (B, M, H)."""
        width = self.heads * self.head_dim
        weight = self.qkv_proj.weight[width:]
        bias = None if self.qkv_proj.bias is None else self.qkv_proj.bias[width:]
        keys, values = self._split(F.linear(memory.to(weight.dtype), weight, bias), 2).permute(2, 0, 3, 1, 4)
        return keys, values

    def across(self, x: Tensor, memory: tuple[Tensor, Tensor], bias: Tensor | None = None) -> Steps[Tensor]:
        """``x`` (B, T, H) sees what was memorized; ``bias`` (B, 1, 1 or T, M) is added to the scores."""
        width = self.heads * self.head_dim
        weight = self.qkv_proj.weight[:width]
        offset = None if self.qkv_proj.bias is None else self.qkv_proj.bias[:width]
        queries = self._split(F.linear(x.to(weight.dtype), weight, offset), 1)[:, :, 0].transpose(1, 2)
        return (yield from self._attend(queries, *memory, bias))

    def _split(self, x: Tensor, parts: int) -> Tensor:
        return x.view(*x.shape[:2], parts, self.heads, self.head_dim)

    def _attend(self, queries: Tensor, keys: Tensor, values: Tensor, bias: Tensor | None) -> Steps[Tensor]:
        heads = at_once(queries, 2 * queries.shape[0] * queries.shape[2] * keys[0, 0].numel())
        parts = []
        for part in zip(queries.split(heads, 1), keys.split(heads, 1), values.split(heads, 1), strict=True):
            if heads < self.heads:
                yield
            parts.append(F.scaled_dot_product_attention(*part, attn_mask=bias))
        attended = _joined(parts, 1).transpose(1, 2).flatten(2)
        return (yield from in_parts(self.out_proj, attended, self.out_proj.weight.numel()))


class Layer(nn.Module):
    """Self-attention, attention across to a memory where it is ``cross``, and a feed-forward network.

    Each is added to what it has read: a normed copy, or with norms after, what is normed then.
    """

    def __init__(self, width: int, heads: int, *, norm_first: bool, cross: bool, adaptive: bool) -> None:
        super().__init__()
        norm = AdaptiveLayerNorm if adaptive else LayerNorm
        self.norm_first = norm_first
        self.self_attn = Attention(width, heads)
        self.multihead_attn = Attention(width, heads) if cross else None
        self.linear1, self.linear2 = Linear(width, 4 * width, bias=True), Linear(4 * width, width, bias=True)
        self.norm1, self.norm2, self.norm3 = norm(width), norm(width), norm(width) if cross else None

    def forward(
        self, x: Tensor, attend: Sublayer, across: Sublayer | None = None, *, stage: int = 0, start: int = 0
    ) -> Steps[Tensor]:
        """``x`` (B, T, H) after the layer, of its columns from ``start`` on, which are all that ``attend`` gives.

        There are steps where it is long.
        """
        norms = (self.norm1, self.norm2) if self.norm3 is None else (self.norm1, self.norm2, self.norm3)
        sublayers = (attend, self.feed_forward) if across is None else (attend, across, self.feed_forward)
        for norm, sublayer in zip(norms, sublayers, strict=True):
            added = yield from sublayer(norm(x, stage) if self.norm_first else x)
            if start and sublayer is attend:
                x = x[:, start:]
            x = x + added if self.norm_first else norm(x + added, stage)
        return x

    def feed_forward(self, x: Tensor) -> Steps[Tensor]:
        """linear2(relu(linear1(x)))."""
        numbers = self.linear1.weight.numel() + self.linear2.weight.numel()
        return in_parts(lambda part: self.linear2(F.relu_(self.linear1(part))), x, numbers)


class Stack(nn.Module):
    """Layers, and a last norm where norms stand before."""

    def __init__(self, width: int, heads: int, layers: int, *, norm_first: bool, cross: bool, adaptive: bool) -> None:
        super().__init__()
        self.width, self.heads = width, heads
        self.layers = nn.ModuleList(
            Layer(width, heads, norm_first=norm_first, cross=cross, adaptive=adaptive) for _ in range(layers)
        )
        self.norm = (AdaptiveLayerNorm if adaptive else LayerNorm)(width) if norm_first else None

    @property
    def dtype(self) -> torch.dtype:
        """The precision of the matrices, and so of a cache."""
        return self.layers[0].linear1.weight.dtype

    @property
    def device(self) -> torch.device:
        """Where the matrices are."""
        return self.layers[0].linear1.weight.device

    def tabulate(self, stages: Tensor) -> None:
        """Fix all adaptive norms for the embeddings ``stages`` (stages, H)."""
        for module in self.modules():
            if isinstance(module, AdaptiveLayerNorm):
                module.tabulate(stages)

    def reduce_precision(self, dtype: torch.dtype) -> None:
        """Store the matrices and their biases in ``dtype``."""
        for module in self.modules():
            if isinstance(module, Linear):
                module.to(dtype)

    def layer_work(self, x: Tensor) -> int:
        """About how many multiplications a layer takes for ``x`` (B, T, H)."""
        return 12 * x.numel() * self.width

    def in_precision(self, dtype: torch.dtype) -> Self:
        """The same stack with its matrices and their biases in ``dtype``; all else is shared with this one."""
        shared = {id(tensor): tensor for tensor in (*self.parameters(), *self.buffers())}
        made = copy.deepcopy(self, shared)
        for module in made.modules():
            if isinstance(module, Linear):
                module.weight = nn.Parameter(module.weight.to(dtype), requires_grad=False)
                if module.bias is not None:
                    module.bias = nn.Parameter(module.bias.to(dtype), requires_grad=False)
        return made

    def last(self, x: Tensor, stage: int = 0) -> Tensor:
        """What comes out of the layers, (…, H), after the last norm."""
        return x if self.norm is None else self.norm(x, stage)


class Decoder(Stack):
    """The causal stack, as `engine.nn.decoding.loop` takes its network: the cache belongs to the caller."""

    max_positions = MAX_POSITIONS

    def __init__(self, width: int, heads: int, layers: int, *, norm_first: bool, cross: bool = False) -> None:
        super().__init__(width, heads, layers, norm_first=norm_first, cross=cross, adaptive=False)

    def new_cache(self, rows: int, capacity: int) -> KeyValueCache:
        """An empty cache for ``rows`` rows of up to ``capacity`` columns."""
        return KeyValueCache(
            *(len(self.layers), rows, self.heads, capacity, self.width // self.heads),
            dtype=self.dtype,
            device=self.device,
        )

    def forward(self, x: Tensor, _positions: Tensor, cache: KeyValueCache, bias: Tensor | None) -> Tensor:
        """Hidden states (B, T, H), float32, of the new columns ``x`` (B, T, H), which hold their positions already."""
        return finish(self.forward_steps(x, _positions, cache, bias))

    def forward_steps(self, x: Tensor, _positions: Tensor, cache: KeyValueCache, bias: Tensor | None) -> Steps[Tensor]:
        """The same in steps, of some layers each."""
        pace, work = Pace(), self.layer_work(x)
        for layer, columns in zip(self.layers, cache.extend(x.shape[1]), strict=True):
            x = yield from layer(x, partial(layer.self_attn.cached, columns=columns, bias=bias))
            if pace.due(work):
                yield
        return self.last(x)

    def parts(self) -> Parts | None:
        """What a compiled step needs of the stack; None for one with norms after, a memory, or heads of odd width."""
        if self.norm is None or self.layers[0].multihead_attn is not None or self.width // self.heads % 2:
            return None
        norms = [norm for layer in self.layers for norm in (layer.norm1, layer.norm2)] + [self.norm]
        # Nothing is turned here: the rotation of a step is by no angle.
        still = torch.ones(1, self.width // self.heads // 2).expand(MAX_POSITIONS, -1)
        return Parts(
            qkv=[layer.self_attn.qkv_proj for layer in self.layers],
            out=[layer.self_attn.out_proj for layer in self.layers],
            gate_up=[layer.linear1 for layer in self.layers],
            down=[layer.linear2 for layer in self.layers],
            norms=[norm.weight for norm in norms],
            shifts=[norm.bias for norm in norms],
            eps=NORM_EPS,
            cosine=still,
            sine=torch.zeros_like(still),
        )


class MemoryCache(KeyValueCache):
    """A cache with the memory that all its columns see: keys and values (B, heads, M, D) of each layer."""

    memory: list[tuple[Tensor, Tensor]]

    def repeat(self, copies: int) -> None:
        """Every row, and its memory, becomes ``copies`` of itself."""
        super().repeat(copies)
        self.memory = [
            (keys.repeat_interleave(copies, 0), values.repeat_interleave(copies, 0)) for keys, values in self.memory
        ]

    def keep(self, rows: Sequence[int]) -> None:
        """Only ``rows`` (ascending) go on, with what each remembers."""
        super().keep(rows)
        self.memory = [(keys[list(rows)], values[list(rows)]) for keys, values in self.memory]


class Remembering:
    """A `Decoder` with cross-attention to a ``memory`` (B, M, H): the network of one request."""

    max_positions = MAX_POSITIONS

    def __init__(self, decoder: Decoder, memory: Tensor) -> None:
        self._decoder, self._memory = decoder, memory

    @property
    def dtype(self) -> torch.dtype:
        """The precision of the matrices, and so of the cache."""
        return self._decoder.dtype

    def new_cache(self, rows: int, capacity: int) -> MemoryCache:
        """An empty cache, which knows the memory already."""
        decoder = self._decoder
        cache = MemoryCache(
            *(len(decoder.layers), rows, decoder.heads, capacity, decoder.width // decoder.heads),
            dtype=self.dtype,
            device=self._memory.device,
        )
        cache.memory = [layer.multihead_attn.memorize(self._memory) for layer in decoder.layers]
        return cache

    def __call__(self, x: Tensor, _positions: Tensor, cache: KeyValueCache, bias: Tensor | None) -> Tensor:
        """Hidden states (B, T, H) of the new columns ``x`` (B, T, H), as `Decoder` gives them."""
        return finish(self.forward_steps(x, _positions, cache, bias))

    def forward_steps(self, x: Tensor, _positions: Tensor, cache: KeyValueCache, bias: Tensor | None) -> Steps[Tensor]:
        """The same in steps, of some layers each."""
        assert isinstance(cache, MemoryCache)
        pace, work = Pace(), self._decoder.layer_work(x)
        for layer, own, memory in zip(self._decoder.layers, cache.extend(x.shape[1]), cache.memory, strict=True):
            attend = partial(layer.self_attn.cached, columns=own, bias=bias)
            x = yield from layer(x, attend, partial(layer.multihead_attn.across, memory=memory))
            if pace.due(work):
                yield
        return self._decoder.last(x)


def in_parts(work: Callable[[Tensor], Tensor], x: Tensor, numbers: int) -> Steps[Tensor]:
    """``work`` on all rows of ``x`` (…, H), each of which takes ``numbers`` multiplications; a long ``x`` in steps."""
    rows = x.flatten(0, -2)
    parts: list[Tensor] = []
    for part in rows.split(at_once(x, numbers)):
        if parts:
            yield
        parts.append(work(part))
    return _joined(parts, 0).unflatten(0, x.shape[:-1])


def at_once(x: Tensor, numbers: int) -> int:
    """How much of ``x`` is one step, where each part takes ``numbers`` multiplications; elsewhere than on a CPU all."""
    return max(int(STEP_WORK / numbers), 1) if x.device.type == "cpu" else max(x.numel(), 1)


def _joined(parts: Sequence[Tensor], dim: int) -> Tensor:
    return parts[0] if len(parts) == 1 else torch.cat(list(parts), dim)
