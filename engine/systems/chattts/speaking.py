"""One request on its way: texts to codes to sound, in batches, as a stream.

What carries over between pieces (a voice prompt made of the first) lives here and nowhere else: neither the request
nor the model is changed. Specification, section 6.
"""

import dataclasses
from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor
from torch.nn.utils.rnn import pad_sequence

from engine.events import AudioChunk, Progress
from engine.nn.decoding.sampling import Noise, Sampling
from engine.systems.chattts.checkpoint import Networks
from engine.systems.chattts.config import HOP_LENGTH, MEL_PER_CODE, SAMPLE_RATE
from engine.systems.chattts.generate import Generated, generate
from engine.systems.chattts.networks.embed import Prompt, lay_out
from engine.systems.chattts.networks.vocoder import Vocoder
from engine.systems.chattts.options import Options
from engine.systems.chattts.quantize import FULL, Weights
from engine.systems.chattts.step import warm_up
from engine.systems.chattts.text import longest
from engine.systems.chattts.tokenizer import Tokenizer, code_prompts, levels, refine_prompt, speed

# The reference drops samples up to this from its results.
SILENCE = 1e-5
# Samples of the first chunk: a tenth of a second.
FIRST_SOUND = SAMPLE_RATE // 10
# Between the seeds of two attempts.
NEXT_ATTEMPT = 1_000_003
# Work can be stopped after so many steps (on a CPU after each: a batch of four takes a quarter of a second there), and
# after so many samples of a sound that is made at one go.
STEPS_AT_A_TIME = 8
SAMPLES_AT_A_TIME = 4 * SAMPLE_RATE


@dataclass(frozen=True, slots=True, eq=False)
class Timbre:
    """Who speaks: a speaker's vector (H,) or None, and a sample's codes (K, P) or None with its transcript."""

    speaker: Tensor | None = None
    codes: Tensor | None = None
    transcript: str = ""


@dataclass(frozen=True, slots=True)
class Piece:
    """A text that is spoken in one go, and which segment of the request it is."""

    text: str
    segment: int


@dataclass(slots=True)
class _Outlet:
    """How much of a batch has left: all pieces before ``row``, and of that one ``sent`` samples.

    No piece is longer than its limit, in frames.
    """

    pieces: Sequence[Piece]
    limits: list[int]
    row: int = 0
    sent: int = 0


