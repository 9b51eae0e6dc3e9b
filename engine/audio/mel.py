"""The log-mel spectrogram: the Slaney mel bank over the linear spectrogram."""

from functools import lru_cache

import torch
import torchaudio
from torch import Tensor


@lru_cache(maxsize=8)
def mel_bank(sample_rate: int, n_fft: int, n_mels: int, fmin: float, fmax: float | None) -> Tensor:
    """The bank (n_mels, n_fft//2+1), Slaney scale and norm, float32 on the CPU. ``fmax`` None is the Nyquist rate."""
    bank = torchaudio.functional.melscale_fbanks(
        n_fft // 2 + 1, fmin, fmax or sample_rate / 2, n_mels, sample_rate, norm="slaney", mel_scale="slaney"
    )
    return bank.T.contiguous()


def log_mel(spectrogram: Tensor, bank: Tensor) -> Tensor:
    """ln(max(bank · spectrogram, 1e-5)): (B, n_mels, N) from a magnitude ``spectrogram`` (B, bins, N)."""
    return torch.log(torch.clamp(bank.to(spectrogram) @ spectrogram, min=1e-5))
