"""A pseudo quadrature mirror filter bank: splits sound into equal sub-bands and puts it together again.

After Nguyen, "Near-perfect-reconstruction pseudo-QMF banks" (1994), with the numbers of docs/systems/vits.md#decoders.
"""

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

TAPS = 63
CUTOFF_RATIO = 0.15  # tuned for 4 bands
BETA = 9.0


class PQMF(nn.Module):
    """Analysis and synthesis with a bank of 63-tap filters, computed in float64 and kept in float32."""

    def __init__(self, bands: int = 4) -> None:
        super().__init__()
        self.bands = bands
        analysis, synthesis = filters(bands)
        self.register_buffer("analysis_filter", _kernel(analysis[:, None]), persistent=False)
        self.register_buffer("synthesis_filter", _kernel(synthesis[None]), persistent=False)

    def analysis(self, samples: Tensor) -> Tensor:
        """Sub-bands (B, bands, L/bands) of ``samples`` (B, 1, L)."""
        return F.conv1d(samples, self.analysis_filter, stride=self.bands, padding=TAPS // 2)

    def synthesis(self, subbands: Tensor) -> Tensor:
        """Samples (B, 1, bands·L) from ``subbands`` (B, bands, L)."""
        return upsample_filter(subbands, self.synthesis_filter)


def upsample_filter(subbands: Tensor, weight: Tensor) -> Tensor:
    """Zero-stuff ``subbands`` (B, K, L) K-fold with gain K, then correlate with ``weight`` (1, K, taps): (B, 1, K·L).

    Computed without the zeros: output phase p only ever meets every K-th tap, so each phase is one row of a K→K
    convolution at the low rate, and the phases are interleaved. Exact, and differentiable in ``weight``.
    """
    bands, taps = weight.shape[1:]
    half = taps // 2
    # Sample K·m + p meets input m + d at tap K·d - p + half.
    first, last = -(half // bands), (half + bands - 1) // bands
    d = torch.arange(first, last + 1, device=weight.device)
    tap = bands * d - torch.arange(bands, device=weight.device)[:, None] + half
    padded = F.pad(weight[0], (0, 1))  # the tap that does not exist is zero
    phases = padded[:, torch.where((tap >= 0) & (tap < taps), tap, taps)].transpose(0, 1)
    low = F.conv1d(F.pad(subbands, (-first, last)), bands * phases)
    return low.transpose(1, 2).reshape(low.shape[0], 1, -1)


def prototype() -> np.ndarray:
    """The low-pass prototype (63,) in float64: a Kaiser-windowed sinc."""
    n = np.arange(TAPS) - TAPS // 2
    return CUTOFF_RATIO * np.sinc(CUTOFF_RATIO * n) * np.kaiser(TAPS, BETA)


def filters(bands: int) -> tuple[np.ndarray, np.ndarray]:
    """The analysis and the synthesis bank, each (bands, 63) in float64.

    The centre of the cosines is 30.5, half a tap beside that of the prototype: published vocoders were trained so.
    """
    k = np.arange(bands)[:, None]
    angle = (2 * k + 1) * np.pi / (2 * bands) * (np.arange(TAPS) - (TAPS - 2) / 2)
    shift = (-1.0) ** k * np.pi / 4
    return 2 * prototype() * np.cos(angle + shift), 2 * prototype() * np.cos(angle - shift)


def _kernel(values: np.ndarray) -> Tensor:
    return torch.from_numpy(values.astype(np.float32))
