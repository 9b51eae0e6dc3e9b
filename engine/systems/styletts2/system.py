"""The loaded system: text and a voice in, sound out."""

import contextlib
import re
from collections.abc import Generator, Iterator, Sequence
from pathlib import Path
from typing import TypeVar

import torch
from torch import Tensor

from engine.audio import decode
from engine.errors import ConfigError, EngineError, TextError, VoiceError
from engine.events import AudioChunk, Notice, Progress
from engine.request import Segment, Voice, VoicePrompt
from engine.systems.styletts2 import reference, text, voices
from engine.systems.styletts2.checkpoint import load_model
from engine.systems.styletts2.config import SAMPLE_RATE
from engine.systems.styletts2.diffusion import draw_noise
from engine.systems.styletts2.files import locate
from engine.systems.styletts2.model import StyleTTS2
from engine.systems.styletts2.options import Options
from engine.systems.styletts2.recordings import Recording, recordings
from engine.systems.styletts2.speaking import Speaking, encode
from engine.systems.styletts2.steps import Steps, finish
from engine.systems.styletts2.text import prepare
from engine.text.segment import split

# Characters of a segment, and of the first, whose sound is waited for.
MAX_CHARS, FIRST_MAX_CHARS = 200, 120
# Phonemes of a piece. The position table has 512, but voices get noisy in long sentences before that.
MAX_PHONEMES = 400
MAX_COMPAT_CHARS = 10_000
SEED = re.compile(r"seed:\s*(\d{1,18})", re.IGNORECASE)
# What the style of a drawn voice listens to: "It was a bright day, and they walked along the river."
NEUTRAL = "ɪt wʌz ɐ bɹˈaɪt dˈeɪ , ænd ðeɪ wˈɔːkt ɐlˈɔŋ ðə ɹˈɪvɚ ."
NEUTRAL_STEPS = 10

Result = TypeVar("Result")


def load(checkpoint: Path, device: torch.device, dtype: torch.dtype) -> Generator[Progress, None, "StyleTTS2System"]:  # noqa: ARG001
    """A system from a checkpoint in the public layout, in float32, which pitch and phase need.

    The first use of everything is slow, so it happens here. Raises WeightsMissing, WeightsMismatch and ConfigError.
    """
    yield Progress(done=0, total=3, label="reading the weights")
    config, _ = locate(checkpoint)
    model = read(checkpoint)
    yield Progress(done=1, total=3, label="moving the network")
    system = StyleTTS2System(model.to(device), device, recordings(config))
    yield Progress(done=2, total=3, label="warming up")
    system.warm_up()
    yield Progress(done=3, total=3, label="ready")
    return system


def read(checkpoint: Path) -> StyleTTS2:
    """The network of a checkpoint, on the CPU. Raises what `load` raises of it."""
    model = load_model(checkpoint)
    tokens = min(model.config.n_token, model.config.plbert.vocab_size)
    if tokens != len(text.SYMBOLS):
        raise ConfigError(
            f"the model has {tokens} symbols (n_token) instead of {len(text.SYMBOLS)}; it reads another alphabet"
        )
    return model


