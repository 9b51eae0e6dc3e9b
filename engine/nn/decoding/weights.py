"""A transformer's weights as the compiled step reads them: as they are, or in eight bits.

Eight-bit weights have a scale for each row of a matrix. They are a quarter of the size, and on the CPU a step takes as
long as its weights take to be read. Norms, attention and what flows between the layers stay float32.

Letters: L layers, H hidden, D width of a head, V scores.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from threading import Lock

import numpy as np
import torch
from torch import Tensor, nn

from engine.errors import OptionError
from engine.nn.decoding.company import Company
from engine.nn.decoding.kernels import Matrices
from engine.nn.linear import Linear

AUTO, FULL, EIGHT_BIT = "auto", "full", "8-bit"
LARGEST = 127
# Numbers from which on a transformer is larger than any processor's cache, so that reading it is what takes time.
LARGE = 50_000_000


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Parts:
    """A transformer as its layers' matrices, kind by kind in the order of `Matrices`, its norms and its rotation.

    ``norms`` are 2 L + 1 vectors (H,): before attention and feed-forward network of each layer, and the last.
    ``shifts`` are as many where they are LayerNorms, and none where they are RMSNorms. ``cosine`` and ``sine``
    (positions, D/2). ``head`` scores what comes next, H to V; without one that is left to whoever makes the steps, and
    so stays float32.
    """

    qkv: Sequence[Linear]
    out: Sequence[Linear]
    gate_up: Sequence[Linear]
    down: Sequence[Linear]
    norms: Sequence[Tensor]
    eps: float
    cosine: Tensor
    sine: Tensor
    shifts: Sequence[Tensor] = ()
    head: Linear | None = None

    def kinds(self) -> tuple[Sequence[Linear], ...]:
        """The matrices of all layers, kind by kind, as `Matrices` orders them."""
        return self.qkv, self.out, self.gate_up, self.down, [self.head] if self.head else []

    def numbers(self) -> int:
        """How many numbers the matrices hold."""
        return sum(linear.weight.numel() for linears in self.kinds() for linear in linears)


@dataclass(frozen=True, slots=True, eq=False)
class Weights:
    """A transformer for `engine.nn.decoding.step`: arrays as `Matrices` says, scales and biases without the last axis.

    ``norms`` (2 L + 1, H): before attention and feed-forward network of each layer, and the last; ``shifts`` likewise.
    Biases and shifts that a transformer has not are arrays of no width. ``cosine`` and ``sine`` (positions, D/2).
    ``company`` are the runs that step with them now.
    """

    matrices: Matrices
    scales: Matrices
    biases: Matrices
    norms: np.ndarray
    shifts: np.ndarray
    eps: float
    cosine: np.ndarray
    sine: np.ndarray
    company: Company = field(default_factory=Company)


class LazyWeights:
    """The weights of one transformer; each kind is made once, when it is first asked for."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._made: dict[str, Weights] = {}
        self._lock = Lock()

    def has(self, which: str) -> bool:
        """Whether nothing has to be made for `get`."""
        return not self._possible or self.kind(which) in self._made

    @torch.inference_mode()
    def get(self, which: str) -> Weights | None:
        """Those of FULL, EIGHT_BIT, or AUTO: eight bits if the transformer is so large that memory is the bound.

        None where a step cannot be compiled: on another device than the CPU, or in another precision than float32.
        Raises OptionError for EIGHT_BIT there.
        """
        weight = self._parts.qkv[0].weight
        if not self._possible:
            if which == EIGHT_BIT:
                here = f"{weight.device.type} in {str(weight.dtype).removeprefix('torch.')}"
                raise OptionError(
                    "weights=8-bit is for the CPU in float32, and this runs on {here}; choose auto", here=here
                )
            return None
        which = self.kind(which)
        with self._lock:
            if which not in self._made:
                self._made[which] = full(self._parts) if which == FULL else eight_bit(self._parts)
            return self._made[which]

    @property
    def _possible(self) -> bool:
        weight = self._parts.qkv[0].weight
        return weight.device.type == "cpu" and weight.dtype == torch.float32

    def kind(self, which: str) -> str:
        """FULL or EIGHT_BIT: what `get` makes of ``which`` on the CPU in float32."""
        if which != AUTO:
            return which
        return EIGHT_BIT if self._parts.numbers() >= LARGE else FULL


def full(parts: Parts) -> Weights:
    """Weights in float32. The matrices move to memory that both share, one by one, so that none is there twice."""
    stacks, scales = [], []
    for linears in parts.kinds():
        stack = np.empty(_shape(linears), np.float32)
        for place, linear in zip(torch.from_numpy(stack), linears, strict=True):
            linear.weight = nn.Parameter(place.copy_(linear.weight), requires_grad=False)
        stacks.append(stack)
        scales.append(np.ones(stack.shape[:2], np.float32))
    return _weights(parts, stacks, scales)


def eight_bit(parts: Parts) -> Weights:
    """Weights in eight bits; ``parts`` stay as they are."""
    stacks, scales = [], []
    for linears in parts.kinds():
        stack = np.empty(_shape(linears), np.int8)
        scale = np.empty(stack.shape[:2], np.float32)
        for layer, linear in enumerate(linears):
            rounded, by_row = round_rows(linear.weight)
            stack[layer], scale[layer] = rounded.numpy(), by_row.numpy()
        stacks.append(stack)
        scales.append(scale)
    return _weights(parts, stacks, scales)


def round_rows(weight: Tensor) -> tuple[Tensor, Tensor]:
    """A matrix (n_out, n_in) as int8 in -127..127, and the scale (n_out,) of each row, float32."""
    scale = weight.float().abs().amax(dim=1).clamp_(min=torch.finfo(torch.float32).tiny) / LARGEST
    return (weight / scale.unsqueeze(1)).round_().clamp_(-LARGEST, LARGEST).to(torch.int8), scale


def _weights(parts: Parts, stacks: list[np.ndarray], scales: list[np.ndarray]) -> Weights:
    return Weights(
        matrices=Matrices(*stacks),
        scales=Matrices(*scales),
        biases=Matrices(*map(_biases, parts.kinds())),
        norms=torch.stack(list(parts.norms)).numpy(),
        shifts=_stacked(parts.shifts, len(parts.norms)),
        eps=parts.eps,
        cosine=parts.cosine.contiguous().numpy(),
        sine=parts.sine.contiguous().numpy(),
    )


def _shape(linears: Sequence[Linear]) -> tuple[int, int, int]:
    """The shape of matrices of one kind in one array; (0, 0, 0) for none."""
    return (len(linears), *linears[0].weight.shape) if linears else (0, 0, 0)


def _biases(linears: Sequence[Linear]) -> np.ndarray:
    return _stacked([linear.bias for linear in linears if linear.bias is not None], len(linears))


def _stacked(vectors: Sequence[Tensor], count: int) -> np.ndarray:
    """``count`` vectors as the rows of an array; of no width where there are none."""
    return torch.stack(list(vectors)).numpy() if vectors else np.zeros((count, 0), np.float32)
