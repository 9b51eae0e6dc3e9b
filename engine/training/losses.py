"""Losses of adversarial speech training: plain functions of tensors, each a scalar.

Those of VITS are listed in docs/systems/vits.md#losses.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch.nn import functional as F


@dataclass(frozen=True, slots=True, kw_only=True)
class Resolution:
    """One short-time Fourier analysis: sizes in samples."""

    n_fft: int
    hop: int
    window: int


SUBBAND_RESOLUTIONS = (
    Resolution(n_fft=384, hop=30, window=150),
    Resolution(n_fft=683, hop=60, window=300),
    Resolution(n_fft=171, hop=10, window=60),
)


def kl_loss(
    z_p: torch.Tensor, logs_q: torch.Tensor, m_p: torch.Tensor, logs_p: torch.Tensor, mask: torch.Tensor
) -> torch.Tensor:
    """Posterior against prior: all (B, C, F), ``mask`` (B, 1, F); summed over channels, mean over valid frames."""
    kl = logs_p - logs_q - 0.5 + 0.5 * (z_p - m_p) ** 2 * torch.exp(-2 * logs_p)
    return (kl * mask).sum() / mask.sum()


def duration_loss(log_durations: torch.Tensor, durations: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
    """Squared error of predicted log-durations (B, 1, T) against frames per token, mean over valid tokens."""
    target = torch.log(durations + 1e-6) * mask
    return ((log_durations - target) ** 2).sum() / mask.sum()


def feature_loss(real: Sequence[Sequence[torch.Tensor]], fake: Sequence[Sequence[torch.Tensor]]) -> torch.Tensor:
    """Twice the L1 distance of all feature maps, summed over discriminators and layers; ``real`` is a constant."""
    distances = [
        F.l1_loss(g, r.detach()) for rs, gs in zip(real, fake, strict=True) for r, g in zip(rs, gs, strict=True)
    ]
    return 2 * torch.stack(distances).sum()


def generator_loss(fake: Sequence[torch.Tensor]) -> torch.Tensor:
    """Least-squares loss of the generator over the discriminators' logits of its output (arXiv 1611.04076)."""
    return torch.stack([((1 - logit) ** 2).mean() for logit in fake]).sum()


def discriminator_loss(real: Sequence[torch.Tensor], fake: Sequence[torch.Tensor]) -> torch.Tensor:
    """Least-squares loss of the discriminators over their logits."""
    losses = [((1 - r) ** 2).mean() + (g**2).mean() for r, g in zip(real, fake, strict=True)]
    return torch.stack(losses).sum()


def hinge_generator_loss(fake: Sequence[torch.Tensor]) -> torch.Tensor:
    """Hinge loss of the generator over the discriminators' logits of its output, their mean (arXiv 1705.02894)."""
    return torch.stack([F.relu(1 - logit).mean() for logit in fake]).mean()


def hinge_discriminator_loss(real: Sequence[torch.Tensor], fake: Sequence[torch.Tensor]) -> torch.Tensor:
    """Hinge loss of the discriminators over their logits, the mean of theirs."""
    losses = [F.relu(1 - r).mean() + F.relu(1 + g).mean() for r, g in zip(real, fake, strict=True)]
    return torch.stack(losses).mean()


def stft_magnitude(samples: torch.Tensor, resolution: Resolution, floor: float = 1e-7) -> torch.Tensor:
    """Magnitude (N, bins, frames) of ``samples`` (N, n): centred, reflected, Hann; ``floor`` bounds the power."""
    window = torch.hann_window(resolution.window, device=samples.device, dtype=samples.dtype)
    spectrum = torch.stft(
        samples, resolution.n_fft, resolution.hop, resolution.window, window, center=True, return_complex=True
    )
    return torch.sqrt(torch.clamp(spectrum.real**2 + spectrum.imag**2, min=floor))


def stft_loss(
    fake: torch.Tensor, real: torch.Tensor, resolutions: Sequence[Resolution]
) -> tuple[torch.Tensor, torch.Tensor]:
    """Spectral convergence and L1 of log magnitudes of (N, n) samples, each the mean over the resolutions.

    arXiv 1910.11480; the norm of the convergence runs over the whole batch, as the published trainer's does.
    """
    convergences, magnitudes = [], []
    for resolution in resolutions:
        x, y = stft_magnitude(fake, resolution), stft_magnitude(real, resolution)
        convergences.append(torch.linalg.vector_norm(y - x) / torch.linalg.vector_norm(y))
        magnitudes.append(F.l1_loss(torch.log(x), torch.log(y)))
    return torch.stack(convergences).mean(), torch.stack(magnitudes).mean()


def subband_loss(
    fake: torch.Tensor, real: torch.Tensor, resolutions: Sequence[Resolution] = SUBBAND_RESOLUTIONS
) -> torch.Tensor:
    """`stft_loss` of sub-band signals (B, bands, n): every band counts as a signal of its own."""
    convergence, magnitude = stft_loss(fake.flatten(0, 1), real.flatten(0, 1), resolutions)
    return convergence + magnitude