class StyleTTS2System:
    """A model, ready to speak. Nothing of a request stays in it."""

    sample_rate = SAMPLE_RATE

    def __init__(self, model: StyleTTS2, device: torch.device, known: dict[str, Recording]) -> None:
        self.model = model
        self._device = device
        self._multispeaker = model.config.multispeaker
        self._recordings = known if self._multispeaker else {}
        # Of the recordings beside the checkpoint, each made when it is first asked for.
        self._recorded_voices: dict[str, Voice] = {}
        self._limit = min(MAX_PHONEMES, model.bert.max_length - 1)

    @torch.inference_mode()
    def warm_up(self) -> None:
        """Say something to nobody: espeak and the grammars start, and torch chooses its kernels."""
        # A broken espeak is no reason to refuse phonemes; whoever gives it text will hear of it.
        with contextlib.suppress(EngineError):
            text.read("warm 1", quotes=True)
        size = 2 * self.model.config.style_dim
        silence = torch.zeros(1, size, device=self._device)
        speaking = Speaking(self.model, Options(alpha=0, beta=0), reference=silence)
        finish(speaking.speak(text.encode("ə").ids, torch.Generator()))

    def parameters(self) -> Iterator[Tensor]:
        """The network's."""
        return self.model.parameters()

    def voices(self) -> tuple[str, ...]:
        """The recordings beside a checkpoint of many speakers; empty where there are none."""
        return tuple(self._recordings)

    def voice(self, name: str) -> Voice:
        """A recording beside the checkpoint, ``seed:N`` for a drawn style, ``style:…`` for a shared one.

        "" is the speaker of a model of one, whose style is sampled anew for each text, and else the first recording.
        Raises VoiceError.
        """
        name = name.strip()
        if name.startswith(voices.PREFIX):
            return voices.from_string(name, multispeaker=self._multispeaker)
        if drawn := SEED.fullmatch(name):
            return self._drawn(int(drawn[1]))
        if not name and not self._multispeaker:
            return Voice(system=voices.SYSTEM, name="")
        if not name and not self._recordings:
            raise VoiceError(
                "this model speaks in the voice of a recording: give one of 3 to 15 s, or choose a saved voice"
            )
        name = name or next(iter(self._recordings))
        if name not in self._recordings:
            known = ", ".join(list(self._recordings)[:20]) or "those you save"
            raise VoiceError(f"there is no voice {name[:40]!r}; the voices are {known}, and seed:NUMBER draws one")
        return self._recorded(name)

    def encode_voice(self, prompt: VoicePrompt) -> Voice:
        """The style of a recording. Raises VoiceError."""
        if not self._multispeaker:
            raise VoiceError(
                "this model has one speaker and takes no voice from a recording; one of many, such as LibriTTS, does"
            )
        style = reference.style_of(self.model, prompt.samples, prompt.sample_rate, self._device)
        return voices.voice_of(style, "a recording", multispeaker=True)

    def segment(self, text: str, language: str, options: Options) -> list[Segment]:
        """The text by sentences; under ``compat`` as the reference cuts it. Raises TextError."""
        if not text.strip():
            raise TextError("the text is empty; there is nothing to say")
        if options.compat:
            return _as_published(text, language)
        if options.cleaned:
            return [Segment(text=" ".join(text.split()), language=language)]
        # Before it is cut: what an abbreviation or a mark means shows in what is around it.
        segments = split(prepare(text), language, max_chars=MAX_CHARS, first_max_chars=FIRST_MAX_CHARS)
        if not segments:
            raise TextError("the text has no letters and no digits; there is nothing to say")
        return segments

    @torch.inference_mode()
    def synthesize(
        self, segments: Sequence[Segment], voice: Voice, options: Options, rng: torch.Generator
    ) -> Iterator[AudioChunk | Progress | Notice]:
        """Speak the segments, each as soon as those before it have been spoken.

        Raises TextError when nothing can be spoken, and VoiceError for a voice of another model.
        """
        long_form = options.compat and len(segments) > 1
        if options.compat:
            self._check(segments, options)
        mood = None
        if options.style_text and options.compat:
            yield Notice(message="under compat style_text is not heard, because the reference does not hear it either")
        elif options.style_text:
            mood = self._mood(options)
        speaking = Speaking(self.model, options, reference=self._reference(voice), mood=mood, long_form=long_form)
        told: set[str] = set()
        silent = True
        for index, segment in enumerate(segments):
            for piece in self._pieces(segment, options, long_form=long_form):
                new = [symbol for symbol in piece.unknown if symbol not in told]
                if new and not options.compat:
                    told.update(new)
                    yield Notice(message=f"left out, because the model has no symbol for it: {_quoted(new)}")
                if not piece.speaks and not options.compat:
                    continue
                silent = False
                progress = Progress(done=index, total=len(segments), label="speaking")
                samples = yield from _telling(speaking.speak(piece.ids, rng), progress)
                yield AudioChunk(samples=samples, sample_rate=SAMPLE_RATE, segment=index)
            yield Progress(done=index + 1, total=len(segments), label="speaking")
        if silent:
            raise TextError("nothing in this text has a sound that the model knows; it speaks English")

    def _pieces(self, segment: Segment, options: Options, *, long_form: bool) -> Iterator[text.Encoded]:
        """A segment as ids, in several pieces where it turns out to be too long."""
        if options.compat:
            yield text.encode(self._read_as_published(segment, options, long_form=long_form))
            return
        phonemes = segment.text if options.cleaned else text.read(segment.text, quotes=self._multispeaker)
        yield from map(text.encode, text.cut(phonemes, self._limit))

    def _read_as_published(self, segment: Segment, options: Options, *, long_form: bool) -> str:
        if options.cleaned:
            return segment.text
        return text.read_as_published(segment.text, multispeaker=self._multispeaker, long_form=long_form)

    def _check(self, segments: Sequence[Segment], options: Options) -> None:
        """Under ``compat``, what the reference would fall over. Raises TextError before there is any sound."""
        for segment in segments:
            (piece,) = self._pieces(segment, options, long_form=len(segments) > 1)
            if len(piece.ids) == 1:
                raise TextError(f"{segment.text[:40]!r} has no sound that the model knows; leave it out")
            if len(piece.ids) > self.model.bert.max_length:
                raise TextError(
                    f"a sentence has {len(piece.ids)} phonemes, and the model reads {self.model.bert.max_length}; "
                    "cut it, or leave compat off, which does so"
                )

    def _mood(self, options: Options) -> Tensor:
        """What the style is to listen to, (1, T, E). Raises TextError."""
        read = text.encode(text.read(options.style_text, quotes=self._multispeaker))
        if not read.speaks:
            raise TextError("nothing in style_text has a sound that the model knows; write an English sentence")
        ids = read.ids[: self.model.bert.max_length]
        return encode(self.model, ids, self._device).bert

    def _reference(self, voice: Voice) -> Tensor | None:
        style = voices.fitting(voice, 2 * self.model.config.style_dim, multispeaker=self._multispeaker)
        if style is None and self._multispeaker:
            raise VoiceError(
                f"the voice {voice.name!r} has no style, and this model needs one; make it from a recording"
            )
        return None if style is None else torch.from_numpy(style).unsqueeze(0).to(self._device)

    def _recorded(self, name: str) -> Voice:
        if name not in self._recorded_voices:
            samples = decode.read(self._recordings[name].read(), sample_rate=SAMPLE_RATE)
            style = reference.style_of(self.model, samples, SAMPLE_RATE, self._device)
            self._recorded_voices[name] = voices.voice_of(style, name, multispeaker=True)
        return self._recorded_voices[name]

    @torch.inference_mode()
    def _drawn(self, seed: int) -> Voice:
        """The style that a number stands for. Of many speakers it is a random mixture of those that there are."""
        name, rng = f"seed:{seed}", torch.Generator().manual_seed(seed)
        if not self._multispeaker:
            start, step_noise = draw_noise(2 * self.model.config.style_dim, NEUTRAL_STEPS, rng)
            heard = encode(self.model, text.encode(NEUTRAL).ids, self._device).bert
            style = self.model.diffusion.sample(heard, start.to(self._device), step_noise.to(self._device))
            return voices.voice_of(style.float().cpu().numpy(), name, multispeaker=False)
        if len(self._recordings) < 2:
            raise VoiceError(
                "this model draws voices by mixing recordings, and there are none beside it; give your own"
            )
        chosen = torch.randperm(len(self._recordings), generator=rng)[:3].tolist()
        shares = torch.rand(len(chosen), generator=rng).tolist()
        names = list(self._recordings)
        mixed = voices.blend([(self._recorded(names[n]), share) for n, share in zip(chosen, shares, strict=True)])
        return voices.voice_of(mixed.tensors[voices.TENSOR], name, multispeaker=True)


def _as_published(passage: str, language: str) -> list[Segment]:
    """One sentence as it is; of several, each piece between full stops with one at its end."""
    if len(passage) > MAX_COMPAT_CHARS:
        raise TextError(
            f"the text has {len(passage):,} characters; compat speaks at most {MAX_COMPAT_CHARS:,}, so cut it"
        )
    sentences = [sentence for sentence in passage.split(".") if sentence.strip()]
    if len(sentences) < 2:
        return [Segment(text=passage, language=language)]
    return [Segment(text=f"{sentence}.", language=language) for sentence in sentences]


def _telling(work: Steps[Result], progress: Progress) -> Generator[Progress, None, Result]:
    """``work`` with ``progress`` told at each step, where it may be stopped."""
    while True:
        try:
            next(work)
        except StopIteration as end:
            return end.value
        yield progress


def _quoted(symbols: Sequence[str]) -> str:
    return " ".join(map(repr, symbols[:20])) + (" …" if len(symbols) > 20 else "")
