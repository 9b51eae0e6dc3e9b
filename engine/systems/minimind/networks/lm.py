"""The language model: text and the codes of speech as one sequence, of which the next code is predicted.

A sequence is the mark that begins it, ids of text, the mark of the task, codes, and in training the first mark again,
which closes it (docs/systems/minimind.md#the-sequence). Letters: B rows, L columns, T ids of text, S codes, H width, C
codes of the codebook.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Self, TypeAlias

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from engine.nn.decoding.loop import Vocabulary
from engine.nn.decoding.weights import Parts
from engine.nn.embedding import Embedding
from engine.nn.linear import Linear
from engine.nn.llama import FeedForward, Llama
from engine.systems.minimind.config import MARKS, LMConfig
from engine.systems.minimind.networks.experts import Experts

# Ids of text, or codes.
Ids: TypeAlias = Sequence[int] | Tensor
# The kinds of columns, and the rows of the table of marks.
NOTHING, MARK, TEXT, SPEECH = range(4)
BEGIN, TASK = 0, 1
# A target that no loss counts.
IGNORED = -1


@dataclass(frozen=True, slots=True, eq=False)
class Laid:
    """Sequences side by side: what ``kinds`` their columns are of, and the ``ids`` of that kind, (B, L) int64.

    ``ids`` are zero where there is NOTHING.
    """

    kinds: Tensor
    ids: Tensor

    def to(self, device: torch.device) -> Self:
        """The same on a device."""
        return type(self)(self.kinds.to(device, non_blocking=True), self.ids.to(device, non_blocking=True))

    @property
    def visible(self) -> Tensor:
        """Which columns are no padding, (B, L) bool."""
        return self.kinds != NOTHING

    def targets(self, end: int) -> Tensor:
        """What each column is to predict, (B, L) int64: the code after it, ``end`` after the last, else IGNORED."""
        kinds, ids = self.kinds[:, 1:], self.ids[:, 1:]
        closing = torch.where((kinds == MARK) & (ids == BEGIN), end, IGNORED)
        return F.pad(torch.where(kinds == SPEECH, ids, closing), (0, 1), value=IGNORED)


def lay_out(texts: Sequence[Ids], codes: Sequence[Ids], *, closed: bool) -> Laid:
    """Texts (T,) with the codes (S,) behind each, as sequences side by side.

    For training they are ``closed`` by a last mark, and short ones are padded on the right; what is to be continued is
    open, and padded on the left.
    """
    lengths = [len(text) + len(spoken) + 2 + closed for text, spoken in zip(texts, codes, strict=True)]
    kinds = torch.zeros(len(lengths), max(lengths), dtype=torch.int64)
    ids = torch.zeros_like(kinds)
    for row, (text, spoken, length) in enumerate(zip(texts, codes, lengths, strict=True)):
        first = 0 if closed else kinds.shape[1] - length
        task = first + 1 + len(text)
        kinds[row, first : first + length] = MARK
        kinds[row, first + 1 : task], ids[row, first + 1 : task] = TEXT, torch.as_tensor(text, dtype=torch.int64)
        ids[row, task] = TASK
        said = slice(task + 1, task + 1 + len(spoken))
        kinds[row, said], ids[row, said] = SPEECH, torch.as_tensor(spoken, dtype=torch.int64)
    return Laid(kinds, ids)


class LanguageModel(nn.Module):
    """The tables of marks, text and codes, the layers, and the head that scores codes and the end.

    The tables stay float32, for they are gathered; so does the head but in a step of eight bits. Its published names
    are those of `engine.systems.minimind.weights`.
    """

    def __init__(self, config: LMConfig) -> None:
        super().__init__()
        self.config = config
        self.llm_embedding = Embedding(MARKS, config.width)
        self.tok_embeddings = Embedding(config.n_text, config.width)
        self.speech_embeddings = Embedding(config.n_codes, config.width)
        kind = FeedForward if config.experts is None else partial(Experts, experts=config.experts)
        self.body = Llama(config.llama(), kind)
        self.output = Linear(config.width, config.n_codes + 1)

    def embed(self, laid: Laid) -> Tensor:
        """The columns (B, L, H) of sequences, zero where there is nothing."""
        columns = torch.zeros(*laid.ids.shape, self.config.width, device=laid.ids.device)
        tables = ((MARK, self.llm_embedding), (TEXT, self.tok_embeddings), (SPEECH, self.speech_embeddings))
        for kind, table in tables:
            here = laid.kinds == kind
            columns = torch.where(here.unsqueeze(-1), table(torch.where(here, laid.ids, 0)), columns)
        return columns

    def forward(self, laid: Laid) -> Tensor:
        """The scores (B, L, C + 1) of what comes after each column of sequences that are padded on the right.

        This is for training: `Laid.targets` are what they are to be. In training mode the configuration's dropout is of
        the columns that come in and of what every layer adds.
        """
        dropout = self.config.dropout if self.training else 0.0
        return self.output(self.body.whole(F.dropout(self.embed(laid), dropout), dropout))

    def parts(self) -> Parts | None:
        """What a compiled step needs of the layers and of the head; None for a model with experts."""
        parts = self.body.parts()
        return None if parts is None else replace(parts, head=self.output)

    def vocabulary(self) -> Vocabulary:
        """What is drawn: codes 0..C - 1, and the end."""
        return Vocabulary(
            embed=lambda ids, _step: self.speech_embeddings(ids[:, 0]),
            logits=lambda hidden: self.output(hidden).unsqueeze(1),
            n_codebooks=1,
            n_classes=self.config.n_codes + 1,
            end=self.config.end,
        )
