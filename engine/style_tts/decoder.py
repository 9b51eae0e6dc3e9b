"""The decoder: aligned phonemes, pitch and energy to sound (arXiv 2306.07691).

Letters: B batch, L frames of 25 ms, H channels of the text, W of the decoder, S size of a style, N samples.
"""

from collections.abc import Generator
from itertools import pairwise

import torch
from torch import Tensor, nn

from engine.steps import Steps, finish
from engine.style_tts.adain import AdainResBlk1d
from engine.style_tts.config import DecoderConfig
from engine.style_tts.generator import build_generator
from engine.style_tts.snake import Norms
from engine.style_tts.source import draw_noise

# In pitch values, of which a second has 80. What is decoded in pieces, at least; a piece, about; and the samples of the
# rest whose statistics count with those of the first piece.
LEAST_IN_PIECES, PIECE = 240, 64
SAMPLES, SAMPLE = 4, 28


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

    def draw_noise(self, pitch_values: int, rng: torch.Generator) -> Tensor:
        """The noise of the harmonic source for so many pitch values, (1, N, 9)."""
        return draw_noise(pitch_values, rng)

    def forward(self, text: Tensor, pitch: Tensor, energy: Tensor, style: Tensor, noise: Tensor) -> Tensor:
        """Sound (B, 1, N), N = 600·L, of ``text`` (B, H, L), ``pitch`` and ``energy`` (B, 2L), ``style`` (B, S).

        ``noise`` (B, N, 9) is that of the harmonic source.
        """
        return finish(self.forward_steps(text, pitch, energy, style, noise))

    def forward_steps(self, text: Tensor, pitch: Tensor, energy: Tensor, style: Tensor, noise: Tensor) -> Steps[Tensor]:
        """The same in steps."""
        features, source = yield from self._generator_inputs(text, pitch, energy, style, noise)
        return (yield from self.generator.forward_steps(features, style, source))

    def piece_steps(
        self, text: Tensor, pitch: Tensor, energy: Tensor, style: Tensor, noise: Tensor
    ) -> Generator[Tensor | None, None, None]:
        """The sound of one utterance in pieces (1, 1, n), each as soon as it is decoded; None where it may be stopped.

        On a CPU, where it takes about as long as it sounds: elsewhere, and if it is short, there is one piece, exact.
        The norms of the generator take their statistics from samples of the utterance instead of all of it, the same
        for all pieces, so that these fit together without a seam. docs/style-tts.md#the-first-sentence
        """
        features, source = yield from self._generator_inputs(text, pitch, energy, style, noise)
        if features.device.type != "cpu" or features.shape[-1] < LEAST_IN_PIECES:
            yield (yield from self.generator.forward_steps(features, style, source))
            return
        source = self.generator.source_features(source)
        yield None
        first, *others = pieces(features.shape[-1])
        sampled = [first, *samples(range(first.stop, features.shape[-1]))]
        norms: Norms = {}
        sounds = yield from self.generator.stretch_steps(features, style, source, sampled, norms)
        yield sounds[0]
        for piece in others:
            yield from (yield from self.generator.stretch_steps(features, style, source, [piece], norms))

    def _generator_inputs(
        self, text: Tensor, pitch: Tensor, energy: Tensor, style: Tensor, noise: Tensor
    ) -> Steps[tuple[Tensor, Tensor]]:
        """Features (B, channels, 2L) and the source (B, N, 1)."""
        features = yield from self._feature_steps(text, pitch, energy, style)
        source = self.generator.source(pitch, noise).to(features)
        yield
        return features, source

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


def pieces(values: int) -> list[range]:
    """So many pitch values in pieces of about the same length."""
    count = max(round(values / PIECE), 1)
    ends = [values * number // count for number in range(count + 1)]
    return [range(start, end) for start, end in pairwise(ends)]


def samples(values: range) -> list[range]:
    """A few short stretches, evenly over ``values``, at least as many as they take."""
    starts = [values.start + (2 * number + 1) * len(values) // (2 * SAMPLES) - SAMPLE // 2 for number in range(SAMPLES)]
    return [range(start, start + SAMPLE) for start in starts]
