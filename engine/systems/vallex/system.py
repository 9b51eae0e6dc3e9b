"""The loaded system: text and a voice in, sound out."""

from collections import Counter
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
from engine.systems.vallex import voices
from engine.systems.vallex.checkpoint import Networks, read
from engine.systems.vallex.front_end import VallexFrontEnd
from engine.systems.vallex.options import Options
from engine.systems.vallex.speaking import Prompt, speak, speak_as_published
from engine.systems.vallex.text import PreparedSegment


def load(checkpoint: Path, device: torch.device, dtype: torch.dtype) -> Generator[Progress, None, "VallexSystem"]:
    """A system from a checkpoint in the public layout. Raises WeightsMissing, WeightsMismatch and ConfigError."""
    return VallexSystem((yield from read(checkpoint, device, dtype)))


class VallexSystem:
    """A model, ready to speak. Nothing of a request stays in it."""

    def __init__(self, networks: Networks) -> None:
        self.networks = networks
        self.front_end = VallexFrontEnd()
        self.sample_rate = networks.codecs.sample_rate

    def parameters(self) -> Iterator[Tensor]:
        """The networks', and those of the codecs that have been needed so far."""
        return chain(self.networks.loaded.model.parameters(), self.networks.codecs.parameters())

    def voices(self) -> tuple[str, ...]:
        """The prompts that lie beside the checkpoint."""
        return tuple(self.networks.presets)

    def voice(self, name: str) -> Voice:
        """A preset, or "" for whoever the model makes up. Raises VoiceError."""
        return voices.parse(name, self.networks.presets)

    @torch.inference_mode()
    def encode_voice(self, prompt: VoicePrompt) -> Voice:
        """The codes of a recording at 24 kHz, with what is said in it. Raises VoiceError, and WeightsMissing."""
        return Voice(
            system=voices.SYSTEM,
            name="a recording",
            tensors={"codes": self.networks.codecs.voice(prompt)},
            meta={"transcript": prompt.transcript, "language": prompt.language},
        )

    def segment(self, text: str, language: str, options: Options) -> list[Segment]:
        """The text by sentences; under ``compat`` as the reference cuts it. Raises TextError."""
        return self.front_end.segment(text, language, options)

    @torch.inference_mode()
    def synthesize(
        self, segments: Sequence[Segment], voice: Voice, options: Options, rng: torch.Generator
    ) -> Iterator[AudioChunk | Progress | Notice]:
        """Speak the segments. Raises TextError, VoiceError, OptionError, and WeightsMissing without a decoder."""
        prompt = self._prompt(voice, options)
        yield from remarks(len(prompt.codes), told=bool(prompt.ids))
        render = self.networks.codecs.decoder(options.decoder, (VOCOS, ENCODEC))
        speaking = yield from begin(self.networks.loaded, manner(options), render, rng)
        sentences: list[PreparedSegment] = []
        for read_segment in self.front_end.read(segments, options):
            if isinstance(read_segment, Notice):
                yield read_segment
                continue
            sentences.append(read_segment)
            yield Progress(done=len(sentences), total=len(segments), label="reading the text")
        if options.compat:
            yield from speak_as_published(speaking, sentences, prompt, options, rng)
        else:
            yield from speak(speaking, sentences, prompt, options)

    def _prompt(self, voice: Voice, options: Options) -> Prompt:
        """What of ``voice`` the model is given. Raises VoiceError, TextError and EngineError."""
        voices.check(voice)
        if "codes" not in voice.tensors:
            return Prompt.nobody()
        codes = torch.from_numpy(voice.tensors["codes"].astype("int64"))
        if "text_ids" in voice.tensors:
            return Prompt(codes, tuple(voice.tensors["text_ids"].tolist()), voice.meta["language"])
        transcript, language = voice.meta.get("transcript", ""), voice.meta.get("language", "")
        if not transcript.strip():
            return Prompt(codes, (), "en")
        said = self.front_end.transcript(transcript, language, options)
        return Prompt(codes, said.ids, Counter(said.languages or ("en",)).most_common(1)[0][0])
