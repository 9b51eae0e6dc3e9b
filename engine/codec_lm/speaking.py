"""Texts to sound with one prompt: drawn in a batch, kept from going astray, and let out in their order.

Letters: T frames of the prompt, G generated frames, Q codebooks, N samples.
"""

import dataclasses
from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from engine.codec_lm.generation import Take, Utterance, all_codebooks, best, first_codebook, longest, takes
from engine.codec_lm.guard import FRAME_RATE, LONGEST_PAUSE_S, before_loop, longest_silence, looping
from engine.codec_lm.model import Loaded
from engine.codec_lm.options import Controls
from engine.codecs.encodec import SAMPLE_RATE
from engine.device import multiplies_halves
from engine.errors import TextError
from engine.events import Notice, Progress
from engine.nn.decoding.loop import Generated
from engine.nn.decoding.sampling import Noise, Sampling
from engine.nn.decoding.step import preparing
from engine.nn.decoding.weights import EIGHT_BIT, FULL
from engine.steps import Steps, with_progress

# What makes sound (N,), on the CPU, of codes (G, Q).
Render = Callable[[Tensor], Steps[Tensor]]
# Rows that are drawn at once: by then a step on a CPU is no longer bound by reading the weights.
ROWS = 8
RETRIES = 2
# Steps between two looks for a loop, and between two at an accelerator, at which work can be stopped.
LOOK_EVERY, DEVICE_STRIDE = 25, 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Manner:
    """How to draw, in the words of the systems' options (docs/codec-lm.md#the-order-of-sampling).

    ``top_k`` below 1 and ``top_p`` 1 do nothing. ``max_frames`` bounds a text. ``guard`` draws again what has gone
    astray. ``end_when_likeliest`` is VALL-E's rule. ``published`` does all as the reference: no guard, and no bound
    but its own.
    """

    temperature: float = 1.0
    top_k: int = 0
    top_p: float = 1.0
    best_of: int = 1
    length_penalty: float = 1.0
    max_frames: int = 30 * FRAME_RATE
    guard: bool = True
    end_when_likeliest: bool = False
    published: bool = False
    weights: str = FULL

    def sampling(self) -> Sampling:
        """The same for the decoding loop; without a temperature the likeliest class is taken."""
        greedy = self.temperature == 0
        return Sampling(
            max_new_tokens=1 << 14,
            temperature=(1.0 if greedy else self.temperature,),
            top_k=1 if greedy else self.top_k if self.top_k > 0 else None,
            top_p=self.top_p if self.top_p < 1 else None,
            top_k_first=True,
            end_when_likeliest=self.end_when_likeliest,
            scored=self.best_of > 1,
            ensure_non_empty=not self.published,
        )


@dataclass(frozen=True, slots=True)
class Spoken:
    """One text of a batch, by its ``index``: its codes (G, Q) and its sound (N,)."""

    index: int
    codes: Tensor
    sound: Tensor


def manner(controls: Controls, *, end_when_likeliest: bool = False) -> Manner:
    """How to draw, as a request wants it; under ``compat`` as the reference."""
    return Manner(
        temperature=controls.temperature,
        top_k=controls.top_k,
        top_p=controls.top_p,
        best_of=controls.best_of,
        length_penalty=controls.length_penalty,
        max_frames=int(controls.max_audio_s * FRAME_RATE),
        guard=controls.repetition_guard and not controls.compat,
        end_when_likeliest=end_when_likeliest,
        published=controls.compat,
        weights=FULL if controls.compat else controls.weights,
    )


def begin(loaded: Loaded, how: Manner, render: Render, rng: torch.Generator) -> Generator[Progress, None, "Speaking"]:
    """A request's speaking, with the decoding step compiled for the weights that it wants.

    Where these are in eight bits, the NAR stages multiply in bfloat16 if the processor does that by itself.
    """
    half = False
    if loaded.weights is not None:
        yield from preparing(loaded.weights, how.weights)
        half = loaded.weights.kind(how.weights) == EIGHT_BIT and multiplies_halves()
    return Speaking(loaded, how, Noise(rng), render, SAMPLE_RATE, half)


