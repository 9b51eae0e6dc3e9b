"""The loaded system: text and a voice in, sound out."""

import contextlib
from collections.abc import Generator, Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from engine.device import is_at_hand
from engine.errors import EngineError, VoiceError
from engine.events import AudioChunk, Notice, Progress
from engine.request import Segment, Voice, VoicePrompt
from engine.steps import finish, with_progress
from engine.style_tts.config import SAMPLE_RATE
from engine.systems.styletts2 import compat, text, voices
from engine.systems.styletts2.checkpoint import reading
from engine.systems.styletts2.files import Recording, locate, recordings
from engine.systems.styletts2.front_end import StyleTTS2FrontEnd
from engine.systems.styletts2.networks.model import StyleTTS2
from engine.systems.styletts2.options import Options
from engine.systems.styletts2.speaking import Speaking
from engine.systems.styletts2.voice_encoder import VoiceEncoder


def load(checkpoint: Path, device: torch.device, dtype: torch.dtype) -> Generator[Progress, None, "StyleTTS2System"]:  # noqa: ARG001
    """A system from a checkpoint in the public layout, in float32, which pitch and phase need.

    The first use of everything is slow, so it happens here. Raises WeightsMissing, WeightsMismatch and ConfigError.
    """
    model = yield from reading(checkpoint)
    yield Progress(done=0, total=None, label="moving the network to its device")
    system = StyleTTS2System(model.to(device), device, recordings(locate(checkpoint).config))
    yield Progress(done=0, total=None, label="speaking for the first time")
    if is_at_hand(device):
        system.warm_up()
    return system


class StyleTTS2System:
    """A model, ready to speak. Nothing of a request stays in it."""

    sample_rate = SAMPLE_RATE

    def __init__(self, model: StyleTTS2, device: torch.device, known: Mapping[str, Recording]) -> None:
        self.model = model
        self._device = device
        self._multispeaker = model.config.multispeaker
        self.front_end = StyleTTS2FrontEnd(multispeaker=self._multispeaker, max_length=model.bert.max_length)
        self._voices = VoiceEncoder(model, known, device)

    @torch.inference_mode()
    def warm_up(self) -> None:
        """Say something to nobody: espeak starts, and torch chooses its kernels."""
        # A broken espeak is no reason to refuse phonemes; whoever gives it text is told.
        with contextlib.suppress(EngineError):
            text.read("warm 1", quotes=True)
        silence = torch.zeros(1, 2 * self.model.config.style_dim, device=self._device)
        ending = compat.usual_ending(multispeaker=self._multispeaker)
        speaking = Speaking(self.model, Options(alpha=0, beta=0), ending, reference=silence)
        finish(speaking.speak(text.encode("ə").ids, torch.Generator()))

    def parameters(self) -> Iterator[Tensor]:
        """The network's."""
        return self.model.parameters()

    def voices(self) -> tuple[str, ...]:
        """The recordings beside a checkpoint of many speakers; empty where there are none."""
        return self._voices.names

    def voice(self, name: str) -> Voice:
        """A recording beside the checkpoint, ``seed:N`` for a drawn style, ``style:…`` for a shared one.

        "" is the speaker of a model of one, whose style is sampled anew for each text, and else the first recording.
        Raises VoiceError.
        """
        return self._voices.named(name)

    def encode_voice(self, prompt: VoicePrompt) -> Voice:
        """The style of a recording. Raises VoiceError."""
        return self._voices.encode(prompt.samples, prompt.sample_rate)

    def segment(self, text: str, language: str, options: Options) -> list[Segment]:
        """The text by sentences; under ``compat`` as the reference cuts it. Raises TextError."""
        return self.front_end.segment(text, language, options)

    @torch.inference_mode()
    def synthesize(
        self, segments: Sequence[Segment], voice: Voice, options: Options, rng: torch.Generator
    ) -> Iterator[AudioChunk | Progress | Notice]:
        """Speak the segments, each as soon as those before it have been spoken.

        Raises TextError when nothing can be spoken, and VoiceError for a voice of another model.
        """
        style_text = self.front_end.style_text(options)
        speaking = Speaking(
            self.model,
            options,
            self._ending(options, len(segments)),
            reference=self._reference(voice),
            style_text=None if style_text is None else self.model.encode_ids(style_text.ids).bert,
        )
        index, silent = 0, True
        for item in self.front_end.read(segments, options):
            if isinstance(item, Notice):
                yield item
                continue
            for piece in item.pieces:
                if not piece.speaks:
                    continue
                progress = Progress(done=index, total=len(segments), label="speaking")
                # Only the first sound is waited for: what follows it is spoken whole, and exactly.
                if silent and not options.compat:
                    for samples in speaking.stream(piece.ids, rng):
                        yield progress if samples is None else _chunk(samples, index)
                else:
                    samples = yield from with_progress(speaking.speak(piece.ids, rng), progress)
                    yield _chunk(samples, index)
                silent = False
            index += 1
            yield Progress(done=index, total=len(segments), label="speaking")

    def _ending(self, options: Options, sentences: int) -> compat.Ending:
        if options.compat:
            return compat.published_ending(multispeaker=self._multispeaker, sentences=sentences)
        return compat.usual_ending(multispeaker=self._multispeaker)

    def _reference(self, voice: Voice) -> Tensor | None:
        """The style (1, 2S) of a voice; None for the speaker of a model of one. Raises VoiceError."""
        style = voices.fitting(voice, 2 * self.model.config.style_dim, multispeaker=self._multispeaker)
        if style is None and self._multispeaker:
            raise VoiceError(
                "the voice {voice!r} has no style, and this model needs one; make it from a recording", voice=voice.name
            )
        return None if style is None else torch.from_numpy(style).unsqueeze(0).to(self._device)


def _chunk(samples: np.ndarray, segment: int) -> AudioChunk:
    return AudioChunk(samples=samples, sample_rate=SAMPLE_RATE, segment=segment)
