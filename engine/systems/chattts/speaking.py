"""One request on its way: texts to codes to sound, in batches, as a stream.

What carries over between pieces (a voice prompt made of the first) lives here and nowhere else: neither the request
nor the model is changed (docs/systems/chattts.md#from-text-to-sound).
"""

import dataclasses
import re
from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from engine.events import AudioChunk, Progress, Rewritten
from engine.nn.decoding.loop import Generated, generate
from engine.nn.decoding.sampling import Noise, Sampling
from engine.nn.decoding.step import preparing
from engine.nn.decoding.weights import Weights
from engine.systems.chattts.characters import HAN, WORD
from engine.systems.chattts.checkpoint import Networks
from engine.systems.chattts.config import HOP_LENGTH, MEL_PER_CODE, SAMPLE_RATE
from engine.systems.chattts.networks.embed import Prompt, lay_out
from engine.systems.chattts.networks.vocoder import Vocoder
from engine.systems.chattts.options import Options
from engine.systems.chattts.tokenizer import Tokenizer, code_prompts, levels, refine_prompt, speed
from engine.systems.chattts.tokens import CONTROL

# Classes that no filter drops, and the newest ones that the penalty counts (docs/systems/chattts.md#sampling-order).
MIN_KEPT, PENALTY_WINDOW = 3, 16
# Samples of the first chunk: a tenth of a second.
FIRST_SOUND = SAMPLE_RATE // 10
# Between the seeds of two attempts.
NEXT_ATTEMPT = 1_000_003
# Work can be stopped after so many steps (on a CPU after each: a batch of four takes a quarter of a second there), and
# after so many samples of a sound that is made at one go.
STEPS_AT_A_TIME = 8
SAMPLES_AT_A_TIME = 4 * SAMPLE_RATE
# A slow reader takes this many frames of 21 ms for each; what goes on beyond that is noise.
_FRAMES = {"least": 94, "character": 24, "word": 42, "break": 47}


@dataclass(frozen=True, slots=True, eq=False)
class Conditioning:
    """Who speaks: a speaker's embedding (H,) or None, and a prompt's codes (K, P) or None with its transcript."""

    speaker: Tensor | None = None
    codes: Tensor | None = None
    transcript: str = ""


@dataclass(frozen=True, slots=True)
class Piece:
    """A text that is spoken in one go, and which segment of the request it is."""

    text: str
    segment: int


