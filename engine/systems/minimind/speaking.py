"""One request on its way: ids of text behind a voice's, codes one by one, and their sound while more are made.

Nothing of a request stays in the model. Letters: Q codes of the voice, G generated codes.
"""

from collections.abc import Generator, Iterator
from contextlib import closing
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from engine.codec_lm.guard import before_loop, looping, suspect
from engine.codecs.windows import Stream
from engine.errors import TextError
from engine.events import AudioChunk, Notice, Progress
from engine.nn.decoding.loop import Generated, generate
from engine.nn.decoding.sampling import Noise, Sampling
from engine.nn.decoding.step import preparing
from engine.nn.decoding.weights import FULL, Weights
from engine.steps import with_progress
from engine.systems.minimind.checkpoint import Networks
from engine.systems.minimind.networks.lm import lay_out
from engine.systems.minimind.options import Options
from engine.systems.minimind.text import PreparedSegment

# The penalty sees so many of the newest codes.
PENALTY_WINDOW = 64
# Of a text that went astray before anything of it was heard another take is drawn, so many times, with such a penalty.
RETRIES, PENALTY_AGAIN = 2, 1.2
# What a text may take beyond what its ids take, in seconds.
SPARE_S = 1.0
# New codes are looked at so often, in seconds.
LOOK_S = 0.1
SPEAKING = Progress(done=0, total=None, label="speaking")


@dataclass(frozen=True, slots=True, eq=False)
class Prompt:
    """A voice: its codes (Q,), and the ids of what is said in them."""

    codes: Tensor
    ids: tuple[int, ...] = ()

    @classmethod
    def nobody(cls) -> "Prompt":
        """No voice at all: the model makes one up."""
        return cls(torch.zeros(0, dtype=torch.int64))


