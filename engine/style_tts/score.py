"""What the decoder is to play: how long each phoneme takes, and pitch and energy as a request wants them.

Letters: T phonemes, S size of one half of a style.
"""

import dataclasses
import math
from typing import Protocol

from torch import Tensor

from engine.steps import Steps
from engine.style_tts.synthesizer import DecoderInputs, EncodedText, Synthesizer

SEMITONES = 12


class Prosody(Protocol):
    """The options of a request that count here, as `engine.style_tts.options` declares them."""

    @property
    def speed(self) -> float:
        """How many times as fast."""

    @property
    def f0_shift(self) -> float:
        """How many semitones higher."""

    @property
    def energy_scale(self) -> float:
        """How many times as much energy."""


@dataclasses.dataclass(frozen=True, slots=True)
class Score:
    """``inputs`` of the decoder, and the ``frames`` (T,) that each phoneme takes of them."""

    inputs: DecoderInputs
    frames: Tensor


def score_steps(
    model: Synthesizer, text: EncodedText, style: Tensor, prosody: Prosody, *, extra_frames: int = 0
) -> Steps[Score]:
    """The score of one text in ``style`` (1, 2S), with ``extra_frames`` for its last phoneme."""
    durations = model.predict_durations(text, style, speed=prosody.speed)
    yield
    frames = durations.frames.clone()
    frames[-1] += extra_frames
    inputs = model.predict_contours(text, durations, style, frames)
    if prosody.f0_shift:
        inputs = dataclasses.replace(inputs, pitch=inputs.pitch * 2 ** (prosody.f0_shift / SEMITONES))
    if prosody.energy_scale != 1:
        # Energy is a logarithm.
        inputs = dataclasses.replace(inputs, energy=inputs.energy + math.log(prosody.energy_scale))
    return Score(inputs, frames)
