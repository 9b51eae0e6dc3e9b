"""The decoder: aligned phonemes, pitch and energy to sound (arXiv 2306.07691).

Letters: B batch, L frames of 25 ms, H channels of the text, W of the decoder, S size of a style, N samples.
"""

import torch
from torch import Tensor, nn

from engine.steps import Steps, finish
from engine.systems.styletts2.networks.adain import AdainResBlk1d
from engine.systems.styletts2.networks.config import DecoderConfig
from engine.systems.styletts2.networks.generator import build_generator


class Decoder(nn.Module):
    """Residual blocks at the frame rate, each given text, pitch and energy again; then the generator."""

    def __init__(self, config: DecoderConfig, hidden_dim: int, style_dim: int) -> None:
        super().__init__()
        width, residual = config.width, config.residual_width
        self.F0_conv = nn.Conv1d(1, 1, 3, stride=2, padding=1)
        self.N_conv = nn.Conv1d(1, 1, 3, stride=2, padding=1)
        self.encode = AdainResBlk1d(hidden_dim + 2, width, style_dim)
        self.asr_res = nn.Conv1d(hidden_dim, residual, 1)
        channels, out = width + residual + 2, config.upsample_initial_channel
        self.decode = nn.ModuleList(AdainResBlk1d(channels, width, style_dim) for _ in range(3))
        self.decode.append(AdainResBlk1d(channels, out, style_dim, upsample=True))
        self.generator = build_generator(config, style_dim)

    def forward(self, text: Tensor, pitch: Tensor, energy: Tensor, style: Tensor, noise: Tensor) -> Tensor:
        """Sound (B, 1, N), N = 600·L, of ``text`` (B, H, L), ``pitch`` and ``energy`` (B, 2L), ``style`` (B, S).

        ``noise`` (B, N, 9) is that of the harmonic source.
        """
        return finish(self.forward_steps(text, pitch, energy, style, noise))

    def forward_steps(self, text: Tensor, pitch: Tensor, energy: Tensor, style: Tensor, noise: Tensor) -> Steps[Tensor]:
        """The same in steps."""
        features = yield from self._feature_steps(text, pitch, energy, style)
        source = self.generator.source(pitch, noise).to(features)
        yield
        return (yield from self.generator.forward_steps(features, style, source))

    def features(self, text: Tensor, pitch: Tensor, energy: Tensor, style: Tensor) -> Tensor:
        """What the generator starts from, (B, channels, 2L)."""
        return finish(self._feature_steps(text, pitch, energy, style))

    def _feature_steps(self, text: Tensor, pitch: Tensor, energy: Tensor, style: Tensor) -> Steps[Tensor]:
        pitch, energy = self.F0_conv(pitch.unsqueeze(1)), self.N_conv(energy.unsqueeze(1))
        x = self.encode(torch.cat((text, pitch, energy), dim=1), style)
        conditioning = torch.cat((self.asr_res(text), pitch, energy), dim=1)
        for block in self.decode:
            yield
            x = block(torch.cat((x, conditioning), dim=1), style)
        return x