@dataclass(slots=True)
class _Emitted:
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
        options, embed = self.options, self.networks.embed
        prompt = options.refine_prompt or levels(options.oral, options.laugh, options.break_)
        ids = [self.tokenizer.encode(refine_prompt(text, prompt)) for text in texts]
        sampling = Sampling(
            temperature=(options.refine_temperature,),
            top_p=options.refine_top_p,
            top_k=options.refine_top_k,
            min_kept=MIN_KEPT,
            repetition_penalty=options.refine_repetition_penalty,
            penalty_window=PENALTY_WINDOW,
            max_new_tokens=options.refine_max_new_tokens,
            min_new_tokens=options.refine_min_new_tokens,
            ensure_non_empty=options.ensure_non_empty,
        )
        laid = self._on_device(lay_out(ids, embed.config.n_codebooks))
        vocabulary, noise = embed.text_vocabulary(self.tokenizer.end_of_text), Noise(options.refine_seed)
        for result in generate(
            self.networks.gpt, vocabulary, embed(laid), laid.visible, sampling, noise,
            weights=self._weights(), stride=self._stride(),
        ):  # fmt: skip
            yield Progress(done=result.steps, total=None, label="refining")
        yield [self.tokenizer.decode_refined(result.ids(row).flatten().tolist()) for row in range(len(texts))]

    def with_prompt(self, conditioning: Conditioning, sound: Tensor, transcript: str) -> Conditioning:
        """``conditioning`` with ``sound`` (N,), in which ``transcript`` is said, as its sample."""
        # The encoder needs a few frames to say anything.
        if len(sound) <= self.networks.dvae.n_fft:
            return conditioning
        return dataclasses.replace(conditioning, codes=self.networks.dvae.encode(sound), transcript=transcript)

    def stream(
        self, pieces: Sequence[Piece], conditioning: Conditioning, attempt: int = 0
    ) -> Iterator[Progress | AudioChunk]:
        """A batch whose sound leaves as soon as nothing that follows can change it, piece after piece.

        A piece of which nothing has left yet is spoken again, with another seed, when it came out empty or did not end
        where its text must have.
        """
        emitted = _Emitted(pieces, [min(self.options.max_new_tokens, longest(piece.text)) for piece in pieces])
        every = self.options.stream_batch
        for result in self.generate(pieces, conditioning, max(emitted.limits), attempt=attempt):
            yield self._progress(emitted, result)
            if result.steps % every and not all(result.ended) and not self._is_first_sound(emitted, result):
                continue
            yield from self._emit(emitted, result, conditioning, attempt)
            if emitted.row == len(pieces):
                return
        # The steps or the model's context have run out before the texts had.
        emitted.limits = list(map(min, emitted.limits, result.lengths))
        yield from self._emit(emitted, result, conditioning, attempt)

    def rendered(self, frames: Tensor) -> Generator[Progress, None, Tensor]:
        """The whole sound (N,) of one text's frames (T, ·), in pieces between which the work can be stopped."""
        spans = []
        for start in range(0, _samples(len(frames)), SAMPLES_AT_A_TIME):
            stop = min(start + SAMPLES_AT_A_TIME, _samples(len(frames)))
            spans.append(self._vocoder().render_span(frames, start, stop))
            yield Progress(done=stop, total=_samples(len(frames)), label="decoding")
        return torch.cat(spans) if spans else torch.zeros(0)

    def _progress(self, emitted: _Emitted, result: Generated) -> Progress:
        """Until there is something to hear, how much of what that takes is there."""
        if not result.steps:
            return Progress(done=0, total=None, label="reading the text")
        if emitted.row or emitted.sent:
            return Progress(done=result.steps, total=None, label="speaking")
        needed = min(self._vocoder().frames_for(FIRST_SOUND), max(emitted.limits))
        return Progress(done=min(result.steps, needed), total=needed, label="working on the first sound")

    def _is_first_sound(self, emitted: _Emitted, result: Generated) -> bool:
        """Whether nothing has left yet, and what is due is long enough to play: nobody waits for a round number."""
        waiting = emitted.row == 0 and not emitted.sent
        return waiting and self._vocoder().settled(result.lengths[0]) >= FIRST_SOUND

    def _emit(
        self, emitted: _Emitted, result: Generated, conditioning: Conditioning, attempt: int
    ) -> Iterator[Progress | AudioChunk]:
        """What is due of the row that is playing, and of those behind it, as far as they have ended."""
        vocoder = self._vocoder()
        while emitted.row < len(emitted.pieces):
            row, limit = emitted.row, emitted.limits[emitted.row]
            length = min(result.lengths[row], limit)
            over = result.ended[row] or length == limit
            failed = over and not (result.ended[row] and length)
            if failed and not emitted.sent and attempt < self.options.retries:
                yield from self.stream([emitted.pieces[row]], conditioning, attempt + 1)
            elif length:
                end = _samples(length) if over else vocoder.settled(length)
                while emitted.sent < end:
                    stop = min(end, emitted.sent + SAMPLES_AT_A_TIME)
                    sound = vocoder.render_span(self.frames(result, row)[:length], emitted.sent, stop)
                    yield to_chunk(sound, emitted.pieces[row])
                    emitted.sent = stop
            if not over:
                return
            emitted.row, emitted.sent = row + 1, 0

    def generate(
        self,
        pieces: Sequence[Piece],
        conditioning: Conditioning,
        max_frames: int,
        *,
        attempt: int = 0,
        stride: int | None = None,
    ) -> Iterator[Generated]:
        """Codes for a batch of pieces, as `engine.nn.decoding.loop` yields them; every ``attempt`` has its own seed."""
        options, embed = self.options, self.networks.embed
        sampling = Sampling(
            temperature=(options.temperature,),
            top_p=options.top_p,
            top_k=options.top_k,
            min_kept=MIN_KEPT,
            repetition_penalty=options.repetition_penalty,
            penalty_window=PENALTY_WINDOW,
            max_new_tokens=max_frames,
            min_new_tokens=options.min_new_tokens,
            ensure_non_empty=options.ensure_non_empty,
        )
        prompts = code_prompts(
            [piece.text for piece in pieces],
            speed(options.speed, options.prompt),
            has_speaker=conditioning.speaker is not None,
            transcript=conditioning.transcript,
        )
        codes = None if conditioning.codes is None else conditioning.codes.cpu()
        laid = lay_out([self.tokenizer.encode(prompt) for prompt in prompts], embed.config.n_codebooks, codes)
        laid = self._on_device(laid)
        prompt = embed(laid, conditioning.speaker, self.tokenizer.speaker)
        noise = Noise((self.seed + attempt * NEXT_ATTEMPT) % 2**63)
        return generate(
            self.networks.gpt, embed.code_vocabulary(), prompt, laid.visible, sampling, noise,
            weights=self._weights(), stride=stride or self._stride(),
        )  # fmt: skip

    def frames(self, result: Generated, row: int) -> Tensor:
        """What the way to sound takes of one text: hidden states (T, H), or without the decoder codes (T, K)."""
        return result.hidden(row) if self.options.use_decoder else result.ids(row)

    def _stride(self) -> int:
        """The most steps at a time that divide the steps after which sound is let out."""
        at_a_time = 1 if self.networks.device.type == "cpu" else STEPS_AT_A_TIME
        return max(steps for steps in range(1, at_a_time + 1) if self.options.stream_batch % steps == 0)

    def prepare(self) -> Iterator[Progress]:
        """Make the weights that the steps need, and compile the step. Raises OptionError where it has no such."""
        return preparing(self.networks.weights, self.options.weights)

    def _weights(self) -> Weights | None:
        return self.networks.weights.get(self.options.weights)

    def _vocoder(self) -> Vocoder:
        return self.networks.vocoder(use_decoder=self.options.use_decoder)

    def _on_device(self, laid: Prompt) -> Prompt:
        to = self.networks.device
        return Prompt(ids=laid.ids.to(to), visible=laid.visible.to(to), is_text=laid.is_text.to(to))


def longest(text: str) -> int:
    """How many frames of codes ``text`` can take even when it is spoken slowly."""
    breaks = len(CONTROL.findall(text)) + len(re.findall("[。.，,、]", text))
    bare = CONTROL.sub(" ", text)
    counts = {"character": len(HAN.findall(bare)), "word": len(WORD.findall(bare)), "break": breaks}
    return _FRAMES["least"] + sum(_FRAMES[kind] * count for kind, count in counts.items())


def rewritten(texts: Sequence[str], options: Options) -> Rewritten:
    """The refined texts as one text that is spoken the same."""
    # Where texts are not split, only a line of dashes keeps them apart.
    return Rewritten(text=("\n" if options.split_text else "\n---\n").join(texts), options={"refine": False})


def to_chunk(wave: Tensor, piece: Piece) -> AudioChunk:
    """Samples (N,) of a piece as they leave."""
    samples = wave.float().cpu().numpy().astype(np.float32, copy=False)
    return AudioChunk(samples=samples, sample_rate=SAMPLE_RATE, segment=piece.segment)


def _samples(frames: int) -> int:
    return max(0, MEL_PER_CODE * frames - 1) * HOP_LENGTH
