"""One request on its way: phoneme ids and a voice to sound, sentence by sentence, the style carried along.

What carries over from one sentence to the next lives here and nowhere else.
"""

from collections.abc import Generator, Sequence

import numpy as np
import torch
from torch import Tensor

from engine.steps import Steps
from engine.style_tts.score import score_steps
from engine.style_tts.synthesizer import DecoderInputs, EncodedText
from engine.systems.styletts2.compat import Ending
from engine.systems.styletts2.networks import diffusion
from engine.systems.styletts2.networks.model import StyleTTS2
from engine.systems.styletts2.networks.style import carried, mixed
from engine.systems.styletts2.options import Options


class Speaking:
    """A request: the model, what was asked for, and ``previous``, the style of the sentence before.

    ``reference`` (1, 2S) is the voice's own style, if it has one; with ``style_text`` (1, T, E), PL-BERT's features of
    another text, styles are sampled for that instead of what is said.
    """

    def __init__(
        self,
        model: StyleTTS2,
        options: Options,
        ending: Ending,
        *,
        reference: Tensor | None,
        style_text: Tensor | None = None,
    ) -> None:
        self.model = model
        self.options = options
        self.device = next(model.parameters()).device
        self.previous: Tensor | None = None
        self._ending = ending
        self._reference = reference
        self._style_text = style_text

    def speak(self, ids: Sequence[int], rng: torch.Generator) -> Steps[np.ndarray]:
        """The samples (N,) of phoneme ``ids``. The order of draws is docs/systems/styletts2.md#random-numbers."""
        inputs, style, noise = yield from self._prepared(ids, rng)
        sound = yield from self.model.decode_steps(inputs, style, noise)
        return _array(sound)[: noise.shape[1] - self._ending.cut]

    def stream(self, ids: Sequence[int], rng: torch.Generator) -> Generator[np.ndarray | None, None, None]:
        """The same in pieces, each as soon as it is decoded, with None where it may be stopped; the same draws.

        A long sentence is not quite the same sound: docs/style-tts.md#the-first-sentence
        """
        inputs, style, noise = yield from self._prepared(ids, rng)
        left = noise.shape[1] - self._ending.cut
        for piece in self.model.decode_pieces(inputs, style, noise):
            if piece is None:
                yield None
            else:
                samples = _array(piece)[:left]
                left -= len(samples)
                yield samples

    def _prepared(self, ids: Sequence[int], rng: torch.Generator) -> Steps[tuple[DecoderInputs, Tensor, Tensor]]:
        """What the decoder needs: its inputs, the style (1, 2S), the noise of the source (1, N, 9)."""
        text = yield from self.model.encode_ids_steps(ids)
        yield
        style = yield from self._style(text, rng)
        score = yield from score_steps(self.model, text, style, self.options, extra_frames=self._ending.extra_frames)
        yield
        return score.inputs, style, self.model.draw_noise(score.inputs.pitch.shape[1], rng)

    def _style(self, text: EncodedText, rng: torch.Generator) -> Steps[Tensor]:
        """The style (1, 2S) of the next sentence. Noise is drawn for it even where the voice's own style is taken."""
        options, model = self.options, self.model
        start, step_noise = diffusion.draw_noise(2 * model.config.style_dim, options.diffusion_steps, rng)
        if self._reference is not None and options.alpha == options.beta == 0:
            return self._reference
        guided = text.bert.shape[1] >= self._ending.least_guided
        style = yield from model.diffusion.sample_steps(
            text.bert if self._style_text is None else self._style_text,
            start.to(self.device),
            step_noise.to(self.device),
            scale=options.embedding_scale if guided else 1.0,
            features=self._reference if model.config.multispeaker else None,
        )
        if self.previous is not None:
            style = carried(style, self.previous, options.style_carry)
        if self._reference is not None:
            style = mixed(style, self._reference, alpha=options.alpha, beta=options.beta)
        self.previous = style
        return style


def _array(sound: Tensor) -> np.ndarray:
    return sound.flatten().float().cpu().numpy()
