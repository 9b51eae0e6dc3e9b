"""From generated frames to samples: a mel network, then Vocos; whole, or just the span that a listener is due next.

Letters: B batch, T frames of codes (512 samples each), N samples, M mel bins.
"""

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor
from vocos.feature_extractors import MelSpectrogramFeatures
from vocos.heads import ISTFTHead
from vocos.models import VocosBackbone
from vocos.pretrained import Vocos

from engine.systems.chattts.config import HOP_LENGTH, MEL_PER_CODE, SAMPLE_RATE, VocosConfig

# Frames to either side that each of the backbone's convolutions looks at.
CONVOLUTION_REACH = 3


def build_vocos(config: VocosConfig) -> Vocos:
    """The vocoder as published, with the mel features that only its training uses."""
    return Vocos(
        MelSpectrogramFeatures(SAMPLE_RATE, config.n_fft, HOP_LENGTH, config.n_mels, padding="center"),
        VocosBackbone(config.n_mels, config.hidden, config.intermediate, config.n_layers),
        ISTFTHead(config.hidden, config.n_fft, HOP_LENGTH, padding="center"),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Vocoder:
    """Frames to samples at 24 kHz, float32, neither clipped nor trimmed: T frames make (2T - 1)·256 samples.

    ``to_mel`` turns frames (B, T, ·), which are hidden states or codes, into log-mel (B, M, 2T), and looks at
    ``mel_reach`` mel frames around each.
    """

    to_mel: Callable[[Tensor], Tensor]
    mel_reach: int
    vocos: Vocos

    @property
    def reach(self) -> int:
        """Mel frames to either side that a sample depends on."""
        overlap = self.vocos.head.istft.n_fft // HOP_LENGTH // 2
        return self.mel_reach + CONVOLUTION_REACH * (1 + len(self.vocos.backbone.convnext)) + overlap

    @torch.inference_mode()
    def render(self, frames: Tensor) -> Tensor:
        """Samples (N,) of one text's frames (T, ·)."""
        return self.vocos.decode(self.to_mel(frames[None]))[0] if len(frames) else torch.zeros(0)

    def settled(self, frames: int) -> int:
        """How many samples of a text of which ``frames`` are known will not change when more come."""
        return max(0, MEL_PER_CODE * frames - self.reach) * HOP_LENGTH

    def frames_for(self, samples: int) -> int:
        """Of how many frames so many ``samples`` are settled."""
        return -(-(-(-samples // HOP_LENGTH) + self.reach) // MEL_PER_CODE)

    def render_span(self, frames: Tensor, start: int, stop: int) -> Tensor:
        """What `render` gives from sample ``start`` to ``stop``, at the cost of that span and what it depends on."""
        if stop <= start:
            return torch.zeros(0)
        first = max(0, start // HOP_LENGTH - self.reach) // MEL_PER_CODE
        last = (stop - 1) // HOP_LENGTH + self.reach
        window = frames[first : last // MEL_PER_CODE + 1]
        offset = first * MEL_PER_CODE * HOP_LENGTH
        return self.render(window)[start - offset : stop - offset]
