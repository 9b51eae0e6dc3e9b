"""One request on its way: phoneme ids and a voice to sound, sentence by sentence, the style carried along.

What carries over lives here and nowhere else. Specification, sections 5 and 8.
"""

import dataclasses
import math
from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from engine.steps import Steps
from engine.systems.styletts2.networks import diffusion, source
from engine.systems.styletts2.networks.model import EncodedText, Score, StyleTTS2
from engine.systems.styletts2.networks.style import carried, mixed
from engine.systems.styletts2.options import Options

# The models of one speaker end abruptly without them.
END_FRAMES = 5
# The models of many speakers end in a pulse, and this many samples hide it.
END_CUT, END_CUT_LONG = 50, 100
# With fewer phonemes guidance turns speech into noise.
LEAST_GUIDED = 10
SEMITONES = 12


class Speaking:
    """A request: the model, what was asked for, and ``previous``, the style of the sentence before.

    ``reference`` (1, 2S) is the voice's own style, if it has one; ``mood`` (1, T, E) is what the style listens to
    instead of the text; ``long_form`` ends sentences as the reference's procedure for long texts does.
    """

    def __init__(
        self,
        model: StyleTTS2,
        options: Options,
        *,
        reference: Tensor | None,
        mood: Tensor | None = None,
        long_form: bool = False,
    ) -> None:
        self.model = model
        self.options = options
        self.device = next(model.parameters()).device
        self._reference = reference
        self._mood = mood
        self._long_form = long_form
        self.previous: Tensor | None = None

    def speak(self, ids: Sequence[int], rng: torch.Generator) -> Steps[np.ndarray]:
        """The samples (N,) of phoneme ``ids``. Random numbers are drawn in the reference's order (section 5.8)."""
        text = encode(self.model, ids, self.device)
        yield
        style = yield from self._style(text, rng)
        score = self._score(text, style)
        yield
        noise = source.draw_noise(score.pitch.shape[1], rng)
        sound = yield from self.model.playing(score, style, noise)
        samples = sound.flatten().float().cpu().numpy()
        return samples[: len(samples) - self._end_cut()]

    def _style(self, text: EncodedText, rng: torch.Generator) -> Steps[Tensor]:
        """The style (1, 2S) of the next sentence. Noise is drawn for it even where the voice's own style is taken."""
        options, model = self.options, self.model
        start, step_noise = diffusion.draw_noise(2 * model.config.style_dim, options.diffusion_steps, rng)
        if self._reference is not None and options.alpha == options.beta == 0:
            return self._reference
        short = not options.compat and text.bert.shape[1] < LEAST_GUIDED
        style = yield from model.diffusion.sampling(
            text.bert if self._mood is None else self._mood,
            start.to(self.device),
            step_noise.to(self.device),
            scale=1.0 if short else options.embedding_scale,
            features=self._reference if model.config.multispeaker else None,
        )
        if self.previous is not None:
            style = carried(style, self.previous, options.style_carry)
        if self._reference is not None:
            style = mixed(style, self._reference, alpha=options.alpha, beta=options.beta)
        self.previous = style
        return style

    def _score(self, text: EncodedText, style: Tensor) -> Score:
        options, model = self.options, self.model
        rhythm = model.rhythm(text, style, speed=options.speed)
        frames = rhythm.frames.clone()
        if not model.config.multispeaker and not self._long_form:
            frames[-1] += END_FRAMES
        score = model.score(text, rhythm, style, frames)
        if options.f0_shift:
            score = dataclasses.replace(score, pitch=score.pitch * 2 ** (options.f0_shift / SEMITONES))
        if options.energy_scale != 1:
            # Energy is a logarithm.
            score = dataclasses.replace(score, energy=score.energy + math.log(options.energy_scale))
        return score

    def _end_cut(self) -> int:
        if not self.model.config.multispeaker:
            return 0
        return END_CUT_LONG if self._long_form else END_CUT


def encode(model: StyleTTS2, ids: Sequence[int], device: torch.device) -> EncodedText:
    """What the model makes of one text's ids."""
    batch = torch.tensor([list(ids)], device=device)
    return model.encode_text(batch, torch.tensor([len(ids)], device=device))
