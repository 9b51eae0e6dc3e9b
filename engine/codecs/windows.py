"""Codes to sound in windows: of long sounds, so that memory does not grow, and of codes that are still being made.

A decoder that looks at all frames at once is given windows. Each begins with codes whose sound is known already and
ends with codes whose sound the next one will give; between two windows the sound is cross-faded. Where windows begin
and end follows from the number of codes alone, so the sound does not depend on the pieces that they come in.

Letters: B batch, F frames.
"""

from dataclasses import dataclass
from typing import Protocol

import numpy as np
import torch
from torch import Tensor

from engine.steps import Steps


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """Of windows, in seconds: what the first gives, by how much more each gives than the last, and the most one gives.

    ``before`` and ``after`` are looked at besides; ``fade`` of the latter is cross-faded with the next window.
    """

    first: float
    growth: float
    most: float
    before: float
    after: float
    fade: float


# The decoder was trained on 3 s, and is known to grow noisy where it is given far more than that at once.
LONG = Plan(first=8.0, growth=1.0, most=8.0, before=1.0, after=1.0, fade=0.1)
# The first sound soon; then more at once, since each window's context costs time. Where codes are made 1.5 times as
# fast as they are played, or faster, no window is late.
SOON = Plan(first=0.5, growth=1.5, most=4.0, before=3.0, after=0.5, fade=0.1)


class Decoder(Protocol):
    """What makes sound of codes, a window at a time."""

    hop: int

    @property
    def codes_per_s(self) -> float:
        """Frames per second."""

    def decode_pass(self, codes: Tensor) -> Steps[Tensor]:
        """Samples (B, F · hop) of ``codes`` (B, 1, F)."""


class Stream:
    """One sound in the making. Codes (B, 1, f) go in, samples (B, n) come out as they are known; it is used once."""

    def __init__(self, codec: Decoder, plan: Plan, context: Tensor | None = None) -> None:
        self._codec, self._rate = codec, codec.codes_per_s
        self._before, self._after = (round(seconds * self._rate) for seconds in (plan.before, plan.after))
        self._fade = max(1, round(plan.fade * self._rate))
        self._gives, self._growth, self._most = plan.first * self._rate, plan.growth, plan.most * self._rate
        self._codes = context
        # Of the codes that are kept: how many have given their sound.
        self._done = 0 if context is None else context.shape[2]
        self._tail: Tensor | None = None
        if context is not None:
            self._forget()

    @torch.inference_mode()
    def push(self, codes: Tensor) -> Steps[Tensor]:
        """Take more codes; returns the sound that is known now, which may be none, in steps of the decoder."""
        self._codes = codes if self._codes is None else torch.cat((self._codes, codes), dim=2)
        sound = []
        while self._codes.shape[2] - self._done > (gives := round(self._gives)) + self._after:
            sound.append((yield from self._window(gives)))
            self._gives = min(self._gives * self._growth, self._most)
        return torch.cat(sound, dim=1) if sound else torch.zeros(len(codes), 0, device=codes.device)

    @torch.inference_mode()
    def finish(self) -> Steps[Tensor]:
        """No more codes come; returns the rest of the sound."""
        if self._codes is None or self._codes.shape[2] == self._done:
            return torch.zeros(1 if self._codes is None else len(self._codes), 0)
        return (yield from self._window(None))

    def _window(self, gives: int | None) -> Steps[Tensor]:
        """The sound of the next ``gives`` codes, or of all that are left, and their share in the cross-fade."""
        assert self._codes is not None
        hop = self._codec.hop
        end = None if gives is None else self._done + gives
        sound = yield from self._codec.decode_pass(self._codes[..., : None if end is None else end + self._after])
        sound = sound[:, self._done * hop :]
        if self._tail is not None:
            length = min(self._tail.shape[1], sound.shape[1])
            rising = torch.from_numpy(np.sin(np.linspace(0, np.pi / 2, length, dtype=np.float32)) ** 2).to(sound)
            sound[:, :length] = rising * sound[:, :length] + (1 - rising) * self._tail[:, :length]
        if gives is None or end is None:
            return sound
        self._tail = sound[:, gives * hop : (gives + self._fade) * hop]
        self._done = end
        self._forget()
        return sound[:, : gives * hop]

    def _forget(self) -> None:
        """Drop the codes that no window will see again."""
        assert self._codes is not None
        spare = max(0, self._done - self._before)
        self._codes, self._done = self._codes[..., spare:], self._done - spare
