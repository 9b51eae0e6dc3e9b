"""Short-time Fourier transforms: the linear spectrogram, and the tiny inverse transform of the iSTFT vocoders.

Letters: B batch, N frames, L samples.
"""

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F


def linear_spectrogram(samples: Tensor, n_fft: int, hop_length: int, win_length: int) -> Tensor:
    """The magnitude spectrogram (B, n_fft//2+1, L//hop_length) of ``samples`` (B, L) in [-1, 1].

    The signal is reflected by (n_fft - hop_length)/2 at both ends and the frames are not centred, so frame n looks at
    samples around (n + 1/2)·hop_length. The magnitude is sqrt(re² + im² + 1e-6).
    docs/systems/vits.md#spectrograms.
    """
    return magnitudes(reflected(samples, n_fft, hop_length), n_fft, hop_length, win_length)


def reflected(samples: Tensor, n_fft: int, hop_length: int) -> Tensor:
    """``samples`` (B, L) with the (n_fft - hop_length)/2 that are reflected at both ends: (B, L + n_fft - hop_length).

    Frame n of `magnitudes` is then of those from n·hop_length to n·hop_length + n_fft.
    """
    margin = (n_fft - hop_length) // 2
    return F.pad(samples.unsqueeze(1), (margin, margin), mode="reflect").squeeze(1)


def magnitudes(padded: Tensor, n_fft: int, hop_length: int, win_length: int) -> Tensor:
    """The magnitudes (B, n_fft//2+1, N) of the whole frames in ``padded`` (B, L), as `linear_spectrogram` has them."""
    window = torch.hann_window(win_length, device=padded.device, dtype=padded.dtype)
    spectrum = torch.stft(padded, n_fft, hop_length, win_length, window, center=False, return_complex=True)
    return torch.sqrt(torch.view_as_real(spectrum).square().sum(-1) + 1e-6)


class InverseSTFT(nn.Module):
    """The centred, one-sided inverse STFT with a periodic Hann window, as a convolution with a constant kernel.

    Each frame contributes window · irfft(frame) to n_fft samples. With n_fft = K·hop that is a convolution over K
    frames from 2·bins channels (real parts, then imaginary parts) to hop channels: the samples of one hop, interleaved
    at the end. Division by the overlapped squared window makes it exact, at the ends too. iSTFTNet (arXiv 2203.02395);
    docs/systems/vits.md#decoders.
    """

    def __init__(self, n_fft: int, hop_length: int) -> None:
        super().__init__()
        if n_fft % hop_length:
            raise ValueError(f"n_fft={n_fft} is not a multiple of hop_length={hop_length}")
        self.n_fft, self.hop_length = n_fft, hop_length
        window = np.sin(np.pi * np.arange(n_fft) / n_fft) ** 2
        # from_numpy ignores the default device, so the constants exist even when the model is built on "meta".
        self.register_buffer("kernel", _by_hop(_inverse_dft(n_fft) * window, hop_length), persistent=False)
        self.register_buffer("squared_window", _by_hop(window[None] ** 2, hop_length), persistent=False)

    def forward(self, magnitude: Tensor, phase: Tensor) -> Tensor:
        """Samples (B, (N - 1)·hop) from ``magnitude`` and ``phase`` in radians, both (B, n_fft//2 + 1, N), float32."""
        overlap = self.n_fft // self.hop_length - 1
        parts = torch.cat((magnitude * torch.cos(phase), magnitude * torch.sin(phase)), dim=1)
        hops = F.conv1d(parts, self.kernel, padding=overlap)
        ones = torch.ones(1, 1, parts.shape[-1], device=parts.device, dtype=parts.dtype)
        weight = F.conv1d(ones, self.squared_window, padding=overlap)
        margin = self.n_fft // 2
        samples, weight = (hop.transpose(1, 2).flatten(1)[:, margin:-margin] for hop in (hops, weight))
        return samples / weight


def _inverse_dft(n_fft: int) -> np.ndarray:
    """The real inverse DFT as a matrix (2·bins, n_fft): rows for real parts, then for imaginary parts."""
    bins = n_fft // 2 + 1
    angle = 2 * np.pi * np.outer(np.arange(bins), np.arange(n_fft)) / n_fft
    fold = np.full((bins, 1), 2.0)
    fold[[0, -1]] = 1.0  # the zero and Nyquist bins have no mirror image, and their imaginary parts do not count
    sine = -np.sin(angle)
    sine[[0, -1]] = 0.0
    return np.concatenate((fold * np.cos(angle), fold * sine)) / n_fft


def _by_hop(rows: np.ndarray, hop_length: int) -> Tensor:
    """Rows (channels, n_fft) to a convolution kernel (hop, channels, n_fft/hop), the latest hop first."""
    channels, n_fft = rows.shape
    kernel = rows.reshape(channels, n_fft // hop_length, hop_length).transpose(2, 0, 1)[:, :, ::-1]
    return torch.from_numpy(np.ascontiguousarray(kernel, dtype=np.float32))
