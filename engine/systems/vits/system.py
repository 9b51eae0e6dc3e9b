"""The loaded system: a checkpoint's network, its voices, and the front end for its text."""

import contextlib
from collections.abc import Generator, Iterator, Sequence
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from engine.device import is_at_hand
from engine.errors import EngineError, VoiceError
from engine.events import AudioChunk, Notice, Progress
from engine.request import Segment, Voice, VoicePrompt
from engine.systems.vits import conversion, voices
from engine.systems.vits.checkpoint import reading
from engine.systems.vits.config import Config
from engine.systems.vits.front_end import VitsFrontEnd, front_end
from engine.systems.vits.networks.model import Scales, Vits
from engine.systems.vits.options import Options
from engine.systems.vits.speaking import FIRST_FRAMES, Synthesizer


def load(checkpoint: Path, device: torch.device, dtype: torch.dtype) -> Generator[Progress, None, "VitsSystem"]:
    """A system from a checkpoint on disk, warmed up, since the first use of everything is slow.

    Raises WeightsMissing, WeightsMismatch and ConfigError.
    """
    config, model = yield from reading(checkpoint)
    reads = front_end(checkpoint)
    yield Progress(done=0, total=None, label="moving the network to its device")
    system = VitsSystem(config, model, reads, device, dtype)
    yield Progress(done=0, total=None, label="speaking for the first time")
    if is_at_hand(device):
        system.warm_up()
    return system


class VitsSystem:
    """A model of the family, ready to speak. Nothing of a request stays in it."""

    def __init__(
        self, config: Config, model: Vits, front_end: VitsFrontEnd, device: torch.device, dtype: torch.dtype
    ) -> None:
        self.sample_rate = config.audio.sampling_rate
        self.model = model.to(device)
        if dtype != torch.float32:
            self.model.dec.reduce_precision(dtype)
        self._speakers = config.speakers
        self.front_end = front_end
        self._audio = config.audio
        self._synthesizer = Synthesizer(self.model, self.sample_rate, front_end.trial())

    @torch.inference_mode()
    def warm_up(self) -> None:
        """Speak once and drop the sound: espeak starts, and torch chooses its kernels."""
        # A broken espeak is no reason to refuse phonemes; whoever gives it text will be told.
        with contextlib.suppress(EngineError):
            self.front_end.warm_up()
        first = voices.number(self.voice(""))
        sound = self._synthesizer.decode([0] * 8, first, Scales(), torch.Generator(), FIRST_FRAMES)
        next(piece for piece in sound if piece is not None)
        self._synthesizer.gain(first)

    def parameters(self) -> Iterator[Tensor]:
        """The network's."""
        return self.model.parameters()

    def voices(self) -> tuple[str, ...]:
        """The speakers of the checkpoint in their order; empty for one."""
        return tuple(self._speakers)

    def voice(self, name: str) -> Voice:
        """A speaker by name or number; "" is the first. Raises VoiceError."""
        return voices.find(self._speakers, name)

    def encode_voice(self, _prompt: VoicePrompt) -> Voice:
        """Always raises VoiceError: these models cannot take a voice from a recording."""
        raise VoiceError("the voices of this system are fixed; choose one by name instead of giving a recording")

    def segment(self, text: str, language: str, options: Options) -> list[Segment]:
        """The text by sentences and clauses; under ``compat`` as it is. Raises TextError and ConfigError."""
        return self.front_end.segment(text, language, options)

    @torch.inference_mode()
    def synthesize(
        self, segments: Sequence[Segment], voice: Voice, options: Options, rng: torch.Generator
    ) -> Iterator[AudioChunk | Progress | Notice]:
        """Speak the segments: chunks as they are decoded, a Progress after each, a Notice when symbols are left out.

        Raises TextError when no symbol of the whole text is known, and under ``compat``, before any sound, when one is
        not.
        """
        read = self.front_end.read(segments, options)
        yield from self._synthesizer.speak(read, len(segments), voices.number(voice), options, rng)

    @torch.inference_mode()
    def convert(
        self, samples: np.ndarray, source: Voice, target: Voice, rng: torch.Generator
    ) -> Iterator[AudioChunk | Progress]:
        """``samples`` (n,) of the speaker ``source`` in the voice ``target``: first all is heard, then it is spoken.

        Raises VoiceError where the model was published for speaking alone, or has one voice.
        """
        rows = voices.number(source), voices.number(target)
        if self.model.enc_q is None or None in rows:
            raise VoiceError("this model cannot change one voice into another; choose one of several voices, whole")
        of, to = (torch.tensor([row], device=self.model.device) for row in rows)
        for made in conversion.latents(self.model, self._audio, torch.from_numpy(samples), of, to, rng):
            if isinstance(made, Progress):
                yield made
                continue
            frames, spoken = made.shape[-1], 0
            for piece in self._synthesizer.sound(made, to, FIRST_FRAMES):
                if piece is not None:
                    yield AudioChunk(samples=piece, sample_rate=self.sample_rate)
                    spoken += len(piece) // self._audio.hop_length
                yield Progress(done=spoken, total=frames, label="speaking")
