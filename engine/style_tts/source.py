"""The harmonic source: a pitch contour to the sound of nine harmonics and noise.

Letters: B batch, P pitch values, N samples.
"""

import math

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from engine.style_tts.config import SAMPLE_RATE, SAMPLES_PER_PITCH

HARMONICS = 9
SINE_LEVEL = 0.1
NOISE_LEVEL = 0.003
VOICED_ABOVE_HZ = 10.0


def draw_noise(pitch_values: int, rng: torch.Generator) -> Tensor:
    """Standard normal noise (1, N, 9) on the CPU, with the numbers that the reference draws for the same seed.

    Before it a phase for each harmonic is drawn, which has no effect, and after it a noise that is thrown away. The
    one in between lies in memory harmonic by harmonic, and a CPU generator fills such a tensor one by one, which gives
    other numbers than a contiguous one. docs/style-tts.md#random-numbers
    """
    samples = pitch_values * SAMPLES_PER_PITCH
    torch.rand(1, HARMONICS, generator=rng)
    noise = torch.empty_strided((1, samples, HARMONICS), (HARMONICS * samples, 1, samples)).normal_(generator=rng)
    torch.randn(1, samples, 1, generator=rng)
    return noise


class HarmonicSource(nn.Module):
    """Sines at multiples of the pitch where there is one, noise everywhere, merged by nine weights.

    Always in float32 on the CPU: the phase grows to a million, where the fast sines of other devices are inexact.
    """

    def __init__(self) -> None:
        super().__init__()
        self.l_linear = nn.Linear(HARMONICS, 1)

    def forward(self, pitch: Tensor, noise: Tensor) -> Tensor:
        """The source (B, N, 1) in -1..1 of ``pitch`` (B, P) in Hz with ``noise`` (B, N, 9)."""
        sines = harmonics(pitch.float().cpu(), noise)
        return torch.tanh(F.linear(sines, self.l_linear.weight.float().cpu(), self.l_linear.bias.float().cpu()))


def harmonics(pitch: Tensor, noise: Tensor) -> Tensor:
    """The nine harmonics with noise, (B, N, 9), of ``pitch`` (B, P) with ``noise`` (B, N, 9).

    The order of operations is that of the reference, because the rounding of the phase decides the waveform
    (docs/style-tts.md#order-of-operations). The phase is constant in the first and the last half of a pitch
    value.
    """
    multiples = torch.arange(1, HARMONICS + 1, dtype=pitch.dtype)
    turns = (pitch.unsqueeze(-1) * multiples / SAMPLE_RATE) % 1
    phase = torch.cumsum(turns, dim=1) * 2 * math.pi
    phase = (phase * SAMPLES_PER_PITCH).transpose(1, 2)
    sines = torch.sin(F.interpolate(phase, scale_factor=float(SAMPLES_PER_PITCH), mode="linear")).transpose(1, 2)
    voiced = (pitch > VOICED_ABOVE_HZ).to(pitch.dtype).repeat_interleave(SAMPLES_PER_PITCH, dim=1).unsqueeze(-1)
    level = voiced * NOISE_LEVEL + (1 - voiced) * SINE_LEVEL / 3
    return sines * SINE_LEVEL * voiced + level * noise
