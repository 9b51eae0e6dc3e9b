"""The decoding loop: a prompt goes in, and after every step what has been generated so far comes out.

A stream and a whole batch are the same loop; they differ in when they look at it. Texts that have ended leave the
batch, so that the others go on faster.

Letters: B texts, L columns of the prompt, N texts that go on, T steps, H hidden, K codebooks, V classes.
"""

from collections.abc import Callable, Generator, Sequence
from contextlib import closing
from dataclasses import dataclass
from typing import Protocol

import torch
from torch import Tensor

from engine.errors import TextError
from engine.nn.decoding.cache import KeyValueCache
from engine.nn.decoding.masks import decode_bias, prefill_bias
from engine.nn.decoding.sampling import Noise, Sampler, Sampling, draw, log_probability
from engine.nn.decoding.step import CompiledStep
from engine.nn.decoding.weights import Weights
from engine.steps import Steps, mapped

# Steps between two looks at which texts have ended, on an accelerator: a look makes the host wait for the device.
DEVICE_STRIDE = 8
# Columns of the prompt, of all texts together, that a CPU reads at one go.
CPU_BLOCK = 40


class Network(Protocol):
    """A causal transformer that leaves its cache to the caller."""

    @property
    def max_positions(self) -> int:
        """The most columns that a row may have."""

    @property
    def dtype(self) -> torch.dtype:
        """The precision of its matrices, and so of the cache."""

    def new_cache(self, rows: int, capacity: int) -> KeyValueCache:
        """An empty cache for ``rows`` texts of up to ``capacity`` columns."""

    def __call__(self, x: Tensor, positions: Tensor, cache: KeyValueCache, bias: Tensor | None, /) -> Tensor:
        """Hidden states (B, T, H) of the new columns ``x`` (B, T, H) at ``positions`` (B, T), appended to the cache.

        ``bias`` (B, 1, T, S) is added to the attention scores; None lets every new column see all S columns.
        """

    def forward_steps(
        self, x: Tensor, positions: Tensor, cache: KeyValueCache, bias: Tensor | None, /
    ) -> Steps[Tensor]:
        """The same in steps."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Vocabulary:
    """What is drawn: K classes a step, how hidden states score them, and how they are embedded as the next input.

    ``logits`` takes (N, H) to (N, K, V) in float32. ``embed`` takes the ids (N, K) that were drawn, and at which step
    (from 0), to (N, H). ``end`` is the class that ends a text, in whichever codebook it is drawn.
    """

    embed: Callable[[Tensor, int], Tensor]
    logits: Callable[[Tensor], Tensor]
    n_codebooks: int
    n_classes: int
    end: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Generated:
    """What there is after ``steps`` steps. ``lengths`` says how much of it each text has; an ended one grows no more.

    ``ended`` is False for texts that go on or were cut off at the limit. Rows are views that later steps leave alone.
    """

    steps: int
    lengths: tuple[int, ...]
    ended: tuple[bool, ...]
    _ids: Tensor
    _hidden: Tensor
    _scores: tuple[float, ...]

    def ids(self, row: int) -> Tensor:
        """The codes or tokens of one text, (T, K) int64; the end itself is not among them."""
        return self._ids[: self.lengths[row], row]

    def hidden(self, row: int) -> Tensor:
        """The final-norm hidden states (T, H), float32, each of which predicted the ids of its step."""
        return self._hidden[: self.lengths[row], row]

    @property
    def scored(self) -> bool:
        """Whether log-probabilities were asked for."""
        return bool(self._scores)

    def log_probability(self, row: int) -> float:
        """The sum of the log-probabilities of all that was drawn for one text, its end included, if it was asked for.

        A text that was cut off counts all its steps.
        """
        return self._scores[row]


@torch.inference_mode()
def generate(
    network: Network,
    vocabulary: Vocabulary,
    prompt: Tensor,
    visible: Tensor,
    sampling: Sampling,
    noise: Noise,
    *,
    weights: Weights | None = None,
    stride: int | None = None,
    mutual: int = 0,
    copies: int = 1,
    limits: Sequence[int] | None = None,
) -> Generator[Generated, None, None]:
    """Generate from ``prompt`` (B, L, H), of which the columns ``visible`` (B, L) are real, until all texts have ended.

    The first ``mutual`` columns of a prompt see each other, as those of an encoder do. Of every prompt ``copies`` texts
    are made, side by side in what comes out; it is read once for all of them. ``limits`` cut the texts of each of the B
    prompts off earlier than ``sampling`` does.

    With ``weights``, which are the ``network``'s on the CPU in float32 or eight bits, steps are compiled; the network
    itself reads the prompt, and makes the steps where there are none. A head of theirs scores what comes after a step,
    in the place of the vocabulary's ``logits``. What is not visible is on the left.

    Yields after every ``stride`` steps, by default each on the CPU and a few elsewhere, and always after the last; and,
    with no steps yet, on a CPU's way through a long prompt. Closing it cancels. Raises TextError when the prompt leaves
    no room in the model's context; a context that runs out later only ends the texts early.
    """
    stride = stride or (1 if prompt.device.type == "cpu" else DEVICE_STRIDE)
    rows = visible.repeat_interleave(copies, 0)
    most = torch.tensor(limits or [sampling.max_new_tokens] * len(prompt)).repeat_interleave(copies)
    with closing(_Decoding(network, vocabulary, prompt, rows, sampling, noise, weights, most)) as decoding:
        hidden = yield from decoding.prefill(prompt, visible, mutual)
        logits = vocabulary.logits(hidden)
        for step in range(decoding.limit):
            ids = decoding.draw(hidden, logits)
            last = step + 1 == decoding.limit
            if last or (step + 1) % stride == 0:
                yield decoding.look()
                if last or not decoding.going_on:
                    return
                ids = decoding.drop_ended(ids)
            hidden, logits = decoding.step(ids)


class _Decoding:
    """The state of one run.

    rows       (N,) int64    which text each row of the batch is
    first      (N,) int64    how many of a row's columns are padding
    positions  (N, 1) int64  the position of each row's newest column
    history    (N, K, W)     the newest ids, the oldest overwritten first; V where there is none yet
    ids        (limit, B, K) and hidden (limit, B, H): the results, by step and text
    lengths    (B,) int64    steps of each text before its end
    limits     (B,) int64    the most steps of each text
    ended      (B,) bool
    scores     (B,) float32  the log-probability of each text, if it was asked for
    """

    def __init__(
        self,
        network: Network,
        vocabulary: Vocabulary,
        prompt: Tensor,
        visible: Tensor,
        sampling: Sampling,
        noise: Noise,
        weights: Weights | None,
        limits: Tensor,
    ) -> None:
        (_, columns, width), batch = prompt.shape, len(visible)
        device = prompt.device
        self.limit = min(sampling.max_new_tokens, int(limits.max()), network.max_positions - columns)
        if self.limit <= 0:
            raise TextError(
                "the text and the voice prompt have {columns} tokens, and the model reads {max_positions}; "
                "shorten them or split the text",
                columns=columns,
                max_positions=network.max_positions,
            )
        self.network, self.vocabulary, self.noise = network, vocabulary, noise
        self.sampler, self.sampling = Sampler(sampling, device), sampling
        self.cache = network.new_cache(batch, columns + self.limit)
        self.compiled = CompiledStep(weights, batch, columns + self.limit) if weights else None
        self.first = columns - visible.sum(1)
        self.bias = None if weights else decode_bias(visible, self.limit, network.dtype)
        self.steps = 0
        self.rows = torch.arange(batch, device=device)
        self.positions = visible.sum(1, keepdim=True) - 1
        codebooks, classes = vocabulary.n_codebooks, vocabulary.n_classes
        self.shape = (batch, codebooks, classes)
        self.history = torch.full((batch, codebooks, sampling.penalty_window), classes, device=device)
        self.ids = torch.empty(self.limit, batch, codebooks, dtype=torch.int64, device=device)
        self.hidden = torch.empty(self.limit, batch, width, device=device)
        self.lengths = torch.zeros(batch, dtype=torch.int64, device=device)
        self.limits = limits.to(device)
        self.ended = torch.zeros(batch, dtype=torch.bool, device=device)
        self.scores = torch.zeros(batch, device=device)
        self.going_on = list(range(batch))

    def prefill(self, prompt: Tensor, visible: Tensor, mutual: int) -> Generator[Generated, None, Tensor]:
        """Read the prompts, on a CPU block by block; returns the hidden states (B, H) of the texts' last columns."""
        batch, columns, _ = prompt.shape
        copies = len(self.rows) // batch
        positions = (visible.cumsum(1) - 1).clamp_(min=0)
        bias = prefill_bias(visible, self.network.dtype, mutual)
        size = max(CPU_BLOCK // batch, 1) if prompt.device.type == "cpu" else columns
        self.cache.rows = batch
        # What sees each other is read at one go.
        for start in (0, *range(max(mutual, size), columns, size)):
            if start:
                yield self.look()
            end = min(start + size if start else max(mutual, size), columns)
            reading = self.network.forward_steps(
                prompt[:, start:end], positions[:, start:end], self.cache, bias[:, :, start:end, :end]
            )
            block = yield from mapped(reading, lambda _: self.look())
        if copies > 1:
            self.cache.repeat(copies)
        return block[:, -1].repeat_interleave(copies, 0)

    def draw(self, hidden: Tensor, logits: Tensor) -> Tensor:
        """Choose and store the ids (N, K) that follow ``hidden`` (N, H), of which the ``logits`` (N, K, V) are."""
        noise = self.noise.draw(self.shape, hidden.device)
        if len(self.rows) < len(noise):
            noise = noise[self.rows]
        end = self.vocabulary.end
        forbidden = end if self.steps < self.sampling.first_end else None
        scores = self.sampler.scores(logits, self.history, forbidden)
        ids = draw(scores, noise)
        self.history[:, :, self.steps % self.history.shape[-1]] = ids
        self.ids[self.steps, self.rows] = ids
        self.hidden[self.steps, self.rows] = hidden
        if self.sampling.scored:
            going_on = ~self.ended[self.rows] & (self.steps < self.limits[self.rows])
            self.scores[self.rows] += log_probability(scores, ids).where(going_on, 0)
        has_ended = (ids == end).any(-1)
        if self.sampling.end_when_likeliest:
            has_ended |= (scores.argmax(-1) == end).any(-1)
        self.ended[self.rows] |= has_ended & (self.steps < self.limits[self.rows])
        self.lengths += ~self.ended & (self.steps < self.limits)
        self.steps += 1
        return ids

    def step(self, ids: Tensor) -> tuple[Tensor, Tensor]:
        """Feed ``ids`` (N, K) back; returns the next hidden states (N, H) and their logits (N, K, V)."""
        self.positions += 1
        x = self.vocabulary.embed(ids, self.steps - 1)
        if self.compiled:
            hidden, scores = self.compiled(x, self.positions[:, 0], self.cache, self.first)
            if scores is None:
                return hidden, self.vocabulary.logits(hidden)
            return hidden, scores.view(len(scores), self.vocabulary.n_codebooks, self.vocabulary.n_classes)
        columns = self.cache.length + 1
        bias = None if self.bias is None else self.bias[..., :columns]
        hidden = self.network(x.unsqueeze(1), self.positions, self.cache, bias)[:, 0]
        return hidden, self.vocabulary.logits(hidden)

    def look(self) -> Generated:
        """What there is now. Waits for the device."""
        ended = tuple(self.ended.tolist())
        limits = self.limits.tolist()
        self.going_on = [text for text, has_ended in enumerate(ended) if not has_ended and self.steps < limits[text]]
        return Generated(
            steps=self.steps,
            lengths=tuple(self.lengths.tolist()),
            ended=ended,
            _ids=self.ids,
            _hidden=self.hidden,
            _scores=tuple(self.scores.tolist()) if self.sampling.scored else (),
        )

    def drop_ended(self, ids: Tensor) -> Tensor:
        """Let the texts that the last look found ended leave the batch; returns the ids (N, K) of the others."""
        if len(self.going_on) == len(self.rows):
            return ids
        texts = self.rows.tolist()
        rows = [row for row, text in enumerate(texts) if text in self.going_on]
        self.cache.keep(rows)
        kept = torch.tensor(rows, device=ids.device)
        self.rows, self.positions, self.history = self.rows[kept], self.positions[kept], self.history[kept]
        self.first = self.first[kept]
        self.bias = None if self.bias is None else self.bias[kept]
        return ids[kept]

    def close(self) -> None:
        """Let the threads go."""
        if self.compiled:
            self.compiled.close()
