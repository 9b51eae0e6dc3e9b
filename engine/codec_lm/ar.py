"""The first stage: text and the first codebook of a prompt to the first codebook, frame after frame.

VALL-E reads text and codes as one sequence, VALL-F (``cross``) sees the text as a memory. Letters: B rows, S text ids,
T frames, H width.
"""

import torch
from torch import Tensor, nn

from engine.codec_lm.blocks import SinePosition, audio_prenet, text_prenet
from engine.codec_lm.config import BEGIN, CODES, END, CodecLMConfig
from engine.codec_lm.transformer import Decoder, Remembering
from engine.nn.decoding.loop import Network, Vocabulary
from engine.nn.embedding import Embedding
from engine.nn.linear import Linear


class ArStage(nn.Module):
    """Embeddings, the causal stack, and the head that scores codes and the end."""

    def __init__(self, config: CodecLMConfig) -> None:
        super().__init__()
        self.config = config
        width = config.width
        self.text_embedding = Embedding(config.n_text, width)
        self.audio_embedding = Embedding(CODES + 1 + config.begin, width)
        self.language_embedding = Embedding(config.languages, width) if config.languages else None
        self.text_prenet = text_prenet(width) if config.prenets else nn.Identity()
        self.audio_prenet = audio_prenet(width) if config.prenets else nn.Identity()
        self.text_position, self.audio_position = SinePosition(width), SinePosition(width)
        self.decoder = Decoder(width, config.heads, config.layers, norm_first=config.norm_first, cross=config.cross)
        self.predict_layer = Linear(width, CODES + 1)

    def text(self, ids: Tensor, languages: Tensor | None = None) -> Tensor:
        """The columns (B, S, H) of text ``ids`` (B, S), with the language (B, S) of each where the model has them."""
        columns = self.text_embedding(ids)
        if self.language_embedding is not None and languages is not None:
            columns = columns + self.language_embedding(languages)
        return self.text_position(self.text_prenet(columns))

    def audio(self, codes: Tensor, first: int = 0) -> Tensor:
        """The columns (B, T, H) of first-codebook ``codes`` (B, T) at the positions from ``first`` on."""
        return self.audio_position(self.audio_prenet(self.audio_embedding(codes)), first)

    def prompt(self, codes: Tensor) -> Tensor:
        """The columns (B, T, H) of a prompt's ``codes`` (B, T), and before them that of the beginning if it has one."""
        if self.config.begin:
            codes = torch.cat((codes.new_full((len(codes), 1), BEGIN), codes), dim=1)
        return self.audio(codes)

    def vocabulary(self, columns: int) -> Vocabulary:
        """What is drawn after a prompt of so many ``columns`` of audio: codes 0..1023, and the end."""
        return Vocabulary(
            embed=lambda ids, step: self.audio(ids, columns + step)[:, 0],
            logits=lambda hidden: self.predict_layer(hidden).unsqueeze(1),
            n_codebooks=1,
            n_classes=CODES + 1,
            end=END,
        )

    def network(self, text: Tensor) -> Network:
        """The stack; with cross-attention, to the columns ``text`` (B, S, H)."""
        return Remembering(self.decoder, text) if self.config.cross else self.decoder
