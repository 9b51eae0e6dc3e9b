"""Mel spectrograms from hidden states or from codes, and codes from recordings (docs/systems/chattts.md#shapes).

Letters: B batch, K codebooks, T frames of codes (46.875 a second), F = 2T mel frames, M mel bins, H hidden.
"""

import torch
from torch import Tensor, nn
from torchaudio.transforms import MelSpectrogram

from engine.errors import AudioError
from engine.systems.chattts.config import HOP_LENGTH, LEVELS, SAMPLE_RATE, DecoderConfig, DvaeConfig
from engine.systems.chattts.networks.convnext import Stack, double_frames
from engine.systems.chattts.networks.quantizer import GroupedResidualFSQ

OUTPUT_REACH = 1
QUIETEST = 1e-5


class MelDecoder(nn.Module):
    """The network's hidden states to mel: the usual way to sound."""

    def __init__(self, config: DecoderConfig) -> None:
        super().__init__()
        self.coef = nn.Parameter(torch.ones(1, config.n_mels, 1))
        self.decoder = Stack(config.stack)
        self.out_conv = nn.Conv1d(config.stack.n_out, config.n_mels, 3, padding=OUTPUT_REACH, bias=False)
        self.reach = self.decoder.reach + OUTPUT_REACH

    def forward(self, hidden: Tensor) -> Tensor:
        """Log-mel (B, M, 2T) of final-norm hidden states (B, T, H). A frame depends on ``reach`` mel frames around."""
        return self.out_conv(self.decoder(double_frames(hidden.transpose(1, 2)))) * self.coef


class Dvae(nn.Module):
    """Recordings to codes, and codes to mel."""

    def __init__(self, config: DvaeConfig) -> None:
        super().__init__()
        self.coef = nn.Parameter(torch.ones(1, config.n_mels, 1))
        self.n_fft = config.n_fft
        self.mel = MelSpectrogram(
            SAMPLE_RATE, config.n_fft, hop_length=HOP_LENGTH, n_mels=config.n_mels, power=1, center=True
        )
        self.downsample_conv = nn.Sequential(
            nn.Conv1d(config.n_mels, config.width, 3, padding=1),
            nn.GELU(),
            nn.Conv1d(config.width, config.width, 4, stride=2, padding=1),
            nn.GELU(),
        )
        self.encoder = Stack(config.encoder)
        self.quantizer = GroupedResidualFSQ(config.encoder.n_out, config.n_groups)
        self.decoder = Stack(config.decoder)
        self.out_conv = nn.Conv1d(config.decoder.n_out, config.n_mels, 3, padding=OUTPUT_REACH, bias=False)
        self.reach = self.decoder.reach + OUTPUT_REACH

    def log_mel(self, samples: Tensor) -> Tensor:
        """ln(max(mel, 1e-5)), (M, 1 + N//256), of mono ``samples`` (N,) at 24 kHz. Raises AudioError if N ≤ 512."""
        if len(samples) <= self.n_fft // 2:
            raise AudioError(
                "the recording has {count} samples at 24 kHz; it takes at least a second or two", count=len(samples)
            )
        return self.mel(samples).clamp(min=QUIETEST).log()

    def encode(self, samples: Tensor) -> Tensor:
        """Codes (K, T) int64 in 0..624 of mono ``samples`` (N,) in [-1, 1] at 24 kHz; T = (1 + N//256)//2."""
        return self.quantizer.encode(self.encoder(self.downsample(self.log_mel(samples))))[0]

    def downsample(self, mel: Tensor) -> Tensor:
        """Log-mel (M, F) to the encoder's input (1, width, F//2)."""
        return self.downsample_conv(mel / self.coef)

    def decode(self, codes: Tensor) -> Tensor:
        """Log-mel (B, M, 2T) of codes (B, K, T) in 0..624. Raises ValueError on the end's code, which is no sound."""
        if bool((codes < 0).any() or (codes >= LEVELS[0] ** len(LEVELS)).any()):
            raise ValueError("there are codes outside 0..624 among those to be decoded")
        return self.out_conv(self.decoder(double_frames(self.quantizer.decode(codes)))) * self.coef
