"""The other stages: from the first codebooks of all frames at once to the next one, seven times for eight codebooks.

Nothing is drawn: each stage takes the likeliest codes. The same stack serves all stages, with norms of their own.
Letters: S text ids, P frames of the prompt, G generated frames, Q codebooks, H width.
"""

from collections.abc import Generator
from functools import partial
from threading import Lock

import torch
from torch import Tensor, nn

from engine.codec_lm.blocks import SinePosition, audio_prenet, text_prenet
from engine.codec_lm.config import CODES, CodecLMConfig
from engine.codec_lm.transformer import Stack
from engine.nn.embedding import Embedding
from engine.nn.linear import Linear
from engine.steps import Pace, Steps


class NarStage(nn.Module):
    """Embeddings of all codebooks, the stack without a mask, and a head for each codebook but the first."""

    def __init__(self, config: CodecLMConfig) -> None:
        super().__init__()
        self.config = config
        width, books = config.nar_width, config.n_codebooks
        self.text_embedding = Embedding(config.n_text, width)
        self.language_embedding = Embedding(config.languages, width) if config.languages else None
        if books == 1:
            return
        self.audio_embeddings = nn.ModuleList(Embedding(CODES + (book == 0), width) for book in range(books))
        self.text_prenet = text_prenet(width) if config.prenets else nn.Identity()
        self.audio_prenet = audio_prenet(width) if config.prenets else nn.Identity()
        self.text_position, self.audio_position = SinePosition(width), SinePosition(width)
        self.decoder = Stack(
            width, config.nar_heads, config.nar_layers, norm_first=config.norm_first, cross=config.cross, adaptive=True
        )
        self.predict_layers = nn.ModuleList(Linear(width, CODES) for _ in range(books - 1))
        self.stage_embeddings: nn.ModuleList | None = nn.ModuleList(Embedding(1, width) for _ in range(books - 1))
        self.halved: Stack | None = None
        self._lock = Lock()

    def tabulate(self) -> None:
        """Work out the norms of all stages, whose embeddings are then let go."""
        if self.config.n_codebooks == 1 or self.stage_embeddings is None:
            return
        self.decoder.tabulate(torch.cat([embedding.weight for embedding in self.stage_embeddings]))
        self.stage_embeddings = None

    def text(self, ids: Tensor, languages: Tensor | None = None) -> Tensor:
        """The columns (1, S, H) of text ``ids`` (1, S), with the language (1, S) of each where the model has them."""
        columns = self.text_embedding(ids)
        if self.language_embedding is not None and languages is not None:
            columns = columns + self.language_embedding(languages)
        return self.text_position(self.text_prenet(columns))

    def stack(self, *, half: bool) -> Stack:
        """The stack, or the same with its matrices in bfloat16, which is made when it is first asked for."""
        if not half:
            return self.decoder
        with self._lock:
            if self.halved is None:
                self.halved = self.decoder.in_precision(torch.bfloat16)
            return self.halved

    def forward(
        self, text: Tensor, prompt: Tensor, first: Tensor, *, late_prenet: bool = False, half: bool = False
    ) -> Generator[Tensor | None, None, None]:
        """Codes (G,) of the second codebook, then of the third, and so on to the last; None where it may be stopped.

        ``text`` (1, S, H) are the columns that `text` makes; ``prompt`` (1, P, Q) has all codebooks, ``first`` (1, G)
        is the first of what is wanted. With ``late_prenet`` positions are added before the prenet
        (docs/codec-lm.md#continuing-a-recording). ``half`` multiplies in bfloat16.
        """
        stack = self.stack(half=half)
        seen, books = prompt.shape[1], self.config.n_codebooks
        embedded = self.audio_embeddings[0](torch.cat((prompt[..., 0], first), dim=1))
        by_stage = self.config.prefix_mode == 0
        if not by_stage:
            for book in range(1, books):
                embedded[:, :seen] += self.audio_embeddings[book](prompt[..., book])
        for stage in range(books - 1):
            audio = self.positioned(embedded, late_prenet=late_prenet)
            hidden = yield from self.hidden(text, audio, stage, seen, stack)
            codes = self.predict_layers[stage](hidden).argmax(-1)
            yield codes[0]
            if stage < books - 2:
                finer = self.audio_embeddings[stage + 1]
                if by_stage:
                    embedded[:, :seen] += finer(prompt[..., stage + 1])
                embedded[:, seen:] += finer(codes)

    def positioned(self, embedded: Tensor, *, late_prenet: bool = False) -> Tensor:
        """The columns (1, P + G, H) of embedded frames."""
        if late_prenet:
            return self.audio_prenet(self.audio_position(embedded))
        return self.audio_position(self.audio_prenet(embedded))

    def hidden(self, text: Tensor, audio: Tensor, stage: int, seen: int, stack: Stack) -> Steps[Tensor]:
        """Hidden states (1, G, H) of one stage for the frames of ``audio`` (1, P + G, H) after the ``seen`` ones.

        The last layer works out these frames alone, since nobody looks at the others.
        """
        x = audio if self.config.cross else torch.cat((text, audio), dim=1)
        start = x.shape[1] - audio.shape[1] + seen
        layers, pace, work = stack.layers, Pace(), stack.layer_work(x)
        for layer in layers:
            begin = start if layer is layers[-1] else 0
            across = layer.multihead_attn
            x = yield from layer(
                x,
                partial(layer.self_attn.whole, start=begin),
                partial(across.across, memory=across.memorize(text)) if self.config.cross else None,
                stage=stage,
                start=begin,
            )
            if pace.due(work):
                yield
        return stack.last(x, stage)
