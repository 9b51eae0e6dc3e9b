"""The mel spectrogram that the style encoders were trained on. docs/systems/styletts2.md#quirks-that-were-kept

Letters: B batch, N samples, M mels, F frames.
"""

from functools import lru_cache

import torch
import torchaudio
from torch import Tensor

N_FFT, WIN_LENGTH, HOP_LENGTH = 2048, 1200, 300
# The bank is laid out for 0-8 kHz, but the sound has 24 kHz: so its triangles cover 0-12 kHz. The models know it so.
BANK_RATE = 16_000


@lru_cache(maxsize=2)
def mel_bank(n_mels: int) -> Tensor:
    """The bank (n_mels, bins): HTK scale, no norm."""
    bank = torchaudio.functional.melscale_fbanks(N_FFT // 2 + 1, 0.0, BANK_RATE / 2, n_mels, BANK_RATE)
    return bank.T.contiguous()


def normalised_mel(samples: Tensor, n_mels: int = 80) -> Tensor:
    """The mel spectrogram (B, M, N//300 + 1) of ``samples`` (B, N) at 24 kHz, as (ln(1e-5 + power) + 4) / 4."""
    window = torch.hann_window(WIN_LENGTH, device=samples.device)
    spectrum = torch.stft(samples, N_FFT, HOP_LENGTH, WIN_LENGTH, window, center=True, return_complex=True)
    power = torch.view_as_real(spectrum).square().sum(-1)
    return (torch.log(1e-5 + mel_bank(n_mels).to(samples) @ power) + 4) / 4
