"""The latent of the bundled voice: the teacher's speech as 64 numbers every 16 ms.

A network that regresses a log-mel spectrogram from text blurs the harmonics: the sound is dull and its pitch flat. So
the latent keeps apart the smooth spectral envelope (cepstrum of a mel spectrogram, cut below the pitch), the pitch,
and how voiced each band is. The text side predicts these; the decoder turns them into sound.

One frame covers 256 samples at 16 kHz and holds finer steps stacked:

    0..51   2 x 26 cepstral coefficients, at 64 and 192 samples into the frame
    52..55  log F0, at 32, 96, 160, 224 samples; carried over voiceless stretches
    56..59  voiced or not, at the same places, 0..1
    60..63  voicing strength of the teacher's bands 2..5, at the middle of the frame
"""

from functools import cache

import numpy as np
import torch
import torchaudio

from recipes.bundled_voice.teacher import FRAME_S, Utterance

SAMPLE_RATE = 16_000
HOP = 256
CHANNELS = 64
N_CEPSTRA = 26
PITCH = slice(52, 60)  # log F0 and voicing
N_BANDS = 64
WINDOW = 512
FLOOR = 1e-3


@cache
def _bank() -> torch.Tensor:
    return torchaudio.functional.melscale_fbanks(WINDOW // 2 + 1, 0.0, SAMPLE_RATE / 2, N_BANDS, SAMPLE_RATE)


@cache
def _cosines() -> torch.Tensor:
    return torchaudio.functional.create_dct(N_CEPSTRA, N_BANDS, "ortho")


def cepstrum(samples: torch.Tensor) -> torch.Tensor:
    """Mel cepstra (2 frames, 26) of samples (256 frames,), two to a frame, each centred on its 128 samples."""
    return log_mel(samples[None])[0] @ _cosines()


def log_mel(samples: torch.Tensor) -> torch.Tensor:
    """Log-mel spectra (B, 2 frames, 64) of samples (B, 256 frames), two to a frame, each centred on its 128 samples."""
    padded = torch.nn.functional.pad(samples, (WINDOW // 2 - 64, WINDOW // 2 - 64))
    spectrum = torch.stft(padded, WINDOW, HOP // 2, window=torch.hann_window(WINDOW), center=False, return_complex=True)
    return torch.log((spectrum.abs().mT @ _bank()).clamp_min(FLOOR))


def latents(samples: np.ndarray, utterance: Utterance, start_s: float) -> np.ndarray:
    """The latent (64, frames) of float ``samples`` (256 frames,) that begin ``start_s`` into the utterance."""
    frames = len(samples) // HOP
    envelope = cepstrum(torch.from_numpy(samples)).reshape(frames, 2 * N_CEPSTRA).numpy()
    fine = start_s + (np.arange(frames * 4) * 64 + 32) / SAMPLE_RATE
    middle = start_s + (np.arange(frames) * HOP + HOP / 2) / SAMPLE_RATE
    clock = np.arange(len(utterance.f0)) * FRAME_S
    voiced = utterance.f0 > 0
    if voiced.any():
        pitch = np.interp(fine, clock[voiced], np.log(utterance.f0[voiced]))
    else:
        pitch = np.full(len(fine), np.log(120.0))
    voicing = np.interp(fine, clock, voiced.astype(np.float64))
    strengths = np.stack(
        [np.interp(middle, np.arange(len(band)) * FRAME_S, band) for band in utterance.strengths.T[1:]], axis=1
    )
    parts = (envelope, pitch.reshape(frames, 4), voicing.reshape(frames, 4), strengths)
    return np.concatenate(parts, axis=1).T.astype(np.float32)
