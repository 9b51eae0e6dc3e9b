"""The sizes of the Llama-like network in `engine.nn.llama`; what reads configurations needs no torch."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class LlamaConfig:
    """Sizes and constants of the network."""

    hidden: int
    intermediate: int
    n_layers: int
    n_heads: int
    norm_eps: float = 1e-6
    rope_base: float = 10_000.0
    max_positions: int = 4096

    @property
    def head_dim(self) -> int:
        """Width of one attention head."""
        return self.hidden // self.n_heads
