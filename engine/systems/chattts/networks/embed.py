"""The tables that turn text tokens and audio codes into the network's input, and the heads that score what is next.

Letters: B texts, L columns of a prompt, P frames of a voice prompt, H hidden, K codebooks, V classes.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from engine.errors import VoiceError
from engine.nn.decoding.loop import Vocabulary
from engine.nn.linear import Linear
from engine.systems.chattts.config import EmbedConfig


@dataclass(frozen=True, slots=True, kw_only=True)
class Prompt:
    """What is known before the first step: ``ids`` (B, L, K) int64, and two masks (B, L).

    ``visible`` is False on the padding, which is on the left of short texts; ``is_text`` is True where the ids are
    text tokens (the same in all K) instead of codes.
    """

    ids: Tensor
    visible: Tensor
    is_text: Tensor


class Embed(nn.Module):
    """Embeddings and heads of text and codes. All of it stays float32: it is gathered, or decides.

    The K code tables are one table, and the K code heads one matrix; the heads' weight norm is folded.
    """

    def __init__(self, config: EmbedConfig) -> None:
        super().__init__()
        self.config = config
        codes = config.n_codebooks * config.n_audio
        self.emb_text = nn.Parameter(torch.empty(config.n_text, config.hidden), requires_grad=False)
        self.emb_code = nn.Parameter(torch.empty(codes, config.hidden), requires_grad=False)
        self.head_text = Linear(config.hidden, config.n_text)
        self.head_code = Linear(config.hidden, codes)
        self.register_buffer("offsets", torch.arange(0, codes, config.n_audio), persistent=False)

    def forward(self, prompt: Prompt, speaker: Tensor | None = None, marker: int = -1) -> Tensor:
        """The prompt's columns (B, L, H): text embeddings, or the sum of the K code embeddings where there is no text.

        With a ``speaker`` (H,) every column whose text token is ``marker`` becomes speaker/‖speaker‖, which is
        computed in the vector's own precision: the published voices are float16. Raises VoiceError on another size.
        """
        text = F.embedding(prompt.ids[..., 0], self.emb_text)
        # Text tokens are outside the code tables, so they are set to zero there and not used.
        codes = self.embed_codes(torch.where(prompt.is_text.unsqueeze(-1), 0, prompt.ids).flatten(0, 1))
        columns = torch.where(prompt.is_text.unsqueeze(-1), text, codes.view_as(text))
        if speaker is None:
            return columns
        if speaker.shape != (self.config.hidden,):
            raise VoiceError(
                "the voice has {count} values and this model needs {hidden}; it is of another model",
                count=" x ".join(map(str, speaker.shape)),
                hidden=self.config.hidden,
            )
        direction = F.normalize(speaker, dim=0, eps=1e-12).to(columns)
        return torch.where((prompt.is_text & (prompt.ids[..., 0] == marker)).unsqueeze(-1), direction, columns)

    def embed_codes(self, codes: Tensor) -> Tensor:
        """Frames of codes (N, K) to the sum of their embeddings (N, H)."""
        return F.embedding_bag(codes + self.offsets, self.emb_code, mode="sum")

    def code_vocabulary(self) -> Vocabulary:
        """Frames of K codes; the last class of a codebook is the end."""
        config = self.config
        return Vocabulary(
            embed=lambda codes, _step: self.embed_codes(codes),
            logits=lambda hidden: self.head_code(hidden).view(-1, config.n_codebooks, config.n_audio),
            n_codebooks=config.n_codebooks,
            n_classes=config.n_audio,
            end=config.n_audio - 1,
        )

    def text_vocabulary(self, end: int) -> Vocabulary:
        """Tokens of refined text; ``end`` is the one that closes it."""
        return Vocabulary(
            embed=lambda ids, _step: F.embedding(ids[:, 0], self.emb_text),
            logits=lambda hidden: self.head_text(hidden).unsqueeze(1),
            n_codebooks=1,
            n_classes=self.config.n_text,
            end=end,
        )


def lay_out(texts: Sequence[Sequence[int]], n_codebooks: int, codes: Tensor | None = None) -> Prompt:
    """Texts as token ids, side by side, and behind each the frames of a voice prompt ``codes`` (K, P), if any.

    Short texts are padded on the left with zeros (docs/systems/chattts.md#prompts).
    """
    length, frames = max(map(len, texts)), 0 if codes is None else codes.shape[1]
    ids = torch.zeros(len(texts), length + frames, n_codebooks, dtype=torch.int64)
    visible = torch.zeros(len(texts), length + frames, dtype=torch.bool)
    for row, text in enumerate(texts):
        start = length - len(text)
        ids[row, start:length] = torch.tensor(text, dtype=torch.int64).unsqueeze(-1)
        visible[row, start:] = True
    is_text = visible.clone()
    is_text[:, length:] = False
    if codes is not None:
        ids[:, length:] = codes.T
    return Prompt(ids=ids, visible=visible, is_text=is_text)
