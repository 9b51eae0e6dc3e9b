"""The sizes of the Llama-like network in `engine.nn.llama`; what reads configurations needs no torch."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class LlamaConfig:
    """Sizes and constants of the network. ``kv_heads`` are the heads of keys and values, None for one per query."""

    hidden: int
    intermediate: int
    n_layers: int
    n_heads: int
    norm_eps: float = 1e-6
    rope_base: float = 10_000.0
    max_positions: int = 4096
    kv_heads: int | None = None

    @property
    def head_dim(self) -> int:
        """Width of one attention head."""
        return self.hidden // self.n_heads

    @property
    def n_kv_heads(self) -> int:
        """How many heads of keys and values there are."""
        return self.n_heads if self.kv_heads is None else self.kv_heads

    @property
    def group_size(self) -> int:
        """How many query heads share a head of keys and values."""
        return self.n_heads // self.n_kv_heads
