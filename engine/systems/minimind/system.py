"""The loaded system: text and a voice in, sound out."""

from collections.abc import Generator, Iterator, Sequence
from itertools import chain
from pathlib import Path

import torch
from torch import Tensor

from engine.codec_lm.prompts import check_length
from engine.errors import VoiceError
from engine.events import AudioChunk, Notice, Progress
from engine.nn.decoding.sampling import Noise
from engine.request import Segment, Voice, VoicePrompt
from engine.systems.minimind import voices
from engine.systems.minimind.checkpoint import Networks, read
from engine.systems.minimind.front_end import MiniMindFrontEnd
from engine.systems.minimind.options import Options
from engine.systems.minimind.speaking import Prompt, Speaking


def load(checkpoint: Path, device: torch.device, dtype: torch.dtype) -> Generator[Progress, None, "MiniMindSystem"]:
    """A system from a folder with a language model and its codec (docs/systems/minimind.md#the-checkpoint).

    Raises WeightsMissing, WeightsMismatch and ConfigError.
    """
    return MiniMindSystem((yield from read(checkpoint, device, dtype)))


class MiniMindSystem:
    """A model, ready to speak. Nothing of a request stays in it."""

    def __init__(self, networks: Networks) -> None:
        self.networks = networks
        self.front_end = MiniMindFrontEnd(networks.vocabulary)
        self.sample_rate = networks.codec.sample_rate

    def parameters(self) -> Iterator[Tensor]:
        """The networks'."""
        return chain(self.networks.lm.parameters(), self.networks.codec.parameters())

    def voices(self) -> tuple[str, ...]:
        """None: a checkpoint has no voices of its own."""
        return ()

    def voice(self, name: str) -> Voice:
        """Whoever the model makes up, for "": other voices are made of recordings. Raises VoiceError."""
        return voices.parse(name)

    @torch.inference_mode()
    def encode_voice(self, prompt: VoicePrompt) -> Voice:
        """The codes of a recording at 24 kHz, with what is said in it. Raises VoiceError."""
        codec = self.networks.codec
        if prompt.sample_rate != codec.sample_rate:
            raise VoiceError(
                "the recording has {sample_rate} Hz; give it at {wanted}",
                sample_rate=prompt.sample_rate,
                wanted=codec.sample_rate,
            )
        check_length(len(prompt.samples) / codec.sample_rate)
        samples = torch.from_numpy(prompt.samples).float().to(self.networks.device)
        return Voice(
            system=voices.SYSTEM,
            name="a recording",
            tensors={"codes": voices.checked_codes(codec.encode(samples.unsqueeze(0))[0].cpu().numpy())},
            meta={
                "transcript": prompt.transcript,
                "codec": self.networks.mark,
                "rate": f"{codec.codes_per_s:g}",
            },
        )

    def segment(self, text: str, language: str, options: Options) -> list[Segment]:
        """The text by sentences and clauses; under ``compat`` as it is. Raises TextError."""
        return self.front_end.segment(text, language, options)

    @torch.inference_mode()
    def synthesize(
        self, segments: Sequence[Segment], voice: Voice, options: Options, rng: torch.Generator
    ) -> Iterator[AudioChunk | Progress | Notice]:
        """Speak the segments, each as soon as the one before has ended. Raises TextError, VoiceError, OptionError."""
        prompt = self._prompt(voice, options)
        if len(prompt.codes) and not prompt.ids:
            yield Notice(message="what is said in the sample is not known; with its text the voice is likened better")
        speaking = Speaking(self.networks, options, Noise(rng))
        yield from speaking.prepare()
        index = 0
        for said in self.front_end.read(segments, options):
            if isinstance(said, Notice):
                yield said
                continue
            if said.ids:
                yield from speaking.speak(index, said, prompt)
            index += 1

    def _prompt(self, voice: Voice, options: Options) -> Prompt:
        """What of ``voice`` the model is given. Raises VoiceError."""
        voices.check(voice)
        if "codes" not in voice.tensors:
            return Prompt.nobody()
        if voice.meta.get("codec", self.networks.mark) != self.networks.mark:
            raise VoiceError(
                "the voice {voice} was made with another codec, whose codes this model does not know; make it anew of "
                "its recording",
                voice=voice.name,
            )
        codes = torch.from_numpy(voice.tensors["codes"][0].astype("int64"))
        if int(codes.max()) >= self.networks.lm.config.n_codes:
            raise VoiceError(
                "the voice {voice} holds the code {code}, and this model knows {known}; it is of another codec",
                voice=voice.name,
                code=int(codes.max()),
                known=self.networks.lm.config.n_codes,
            )
        ids = self.front_end.transcript(voice.meta.get("transcript", ""), options)
        return Prompt(codes.to(self.networks.device), ids)
