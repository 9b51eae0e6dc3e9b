"""The prior flow: invertible couplings between the posterior's latents and the prior's.

VITS (arXiv 2106.06103); docs/systems/vits.md#prior-flow-and-posterior-encoder.
Letters: B batch, F frames, c latent channels, G channels of the speaker embedding. Everywhere ``mask`` is (B, 1, F) and
``g`` is (B, G, 1) or None.
"""

import torch
from torch import Tensor, nn

from engine.steps import Steps, finish
from engine.systems.vits.config import ModelConfig
from engine.systems.vits.networks.wavenet import WaveNet


class CouplingFlow(nn.Module):
    """Mean-only affine couplings, each followed by a flip of the channels.

    ``flows`` has the couplings at even indices, as published; the flips at odd ones have no weights.
    """

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        self.flows = nn.ModuleList()
        for _ in range(config.flow_count):
            self.flows.append(MeanCoupling(config))
            self.flows.append(Flip())

    def forward(self, z: Tensor, mask: Tensor, g: Tensor | None = None) -> Tensor:
        """Posterior latents (B, c, F) to prior latents."""
        for flow in self.flows:
            z = flow(z, mask, g)
        return z

    def reverse(self, z_p: Tensor, mask: Tensor, g: Tensor | None = None) -> Tensor:
        """Prior latents (B, c, F) to posterior latents."""
        return finish(self.reverse_in_steps(z_p, mask, g))

    def reverse_in_steps(self, z_p: Tensor, mask: Tensor, g: Tensor | None = None) -> Steps[Tensor]:
        """The same, with a step after each layer."""
        for flow in reversed(self.flows):
            z_p = flow.reverse(z_p, mask, g)
            yield
        return z_p


class Flip(nn.Module):
    """Reverses the order of all channels; its own inverse."""

    def forward(self, x: Tensor, _mask: Tensor, _g: Tensor | None) -> Tensor:
        return x.flip(1)

    reverse = forward


class MeanCoupling(nn.Module):
    """Shifts the second half of the channels by what a WaveNet makes of the first half."""

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        half, channels = config.inter_channels // 2, config.flow_channels
        self.pre = nn.Conv1d(half, channels, 1)
        self.enc = WaveNet(channels, config.flow_layers, config.gin_channels, config.weight_norm)
        self.post = nn.Conv1d(channels, half, 1)
        nn.init.zeros_(self.post.weight)
        nn.init.zeros_(self.post.bias)

    def forward(self, x: Tensor, mask: Tensor, g: Tensor | None) -> Tensor:
        first, second = x.chunk(2, dim=1)
        return torch.cat((first, self._shift(first, mask, g) + second * mask), dim=1)

    def reverse(self, x: Tensor, mask: Tensor, g: Tensor | None) -> Tensor:
        first, second = x.chunk(2, dim=1)
        return torch.cat((first, (second - self._shift(first, mask, g)) * mask), dim=1)

    def _shift(self, first: Tensor, mask: Tensor, g: Tensor | None) -> Tensor:
        return self.post(self.enc(self.pre(first) * mask, mask, g)) * mask
