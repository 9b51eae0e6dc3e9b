"""The transformer's weights as the compiled step reads them: as they are, or in eight bits.

Eight-bit weights have a scale for each row of a matrix. They are a quarter of the size, and on the CPU a step takes as
long as its weights take to be read. Norms, attention, heads and what flows between the layers stay float32.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from threading import Lock

import numpy as np
import torch
from torch import Tensor, nn

from engine.nn.decoding.kernels import Matrices
from engine.systems.chattts.gpt import Gpt, Linear

FULL, EIGHT_BIT = "full", "8-bit"
LARGEST = 127


@dataclass(frozen=True, slots=True, eq=False)
class Weights:
    """A transformer for `engine.systems.chattts.step`: arrays as `Matrices` says, scales without the last axis.

    ``norms`` (2 L + 1, H): before attention and feed-forward network of each layer, and the last. ``cosine`` and
    ``sine`` (positions, D/2).
    """

    matrices: Matrices
    scales: Matrices
    norms: np.ndarray
    eps: float
    cosine: np.ndarray
    sine: np.ndarray


class Prepared:
    """The weights of one transformer, float32 on the CPU; each kind is made once, when it is first asked for."""

    def __init__(self, gpt: Gpt) -> None:
        self._gpt = gpt
        self._made: dict[str, Weights] = {}
        self._lock = Lock()

    def get(self, which: str) -> Weights:
        """Those of FULL or EIGHT_BIT."""
        with self._lock:
            if which not in self._made:
                self._made[which] = full(self._gpt) if which == FULL else eight_bit(self._gpt)
            return self._made[which]


def full(gpt: Gpt) -> Weights:
    """Weights in float32. The matrices move to memory that both share, one by one, so that none is there twice."""
    stacks, scales = [], []
    for linears in _kinds(gpt):
        stack = np.empty((len(linears), *linears[0].weight.shape), np.float32)
        for place, linear in zip(torch.from_numpy(stack), linears, strict=True):
            linear.weight = nn.Parameter(place.copy_(linear.weight), requires_grad=False)
        stacks.append(stack)
        scales.append(np.ones(stack.shape[:2], np.float32))
    return _weights(gpt, stacks, scales)


def eight_bit(gpt: Gpt) -> Weights:
    """Weights in eight bits; ``gpt`` stays as it is."""
    stacks, scales = [], []
    for linears in _kinds(gpt):
        stack = np.empty((len(linears), *linears[0].weight.shape), np.int8)
        scale = np.empty(stack.shape[:2], np.float32)
        for layer, linear in enumerate(linears):
            rounded, by_row = round_rows(linear.weight)
            stack[layer], scale[layer] = rounded.numpy(), by_row.numpy()
        stacks.append(stack)
        scales.append(scale)
    return _weights(gpt, stacks, scales)


def round_rows(weight: Tensor) -> tuple[Tensor, Tensor]:
    """A matrix (n_out, n_in) as int8 in -127..127, and the scale (n_out,) of each row, float32."""
    scale = weight.float().abs().amax(dim=1).clamp_(min=torch.finfo(torch.float32).tiny) / LARGEST
    return (weight / scale.unsqueeze(1)).round_().clamp_(-LARGEST, LARGEST).to(torch.int8), scale


def _kinds(gpt: Gpt) -> Iterator[list[Linear]]:
    """The matrices of all layers, kind by kind, as `Matrices` orders them."""
    yield [layer.self_attn.qkv_proj for layer in gpt.layers]
    yield [layer.self_attn.o_proj for layer in gpt.layers]
    yield [layer.mlp.gate_up_proj for layer in gpt.layers]
    yield [layer.mlp.down_proj for layer in gpt.layers]


def _weights(gpt: Gpt, stacks: list[np.ndarray], scales: list[np.ndarray]) -> Weights:
    norms = [norm.weight for layer in gpt.layers for norm in (layer.input_layernorm, layer.post_attention_layernorm)]
    return Weights(
        matrices=Matrices(*stacks),
        scales=Matrices(*scales),
        norms=torch.stack([*norms, gpt.norm.weight]).numpy(),
        eps=gpt.config.norm_eps,
        cosine=gpt.cosine[:, 0, 0, 0].contiguous().numpy(),
        sine=gpt.sine[:, 0, 0, 1].contiguous().numpy(),
    )