@dataclass(frozen=True, slots=True)
class Speaking:
    """The parts and the parameters that every piece of a request shares; ``seed`` is that of the codes."""

    networks: Networks
    tokenizer: Tokenizer
    options: Options
    seed: int

    def refine(self, texts: Sequence[str]) -> Iterator[Progress | list[str]]:
        """The texts as the model rewrites them, all in one batch: Progress, and last the list of them."""
        options = self.options
        prompt = options.refine_prompt or levels(options.oral, options.laugh, options.break_)
        ids = [self.tokenizer.encode(refine_prompt(text, prompt)) for text in texts]
        sampling = Sampling(
            temperature=(options.refine_temperature,),
            top_p=options.refine_top_p,
            top_k=options.refine_top_k,
            repetition_penalty=options.refine_repetition_penalty,
            max_new_tokens=options.refine_max_new_tokens,
            min_new_tokens=options.refine_min_new_tokens,
            ensure_non_empty=options.ensure_non_empty,
        )
        embed = self.networks.embed
        laid = self._on_device(lay_out(ids, embed.config.n_codebooks))
        stage, noise = embed.text_stage(self.tokenizer.end_of_text), Noise(options.refine_seed)
        for result in generate(
            self.networks.gpt, stage, embed(laid), laid.visible, sampling, noise,
            weights=self._weights(), stride=self._stride(),
        ):  # fmt: skip
            yield Progress(done=result.steps, total=None, label="refining")
        yield [self.tokenizer.decode_refined(result.ids(row).flatten().tolist()) for row in range(len(texts))]

    def whole(self, pieces: Sequence[Piece], timbre: Timbre) -> Iterator[Progress | AudioChunk]:
        """A batch as the reference does it: all decoded together at the end, without the samples that are silent."""
        for result in self._generate(pieces, timbre, self._sampling(self.options.max_new_tokens), self.seed):
            yield Progress(done=result.steps, total=None, label="speaking")
        frames = [self._frames(result, row) for row in range(len(pieces))]
        # Padded to the longest: behind a short text the reference hears the networks' answers to zeros.
        for piece, padded in zip(pieces, pad_sequence(frames, batch_first=True), strict=True):
            wave = yield from self._rendered(padded)
            yield _chunk(wave[wave.abs() > SILENCE], piece)

    def scheduled(self, piece: Piece, timbre: Timbre) -> Iterator[Progress | AudioChunk]:
        """One piece by the reference's streaming schedule, section 6.1; every look decodes all that there is."""
        options, sent = self.options, 0
        for looks, result in enumerate(self._looks_of_the_schedule(piece, timbre), start=1):
            wave = yield from self._rendered(self._frames(result, 0))
            yield Progress(done=result.steps, total=None, label="speaking")
            if looks > options.pass_first_n_batches:
                end = min(sent + options.stream_speed, len(wave))
                yield _chunk(wave[sent:end], piece)
                sent = end
        rest = wave[sent:]
        yield _chunk(rest[rest.abs() > SILENCE], piece)

    def first(self, piece: Piece, timbre: Timbre) -> Iterator[Progress | Tensor]:
        """The piece that sets the voice of the others: Progress, and last its whole sound (N,)."""
        for result in self._generate([piece], timbre, self._sampling(self.options.max_new_tokens), self.seed):
            yield Progress(done=result.steps, total=None, label="setting the voice")
        yield (yield from self._rendered(self._frames(result, 0)))

    def with_prompt(self, timbre: Timbre, sound: Tensor, transcript: str) -> Timbre:
        """``timbre`` with ``sound`` (N,), in which ``transcript`` is said, as its sample."""
        # The encoder needs a few frames to say anything.
        if len(sound) <= self.networks.dvae.n_fft:
            return timbre
        return dataclasses.replace(timbre, codes=self.networks.dvae.encode(sound), transcript=transcript)

    def flowing(self, pieces: Sequence[Piece], timbre: Timbre, attempt: int = 0) -> Iterator[Progress | AudioChunk]:
        """A batch whose sound leaves as soon as nothing that follows can change it, piece after piece.

        A piece of which nothing has left yet is spoken again, with another seed, when it came out empty or did not end
        where its text must have.
        """
        outlet = _Outlet(pieces, [min(self.options.max_new_tokens, longest(piece.text)) for piece in pieces])
        seed = (self.seed + attempt * NEXT_ATTEMPT) % 2**63
        every = self.options.stream_batch
        for result in self._generate(pieces, timbre, self._sampling(max(outlet.limits)), seed):
            yield Progress(done=result.steps, total=None, label="speaking")
            if result.steps % every and not all(result.ended) and not self._is_first_sound(outlet, result):
                continue
            yield from self._let_out(outlet, result, timbre, attempt)
            if outlet.row == len(pieces):
                return
        # The steps or the model's context have run out before the texts had.
        outlet.limits = list(map(min, outlet.limits, result.lengths))
        yield from self._let_out(outlet, result, timbre, attempt)

    def _rendered(self, frames: Tensor) -> Generator[Progress, None, Tensor]:
        """The whole sound (N,) of one text's frames (T, ·), in pieces between which the work can be stopped."""
        spans = []
        for start in range(0, _samples(len(frames)), SAMPLES_AT_A_TIME):
            stop = min(start + SAMPLES_AT_A_TIME, _samples(len(frames)))
            spans.append(self._vocoder().render_span(frames, start, stop))
            yield Progress(done=stop, total=_samples(len(frames)), label="decoding")
        return torch.cat(spans) if spans else torch.zeros(0)

    def _is_first_sound(self, outlet: "_Outlet", result: Generated) -> bool:
        """Whether nothing has left yet, and what is due is enough to be heard: nobody waits for a round number."""
        waiting = outlet.row == 0 and not outlet.sent
        return waiting and self._vocoder().settled(result.lengths[0]) >= FIRST_SOUND

    def _let_out(
        self, outlet: "_Outlet", result: Generated, timbre: Timbre, attempt: int
    ) -> Iterator[Progress | AudioChunk]:
        """What is due of the row that is heard, and of those behind it, as far as they have ended."""
        vocoder = self._vocoder()
        while outlet.row < len(outlet.pieces):
            row, limit = outlet.row, outlet.limits[outlet.row]
            length = min(result.lengths[row], limit)
            over = result.ended[row] or length == limit
            failed = over and not (result.ended[row] and length)
            if failed and not outlet.sent and attempt < self.options.retries:
                yield from self.flowing([outlet.pieces[row]], timbre, attempt + 1)
            elif length:
                end = _samples(length) if over else vocoder.settled(length)
                while outlet.sent < end:
                    stop = min(end, outlet.sent + SAMPLES_AT_A_TIME)
                    sound = vocoder.render_span(self._frames(result, row)[:length], outlet.sent, stop)
                    yield _chunk(sound, outlet.pieces[row])
                    outlet.sent = stop
            if not over:
                return
            outlet.row, outlet.sent = row + 1, 0

    def _looks_of_the_schedule(self, piece: Piece, timbre: Timbre) -> Iterator[Generated]:
        """The results that the reference's schedule looks at, the last of them twice or thrice as published.

        It looks after every step at which the number of steps that did not end the text is a multiple: also at the step
        that ends it, when nothing was added.
        """
        every = self.options.stream_batch
        sampling = self._sampling(self.options.max_new_tokens)
        for result in self._generate([piece], timbre, sampling, self.seed, stride=1):
            if result.steps and result.lengths[0] % every == 0:
                yield result
        yield result

    def _generate(
        self, pieces: Sequence[Piece], timbre: Timbre, sampling: Sampling, seed: int, stride: int | None = None
    ) -> Iterator[Generated]:
        embed = self.networks.embed
        prompts = code_prompts(
            [piece.text for piece in pieces],
            speed(self.options.speed, self.options.prompt),
            has_speaker=timbre.speaker is not None,
            transcript=timbre.transcript,
        )
        codes = None if timbre.codes is None else timbre.codes.cpu()
        laid = lay_out([self.tokenizer.encode(prompt) for prompt in prompts], embed.config.n_codebooks, codes)
        laid = self._on_device(laid)
        prompt = embed(laid, timbre.speaker, self.tokenizer.speaker)
        return generate(
            self.networks.gpt, embed.code_stage(), prompt, laid.visible, sampling, Noise(seed),
            weights=self._weights(), stride=stride or self._stride(),
        )  # fmt: skip

    def _stride(self) -> int:
        """The most steps at a time of which some number makes a look at the sound."""
        at_a_time = 1 if self.networks.device.type == "cpu" else STEPS_AT_A_TIME
        return max(steps for steps in range(1, at_a_time + 1) if self.options.stream_batch % steps == 0)

    def prepare(self) -> Iterator[Progress]:
        """Make the weights that the steps need, and compile the step. Raises OptionError where it has no such."""
        yield Progress(done=0, total=1, label="preparing the weights")
        weights = self._weights()
        if weights:
            warm_up(weights)
        yield Progress(done=1, total=1, label="preparing the weights")

    def _weights(self) -> Weights | None:
        """What the reference computes with is float32."""
        return self.networks.weights(FULL if self.options.compat else self.options.weights)

    def _sampling(self, max_new_tokens: int) -> Sampling:
        options = self.options
        return Sampling(
            temperature=(options.temperature,),
            top_p=options.top_p,
            top_k=options.top_k,
            repetition_penalty=options.repetition_penalty,
            max_new_tokens=max_new_tokens,
            min_new_tokens=options.min_new_tokens,
            ensure_non_empty=options.ensure_non_empty,
        )

    def _vocoder(self) -> Vocoder:
        return self.networks.vocoder(use_decoder=self.options.use_decoder)

    def _frames(self, result: Generated, row: int) -> Tensor:
        return result.hidden(row) if self.options.use_decoder else result.ids(row)

    def _on_device(self, laid: Prompt) -> Prompt:
        to = self.networks.device
        return Prompt(ids=laid.ids.to(to), visible=laid.visible.to(to), is_text=laid.is_text.to(to))


def _samples(frames: int) -> int:
    return max(0, MEL_PER_CODE * frames - 1) * HOP_LENGTH


def _chunk(wave: Tensor, piece: Piece) -> AudioChunk:
    samples = wave.float().cpu().numpy().astype(np.float32, copy=False)
    return AudioChunk(samples=samples, sample_rate=SAMPLE_RATE, segment=piece.segment)
