"""The mel spectrogram that the style encoders were trained on, and the trimming before it. Specification, section 5.7.

Letters: B batch, N samples, M mels, F frames.
"""

from functools import lru_cache

import numpy as np
import torch
import torchaudio
from torch import Tensor
from torch.nn import functional as F

N_FFT, WIN_LENGTH, HOP_LENGTH = 2048, 1200, 300
# The bank is laid out for 0-8 kHz, but the sound has 24 kHz: so its triangles cover 0-12 kHz. The models know it so.
BANK_RATE = 16_000
TRIM_DB, TRIM_FRAME, TRIM_HOP = 30.0, 2048, 512


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


def trim_bounds(samples: np.ndarray) -> tuple[int, int]:
    """Where sound begins and ends in ``samples`` (N,): the frames within 30 dB of the loudest. (0, 0) if none is.

    As librosa.effects.trim: frames of 2048 samples, centred every 512, zeros beyond the ends.
    """
    padded = F.pad(torch.from_numpy(np.ascontiguousarray(samples, np.float32)), (TRIM_FRAME // 2, TRIM_FRAME // 2))
    power = padded.unfold(0, TRIM_FRAME, TRIM_HOP).square().mean(-1)
    level = 10 * torch.log10(power.clamp(min=1e-10))
    loud = torch.nonzero(level > level.max() - TRIM_DB).flatten()
    if not len(loud) or float(power.max()) == 0.0:
        return 0, 0
    return int(loud[0]) * TRIM_HOP, min(len(samples), (int(loud[-1]) + 1) * TRIM_HOP)
