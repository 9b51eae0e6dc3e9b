"""The whole network of StyleTTS 2 (arXiv 2306.07691): the synthesizer, and where its styles come from.

Letters: B batch, M mels, F frames of 12.5 ms, S size of one half of a style.
"""

import torch
from torch import Tensor

from engine.style_tts.synthesizer import Synthesizer
from engine.systems.styletts2.networks.config import ModelConfig
from engine.systems.styletts2.networks.diffusion import StyleDiffusion
from engine.systems.styletts2.networks.style import StyleEncoder


class StyleTTS2(Synthesizer):
    """A synthesizer with two style encoders for recordings, and the diffusion that samples styles for texts."""

    config: ModelConfig

    def __init__(self, config: ModelConfig) -> None:
        super().__init__(config)
        hidden, style, bert = config.hidden_dim, config.style_dim, config.plbert
        self.style_encoder = StyleEncoder(config.dim_in, hidden, style)
        self.predictor_encoder = StyleEncoder(config.dim_in, hidden, style)
        self.diffusion = StyleDiffusion(
            config.diffusion, 2 * style, bert.hidden_size, bert.max_position_embeddings, reference=config.multispeaker
        )

    def encode_style(self, mel: Tensor) -> Tensor:
        """The style (B, 2S), acoustic half first, of a normalised ``mel`` (B, 1, M, F)."""
        return torch.cat((self.style_encoder(mel), self.predictor_encoder(mel)), dim=-1)
