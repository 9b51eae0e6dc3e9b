"""One request on its way: phoneme ids and a voice to sound, piece by piece.

Nothing carries over from one piece to the next.
"""

from collections.abc import Generator
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from engine.events import SpokenWord
from engine.steps import Steps
from engine.style_tts.config import SAMPLE_RATE, SAMPLES_PER_FRAME
from engine.style_tts.score import Score, score_steps
from engine.style_tts.synthesizer import DecoderInputs, Synthesizer
from engine.systems.kokoro.options import Options
from engine.systems.kokoro.text import Piece


class Speaking:
    """A request: the model, what was asked for, and the voice's ``pack`` (rows, 2S)."""

    def __init__(self, model: Synthesizer, options: Options, pack: np.ndarray) -> None:
        self.model = model
        self._options = options
        self._pack = pack
        self._device = next(model.parameters()).device

    def prepare(self, piece: Piece) -> "Steps[Prepared]":
        """The score of a piece in the voice."""
        text = yield from self.model.encode_ids_steps(piece.ids)
        yield
        style = torch.from_numpy(self.style(piece)).unsqueeze(0).to(self._device)
        score = yield from score_steps(self.model, text, style, self._options)
        yield
        return Prepared(score, style)

    def style(self, piece: Piece) -> np.ndarray:
        """The row (2S,) of the pack for a piece; the last one for what is longer than any."""
        return self._pack[min(piece.row, len(self._pack) - 1)]

    def decoded_from(self, prepared: "Prepared", rng: torch.Generator) -> tuple[DecoderInputs, Tensor, Tensor]:
        """What the decoder takes: inputs, style, and noise."""
        inputs = prepared.score.inputs
        return inputs, prepared.style, self.model.draw_noise(inputs.pitch.shape[1], rng)

    def play(self, prepared: "Prepared", rng: torch.Generator) -> Steps[np.ndarray]:
        """The samples (N,) of a score. The order of draws is docs/style-tts.md#random-numbers."""
        sound = yield from self.model.decode_steps(*self.decoded_from(prepared, rng))
        return _array(sound)

    def stream(self, prepared: "Prepared", rng: torch.Generator) -> Generator[np.ndarray | None, None, None]:
        """The same in pieces, each as soon as it is decoded, with None where it may be stopped; the same draws.

        A long one is not quite the same sound: docs/style-tts.md#the-first-sentence
        """
        for sound in self.model.decode_pieces(*self.decoded_from(prepared, rng)):
            yield None if sound is None else _array(sound)


class Prepared(NamedTuple):
    """A piece before it is sound: its score, and the ``style`` (1, 2S)."""

    score: Score
    style: Tensor

    @property
    def seconds(self) -> float:
        """How long it will sound."""
        return int(self.score.frames.sum()) * SAMPLES_PER_FRAME / SAMPLE_RATE

    def words(self, piece: Piece, begins_s: float = 0.0) -> tuple[SpokenWord, ...]:
        """When each word of a piece is spoken that begins at ``begins_s``: all frames of its phonemes."""
        ends = torch.cumsum(self.score.frames.cpu(), 0).double() * SAMPLES_PER_FRAME / SAMPLE_RATE
        starts = (torch.cat((ends.new_zeros(1), ends[:-1])) + begins_s).tolist()
        ends = (ends + begins_s).tolist()
        return tuple(
            SpokenWord(text=word.text, start_s=starts[word.first], end_s=ends[word.last]) for word in piece.words
        )


def _array(sound: Tensor) -> np.ndarray:
    return sound.flatten().float().cpu().numpy()
