"""The loaded system: text and a voice in, sound out."""

from collections.abc import Generator, Iterator, Sequence
from itertools import chain
from pathlib import Path

import torch
from torch import Tensor

from engine.codec_lm.prompts import remarks
from engine.codec_lm.sound import ENCODEC, VOCOS
from engine.codec_lm.speaking import begin, manner
from engine.events import AudioChunk, Notice, Progress
from engine.request import Segment, Voice, VoicePrompt
from engine.systems.valle import voices
from engine.systems.valle.checkpoint import Networks, read
from engine.systems.valle.front_end import ValleFrontEnd
from engine.systems.valle.options import Options
from engine.systems.valle.speaking import Piece, Prompt, Reader, continue_recording, speak


def load(checkpoint: Path, device: torch.device, dtype: torch.dtype) -> Generator[Progress, None, "ValleSystem"]:
    """A system from what a training has left. Raises WeightsMissing, WeightsMismatch and ConfigError."""
    return ValleSystem((yield from read(checkpoint, device, dtype)))


class ValleSystem:
    """A model, ready to speak. Nothing of a request stays in it."""

    def __init__(self, networks: Networks) -> None:
        self.networks = networks
        self.front_end = ValleFrontEnd(networks.table)
        self.sample_rate = networks.codecs.sample_rate

    def parameters(self) -> Iterator[Tensor]:
        """The networks', and those of the codecs that have been needed so far."""
        return chain(self.networks.loaded.model.parameters(), self.networks.codecs.parameters())

    def voices(self) -> tuple[str, ...]:
        """None: a checkpoint has no voices of its own."""
        return ()

    def voice(self, name: str) -> Voice:
        """Nobody's, for "": voices are made of recordings. Raises VoiceError."""
        return voices.parse(name)

    @torch.inference_mode()
    def encode_voice(self, prompt: VoicePrompt) -> Voice:
        """The codes of a recording at 24 kHz, with what is said in it. Raises VoiceError, and WeightsMissing."""
        return Voice(
            system=voices.SYSTEM,
            name="a recording",
            tensors={"codes": self.networks.codecs.voice(prompt)},
            meta={"transcript": prompt.transcript},
        )

    def segment(self, text: str, language: str, options: Options) -> list[Segment]:
        """The text by sentences and clauses; under ``compat`` as it is. Raises TextError."""
        return self.front_end.segment(text, language, options)

    @torch.inference_mode()
    def synthesize(
        self, segments: Sequence[Segment], voice: Voice, options: Options, rng: torch.Generator
    ) -> Iterator[AudioChunk | Progress | Notice]:
        """Speak the segments. Raises TextError, VoiceError, OptionError, and WeightsMissing without a decoder."""
        prompt = self._prompt(voice)
        yield from remarks(len(prompt.codes), told=bool(prompt.transcript))
        render = self.networks.codecs.decoder(options.decoder, (ENCODEC, VOCOS))
        speaking = yield from begin(self.networks.loaded, manner(options, end_when_likeliest=True), render, rng)
        pieces: list[Piece] = []
        for said in self.front_end.read(segments, options):
            if isinstance(said, Notice):
                yield said
                continue
            pieces.append(Piece(segments[len(pieces)], said))
            yield Progress(done=len(pieces), total=len(segments), label="reading the text")
        yield from (continue_recording if options.continual else speak)(
            speaking, Reader(self.front_end, options), pieces, prompt
        )

    def _prompt(self, voice: Voice) -> Prompt:
        """What of ``voice`` the model is given. Raises VoiceError."""
        voices.check(voice)
        if "codes" not in voice.tensors:
            return Prompt.nobody()
        codes = torch.from_numpy(voice.tensors["codes"].astype("int64"))
        return Prompt(codes, voice.meta.get("transcript", "").strip())