@dataclass(frozen=True, slots=True)
class Speaking:
    """The parts and the parameters that every piece of a request shares."""

    networks: Networks
    options: Options
    noise: Noise

    def prepare(self) -> Iterator[Progress]:
        """Make the weights that the steps need, and compile the step. Raises OptionError where it has no such."""
        if self.networks.weights is not None:
            yield from preparing(self.networks.weights, self._which)

    def speak(self, index: int, said: PreparedSegment, prompt: Prompt) -> Iterator[AudioChunk | Notice | Progress]:
        """One piece of a text, the segment ``index`` of the request, in the voice of a prompt.

        With the guard, what loops or does not end is drawn again if nothing of it was heard, else cut. Raises TextError
        for a text that leaves no room in the model's context, and under ``compat`` where the model says nothing.
        """
        if self.options.compat:
            yield from self._published(index, said, prompt)
            return
        penalty = self.options.repetition_penalty
        for left in reversed(range(RETRIES + 1 if self.options.repetition_guard else 1)):
            astray = yield from self._take(index, said, prompt, penalty, is_last=not left)
            if not astray:
                return
            penalty = max(penalty, PENALTY_AGAIN)

    def _take(
        self, index: int, said: PreparedSegment, prompt: Prompt, penalty: float, *, is_last: bool
    ) -> Generator[AudioChunk | Notice | Progress, None, bool]:
        """One draw of a piece; whether it went astray before anything was heard, and another may be drawn."""
        rate, guarded = self.networks.codec.codes_per_s, self.options.repetition_guard
        stream = self.networks.codec.stream(prompt.codes.view(1, 1, -1) if len(prompt.codes) else None)
        given, heard, looped, looked = 0, False, False, 0
        with closing(self._drawn(said, prompt, penalty)) as drawn:
            for result in drawn:
                yield SPEAKING
                if len(codes := _codes(result)) < looked + LOOK_S * rate:
                    continue
                looked = len(codes)
                seen = codes.cpu().numpy()
                if looped := guarded and looping(seen, rate):
                    break
                settled = looked - (suspect(seen, rate) if guarded else 0)
                if settled > given:
                    for event in self._sounding(stream, codes[given:settled], index):
                        heard = heard or isinstance(event, AudioChunk)
                        yield event
                    given = settled
        codes = _codes(result)
        astray = guarded and (looped or not result.ended[0])
        if astray and not heard and not is_last:
            return True
        if looped:
            codes = codes[: before_loop(codes.cpu().numpy(), rate)]
        yield from self._sounding(stream, codes[given:], index, is_last=True)
        if astray:
            yield Notice(message="a piece of the text went astray and was cut; listen to it, and try another seed")
        return False

    def _sounding(
        self, stream: Stream, codes: Tensor, index: int, *, is_last: bool = False
    ) -> Iterator[AudioChunk | Progress]:
        """What sound is known with more ``codes`` (G,), or where they are the last, all of it."""
        if len(codes):
            yield from self._chunk((yield from with_progress(stream.push(codes.view(1, 1, -1)), SPEAKING)), index)
        if is_last:
            yield from self._chunk((yield from with_progress(stream.finish(), SPEAKING)), index)

    def _published(
        self, index: int, said: PreparedSegment, prompt: Prompt
    ) -> Generator[AudioChunk | Progress, None, None]:
        """A piece as the reference would speak it: the new codes alone, and all of their sound at once."""
        with closing(self._drawn(said, prompt, 1.0)) as drawn:
            for result in drawn:
                codes = _codes(result)
                yield SPEAKING
        if not len(codes):
            raise TextError("the model ended before it began, as the reference then fails; try another seed")
        decoding = Progress(done=0, total=None, label="decoding")
        sound = yield from with_progress(self.networks.codec.decode_steps(codes.view(1, 1, -1)), decoding)
        yield from self._chunk(sound, index)

    def _chunk(self, sound: Tensor, index: int) -> Iterator[AudioChunk]:
        """Sound (1, N) as it leaves."""
        if sound.numel():
            samples = sound[0].float().cpu().numpy().astype(np.float32, copy=False)
            yield AudioChunk(samples=samples, sample_rate=self.networks.codec.sample_rate, segment=index)

    def _drawn(self, said: PreparedSegment, prompt: Prompt, penalty: float) -> Generator[Generated, None, None]:
        """Codes behind the prompt's and the text's, as `engine.nn.decoding.loop` yields them."""
        lm, options = self.networks.lm, self.options
        laid = lay_out([(*prompt.ids, *said.ids)], [prompt.codes.cpu()], closed=False).to(self.networks.device)
        greedy = options.temperature == 0
        sampling = Sampling(
            max_new_tokens=self._longest(said),
            temperature=(1.0 if greedy else options.temperature,),
            top_k=1 if greedy else options.top_k or None,
            top_p=options.top_p if options.top_p < 1 and not greedy else None,
            repetition_penalty=penalty,
            penalty_window=PENALTY_WINDOW,
            penalty_once=True,
            min_new_tokens=self._shortest(said),
            ensure_non_empty=not options.compat,
        )
        return generate(
            lm.body, lm.vocabulary(), lm.embed(laid), laid.visible, sampling, self.noise, weights=self._weights()
        )

    def _longest(self, said: PreparedSegment) -> int:
        """The most codes of a piece."""
        codec, options = self.networks.codec, self.options
        wanted = options.max_new_tokens
        if not wanted:
            wanted = round((self.networks.vocabulary.slowest_s * len(said.ids) + SPARE_S) * codec.codes_per_s)
        return wanted if options.compat else max(1, min(wanted, round(options.max_audio_s * codec.codes_per_s)))

    def _shortest(self, said: PreparedSegment) -> int:
        """The fewest codes of a piece, before which it cannot end."""
        if self.options.compat or not self.options.repetition_guard:
            return 0
        return int(self.networks.vocabulary.fastest_s * len(said.ids) * self.networks.codec.codes_per_s)

    @property
    def _which(self) -> str:
        return FULL if self.options.compat else self.options.weights

    def _weights(self) -> Weights | None:
        return None if self.networks.weights is None else self.networks.weights.get(self._which)


def _codes(result: Generated) -> Tensor:
    return result.ids(0)[:, 0]
