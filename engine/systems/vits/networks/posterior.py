"""The posterior encoder: a linear spectrogram to latents. Training and voice conversion use it; speaking does not.

VITS (arXiv 2106.06103); docs/systems/vits.md#prior-flow-and-posterior-encoder. Letters: B batch,
F frames, c latent channels, G channels of the speaker embedding. ``mask`` is (B, 1, F), ``g`` is (B, G, 1) or None.
"""

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from engine.systems.vits.config import ModelConfig
from engine.systems.vits.networks.wavenet import WaveNet


@dataclass(frozen=True, slots=True)
class Posterior:
    """A sample ``z`` of the posterior with its ``mean`` and ``log_std``, all (B, c, F)."""

    z: Tensor
    mean: Tensor
    log_std: Tensor


class PosteriorEncoder(nn.Module):
    """Projection, WaveNet, projection."""

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        channels = config.posterior_channels
        self.pre = nn.Conv1d(config.spec_channels, channels, 1)
        self.enc = WaveNet(channels, config.posterior_layers, config.gin_channels, config.weight_norm)
        self.proj = nn.Conv1d(channels, 2 * config.inter_channels, 1)

    def forward(
        self, spectrogram: Tensor, mask: Tensor, noise: Tensor | None = None, g: Tensor | None = None
    ) -> Posterior:
        """Latents of ``spectrogram`` (B, bins, F). ``noise`` (B, c, F) is standard normal; None draws it."""
        hidden = self.enc(self.pre(spectrogram) * mask, mask, g)
        mean, log_std = (self.proj(hidden) * mask).chunk(2, dim=1)
        if noise is None:
            noise = torch.randn(mean.shape, device=mean.device, dtype=mean.dtype)
        return Posterior((mean + noise * torch.exp(log_std)) * mask, mean, log_std)
