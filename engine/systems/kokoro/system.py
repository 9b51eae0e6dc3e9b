"""The loaded system: text and a voice in, sound out."""

import contextlib
from collections.abc import Generator, Iterator, Sequence
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from engine.config_file import read_json
from engine.device import is_at_hand
from engine.errors import EngineError, VoiceError
from engine.events import AudioChunk, Notice, Progress, Words
from engine.message import Message
from engine.request import Segment, Voice, VoicePrompt
from engine.steps import finish, with_progress
from engine.style_tts.config import SAMPLE_RATE
from engine.style_tts.synthesizer import Synthesizer
from engine.systems.kokoro import voices
from engine.systems.kokoro.checkpoint import reading
from engine.systems.kokoro.files import locate, packs
from engine.systems.kokoro.front_end import KokoroFrontEnd, of_config
from engine.systems.kokoro.languages import Language, of_tag
from engine.systems.kokoro.options import Options
from engine.systems.kokoro.packs import Packs
from engine.systems.kokoro.phonemes import Phonemes, phonemize
from engine.systems.kokoro.speaking import Speaking
from engine.systems.kokoro.text import MOST_PHONEMES, encode


def load(checkpoint: Path, device: torch.device, dtype: torch.dtype) -> Generator[Progress, None, "KokoroSystem"]:  # noqa: ARG001
    """A system from a checkpoint in the public layout, in float32, which pitch and phase need.

    The first use of everything is slow, so it happens here. Raises WeightsMissing, WeightsMismatch and ConfigError.
    """
    config = locate(checkpoint).config
    model = yield from reading(checkpoint)
    yield Progress(done=0, total=None, label="moving the network to its device")
    front_end = of_config(read_json(config))
    system = KokoroSystem(model.to(device), front_end, Packs(packs(config.parent)))
    yield Progress(done=0, total=None, label="speaking for the first time")
    if is_at_hand(device):
        system.warm_up()
    return system


class KokoroSystem:
    """A model, ready to speak. Nothing of a request stays in it."""

    sample_rate = SAMPLE_RATE

    def __init__(self, model: Synthesizer, front_end: KokoroFrontEnd, known: Packs) -> None:
        self.model = model
        self.front_end = front_end
        self._packs = known

    @torch.inference_mode()
    def warm_up(self) -> None:
        """Say something to nobody: the front end starts, and torch chooses its kernels."""
        # A broken espeak is no reason to refuse phonemes; whoever gives it text is told.
        with contextlib.suppress(EngineError):
            phonemize("warm up", "a", frozenset(self.front_end.vocabulary))
        silence = np.zeros((MOST_PHONEMES, 2 * self.model.config.style_dim), np.float32)
        speaking = Speaking(self.model, Options(), silence)
        piece = encode(Phonemes(next(iter(self.front_end.vocabulary)) * 4, ()), self.front_end.vocabulary)
        finish(speaking.play(finish(speaking.prepare(piece)), torch.Generator()))

    def parameters(self) -> Iterator[Tensor]:
        """The network's."""
        return self.model.parameters()

    def voices(self) -> tuple[str, ...]:
        """The voices beside the checkpoint."""
        return self._packs.names

    def voice(self, name: str) -> Voice:
        """A voice by its name, or a mix, ``af_heart=2,bf_emma=1``; "" is the first. Raises VoiceError."""
        return self._packs.voice(name.strip())

    def encode_voice(self, _prompt: VoicePrompt) -> Voice:
        """Always raises VoiceError: these models cannot take a voice from a recording."""
        raise VoiceError("the voices of this system are fixed; choose one by name instead of giving a recording")

    def segment(self, text: str, language: str, options: Options) -> list[Segment]:
        """The text by sentences; under ``compat`` as the reference cuts it. Raises TextError."""
        return self.front_end.segment(text, language, options)

    @torch.inference_mode()
    def synthesize(
        self, segments: Sequence[Segment], voice: Voice, options: Options, rng: torch.Generator
    ) -> Iterator[AudioChunk | Progress | Notice | Words]:
        """Speak the segments, each as soon as those before it have been spoken.

        Raises TextError when nothing can be spoken, and VoiceError for a voice of another model.
        """
        pack = voices.fitting(voice, 2 * self.model.config.style_dim)
        speaking = Speaking(self.model, options, pack)
        yield from _accents(voice, segments)
        index, silent = 0, True
        for item in self.front_end.read(segments, options):
            if isinstance(item, Notice):
                yield item
                continue
            begins_s = 0.0
            for piece in item.pieces:
                if not piece.speaks:
                    continue
                progress = Progress(done=index, total=len(segments), label="speaking")
                prepared = yield from with_progress(speaking.prepare(piece), progress)
                if words := prepared.words(piece, begins_s):
                    yield Words(words=words, segment=index)
                begins_s += prepared.seconds
                # Only the first sound is waited for: what follows it is spoken whole, and exactly.
                if silent and not options.compat:
                    for samples in speaking.stream(prepared, rng):
                        yield progress if samples is None else _chunk(samples, index)
                else:
                    samples = yield from with_progress(speaking.play(prepared, rng), progress)
                    yield _chunk(samples, index)
                silent = False
            index += 1
            yield Progress(done=index, total=len(segments), label="speaking")


def _accents(voice: Voice, segments: Sequence[Segment]) -> Iterator[Notice]:
    """That a voice speaks another language than its own, once for each."""
    own = voices.language_of(voice)
    if own is None:
        return
    spoken: dict[str, Language] = {language.code: language for language in map(of_tag, _tags(segments))}
    for code, language in spoken.items():
        if code != own.code:
            yield Notice(
                message=Message(
                    "the voice {voice} is of another language ({own}), and speaks {language} with an accent",
                    voice=voice.name,
                    own=own.name,
                    language=language.name,
                )
            )


def _tags(segments: Sequence[Segment]) -> list[str]:
    return [segment.language for segment in segments]


def _chunk(samples: np.ndarray, segment: int) -> AudioChunk:
    return AudioChunk(samples=samples, sample_rate=SAMPLE_RATE, segment=segment)
