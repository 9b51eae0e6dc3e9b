"""Eight-bit weights for the transformer on the CPU, where a step takes as long as its matrices take to be read.

Each output channel has a scale of its own; inputs are rounded to eight bits on the way in, each row by its own scale.
Norms, attention, heads and what flows between the layers stay float32.
"""

import torch
from torch import Tensor, nn

from engine.systems.chattts.gpt import Gpt, Linear

LARGEST = 127


class Int8Linear(nn.Module):
    """Stands in for a `Linear`: weights (n_out, n_in) in -127..127, packed for the processor's integer instructions."""

    def __init__(self, weight: Tensor) -> None:
        super().__init__()
        scale = weight.abs().amax(dim=1).double().clamp(min=torch.finfo(torch.float32).tiny) / LARGEST
        middle = torch.zeros(len(weight), dtype=torch.int64)
        rounded = torch.quantize_per_channel(weight.float(), scale, middle, axis=0, dtype=torch.qint8)
        self._packed = torch.ops.quantized.linear_prepack(rounded, None)

    def forward(self, x: Tensor) -> Tensor:
        """(…, n_in) to (…, n_out), float32."""
        if x.numel() == x.shape[-1]:
            return torch.ops.quantized.linear_dynamic(x, self._packed)
        # The instruction has one scale for its whole input, so rows of all sizes are brought to one size.
        peak = torch.linalg.vector_norm(x, torch.inf, dim=-1, keepdim=True).clamp_(min=torch.finfo(x.dtype).tiny)
        return torch.ops.quantized.linear_dynamic(x / peak, self._packed).mul_(peak)


def quantize(gpt: Gpt) -> None:
    """Replace the matrices of all layers, one by one, so that little memory is needed on the way."""
    for parent in list(gpt.layers.modules()):
        for name, child in list(parent.named_children()):
            if isinstance(child, Linear):
                setattr(parent, name, Int8Linear(child.weight))