@dataclass(frozen=True, slots=True)
class Speaking:
    """A model and a manner; ``render`` makes sound at ``sample_rate``; ``half``: the NAR stages are in bfloat16."""

    loaded: Loaded
    manner: Manner
    noise: Noise
    render: Render
    sample_rate: int
    half: bool = False

    @property
    def at_once(self) -> int:
        """How many texts make a batch; a model with cross-attention takes one."""
        return 1 if self.loaded.model.config.cross else max(1, ROWS // self.manner.best_of)

    @torch.inference_mode()
    def speak(self, utterances: Sequence[Utterance], prompt: Tensor) -> Iterator[Progress | Notice | Spoken]:
        """Speak ``utterances`` after ``prompt`` (T, Q): each, in order, as soon as those before it are there.

        Raises TextError where the reference's way leaves nothing, and VoiceError where a prompt is needed.
        """
        limits, done = [self.limit(utterance) for utterance in utterances], 0
        for result in self._drawn(utterances, prompt, limits):
            yield Progress(done=result.steps, total=None, label="speaking")
            while done < len(utterances) and self._is_over(result, done, limits[done]):
                yield from self._finished(result, done, utterances[done], prompt, limits[done])
                done += 1
        # All that still went on were going round in circles.
        for index in range(done, len(utterances)):
            yield from self._finished(result, index, utterances[index], prompt, limits[index])

    def limit(self, utterance: Utterance) -> int:
        """The most frames of a text: the reference's bound, or a tighter one for what is new, and ``max_frames``."""
        published = longest(self.loaded.model.config, utterance)
        if self.manner.published:
            return published
        new = len(utterance.ids) - utterance.enrolled
        return max(1, min(published, 16 * max(new, 4), self.manner.max_frames))

    def _drawn(self, utterances: Sequence[Utterance], prompt: Tensor, limits: Sequence[int]) -> Iterator[Generated]:
        """The batch as it grows, until all have ended or, with the guard, all that go on are going round."""
        manner, copies = self.manner, self.manner.best_of
        on_cpu = self.loaded.device.type == "cpu"
        # Scores count the step after the last, as the reference's do, and so does the noise that it uses up.
        steps = [limit + 1 for limit in limits]
        for result in first_codebook(
            self.loaded, utterances, prompt[:, 0], manner.sampling(), self.noise, weights=manner.weights,
            copies=copies, limits=steps, stride=1 if on_cpu or manner.published else DEVICE_STRIDE,
        ):  # fmt: skip
            yield result
            if manner.guard and not manner.published and result.steps and result.steps % LOOK_EVERY == 0:
                running = [row for row, ended in enumerate(result.ended) if not ended]
                if running and all(looping(result.ids(row)[:, 0].cpu().numpy()) for row in running):
                    return

    def _is_over(self, result: Generated, index: int, limit: int) -> bool:
        rows = self._rows(index)
        return all(result.ended[row] for row in rows) or result.steps > limit

    def _rows(self, index: int) -> range:
        return range(index * self.manner.best_of, (index + 1) * self.manner.best_of)

    def _finished(
        self, result: Generated, index: int, utterance: Utterance, prompt: Tensor, limit: int
    ) -> Generator[Progress | Notice | Spoken, None, None]:
        """One text of a batch to sound; what has gone astray is drawn again, alone."""
        found = self._takes(result, index, limit, prompt)
        if self.manner.published:
            yield from self._published(index, utterance, prompt, best(found))
            return
        attempts = RETRIES if self.manner.guard and self.manner.temperature > 0 else 0
        for attempt in range(attempts + 1):
            whole = [take for take in found if self._is_whole(take, utterance)]
            if whole or attempt == attempts:
                take = best(whole) if whole else self._rescued(found)
                codes = yield from all_codebooks(self.loaded, utterance, prompt, take.codes, half=self.half)
                sound = yield from self.rendered(codes)
                silence = longest_silence(sound.numpy(), self.sample_rate) if self.manner.guard else 0.0
                if attempt == attempts or silence <= LONGEST_PAUSE_S:
                    if self.manner.guard and (not whole or silence > LONGEST_PAUSE_S):
                        yield Notice(
                            message="a piece of the text went astray and was cut; listen to it, and try another seed"
                        )
                    yield Spoken(index, codes, sound)
                    return
            for result in self._drawn([utterance], prompt, [limit]):
                yield Progress(done=result.steps, total=None, label="speaking again")
            found = self._takes(result, 0, limit, prompt)

    def _published(
        self, index: int, utterance: Utterance, prompt: Tensor, take: Take
    ) -> Generator[Progress | Spoken, None, None]:
        if not len(take.codes):
            raise TextError("the model ended before it began, as the reference then fails; try another seed")
        codes = yield from all_codebooks(self.loaded, utterance, prompt, take.codes)
        yield Spoken(index, codes, (yield from self.rendered(codes)))

    def rendered(self, codes: Tensor) -> Generator[Progress, None, Tensor]:
        """The sound (N,) of ``codes`` (G, Q)."""
        return (yield from with_progress(self.render(codes), Progress(done=0, total=None, label="decoding")))

    def _takes(self, result: Generated, index: int, limit: int, prompt: Tensor) -> list[Take]:
        seen = len(prompt) + self.loaded.model.config.begin
        return takes(result, self._rows(index), limit, seen, self.manner.length_penalty)

    def _is_whole(self, take: Take, utterance: Utterance) -> bool:
        """Whether a take ended by itself, is no shorter than a frame for each id, and is no loop; always, unguarded."""
        if not self.manner.guard:
            return len(take.codes) > 0
        enough = len(take.codes) >= len(utterance.ids) - utterance.enrolled - 2
        return take.ended and enough and not looping(take.codes.cpu().numpy())

    def _rescued(self, found: Sequence[Take]) -> Take:
        """The best take of none that is whole, without the loop that it ends in."""
        take = best(found)
        codes = take.codes.cpu().numpy()
        if not self.manner.guard or not looping(codes):
            return take
        return dataclasses.replace(take, codes=take.codes[: before_loop(codes)])


def to_samples(sound: Tensor) -> np.ndarray:
    """Sound (N,) as it leaves: float32."""
    return sound.float().cpu().numpy().astype(np.float32, copy=False)
