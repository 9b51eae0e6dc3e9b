"""The loaded system: text and a voice in, sound out."""

import dataclasses
from collections.abc import Generator, Iterator, Sequence
from itertools import chain
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from engine.device import is_at_hand
from engine.errors import VoiceError, WeightsMismatch
from engine.events import AudioChunk, Notice, Progress, Rewritten
from engine.request import Segment, Voice, VoicePrompt
from engine.systems.chattts import compat, stability, voices
from engine.systems.chattts.checkpoint import Networks, read
from engine.systems.chattts.config import SAMPLE_RATE
from engine.systems.chattts.files import locate
from engine.systems.chattts.front_end import ChatTTSFrontEnd, PreparedSegment, table_of
from engine.systems.chattts.options import Options
from engine.systems.chattts.speaking import Conditioning, Piece, Speaking, rewritten
from engine.systems.chattts.text import close, prepare, speaks
from engine.systems.chattts.tokenizer import Tokenizer

MAX_RECORDING_S = 60


def load(checkpoint: Path, device: torch.device, dtype: torch.dtype) -> Generator[Progress, None, "ChatTTSSystem"]:
    """A system from a checkpoint in the public layout.

    Raises WeightsMissing, WeightsMismatch and ConfigError.
    """
    networks = yield from read(checkpoint, device, dtype)
    files = locate(checkpoint)
    yield Progress(done=0, total=None, label="reading the tokenizer and the rules for text")
    tokenizer = Tokenizer(files.tokenizer)
    if tokenizer.size > networks.embed.config.n_text:
        raise WeightsMismatch(
            "the tokenizer has {size} tokens and the weights know {n_text}; they are not of the same checkpoint",
            size=tokenizer.size,
            n_text=networks.embed.config.n_text,
        )
    system = ChatTTSSystem(networks, tokenizer, ChatTTSFrontEnd(table_of(files.asset), tokenizer.characters))
    if is_at_hand(device):
        system.warm_up()
    return system


class ChatTTSSystem:
    """A model, ready to speak. Nothing of a request stays in it."""

    sample_rate = SAMPLE_RATE

    def __init__(self, networks: Networks, tokenizer: Tokenizer, front_end: ChatTTSFrontEnd) -> None:
        self.networks = networks
        self.tokenizer = tokenizer
        self.front_end = front_end
        self._hidden = networks.embed.config.hidden
        # The statistics are of the published size; a model of another has other speakers.
        published = voices.published_statistics()
        self._statistics = published if len(published.mean) == self._hidden else None

    def warm_up(self) -> None:
        """Compile the rules that read text, so that the first request does not wait for them."""
        prepare("热1。warm 1.")

    def parameters(self) -> Iterator[Tensor]:
        """The networks'."""
        parts = (self.networks.gpt, self.networks.embed, self.networks.decoder, self.networks.dvae, self.networks.vocos)
        return chain.from_iterable(part.parameters() for part in parts)

    def voices(self) -> tuple[str, ...]:
        """The voices of the reference's page; none where the model's speakers are not the published ones."""
        return tuple(voices.PRESETS) if self._statistics else ()

    def voice(self, name: str) -> Voice:
        """A preset, ``seed:2222``, a pasted string, ``none``, or "" for the default. Raises VoiceError."""
        return voices.parse(name, self._hidden, self._statistics)

    @torch.inference_mode()
    def encode_voice(self, prompt: VoicePrompt) -> Voice:
        """A sample of a recording at 24 kHz, with what is said in it. Raises VoiceError and AudioError."""
        if prompt.sample_rate != SAMPLE_RATE:
            raise VoiceError(
                "the recording has {sample_rate} Hz; give it at {wanted}",
                sample_rate=prompt.sample_rate,
                wanted=SAMPLE_RATE,
            )
        seconds = len(prompt.samples) / SAMPLE_RATE
        if seconds > MAX_RECORDING_S:
            raise VoiceError(
                "the recording takes {seconds:.0f} s; cut it to 3 to 20 s, at most {max_recording_s}",
                seconds=seconds,
                max_recording_s=MAX_RECORDING_S,
            )
        samples = torch.from_numpy(prompt.samples).float().to(self.networks.device)
        codes = self.networks.dvae.encode(samples).to(torch.int32).cpu().numpy()
        return Voice(
            system=voices.SYSTEM,
            name="a recording",
            tensors={"codes": voices.checked_codes(codes)},
            meta={"transcript": prompt.transcript},
        )

    def drift(self, sounds: Sequence[np.ndarray]) -> float:
        """How far the voice drifts over the ``sounds`` of segments, mono float32 at 24 kHz: see `stability.drift`.

        Raises AudioError for a sound too short to say anything of a voice, and VoiceError when there is none.
        """
        if not sounds:
            raise VoiceError("there is no sound whose voice could drift")
        waves = (torch.from_numpy(sound).float().to(self.networks.device) for sound in sounds)
        return stability.drift([stability.timbre(wave, self.networks.dvae) for wave in waves])

    def segment(self, text: str, language: str, options: Options) -> list[Segment]:
        """The pieces to be spoken; lines of ``---`` separate texts. Under ``compat`` as the reference cuts.

        Raises TextError.
        """
        return self.front_end.segment(text, language, options)

    @torch.inference_mode()
    def synthesize(
        self, segments: Sequence[Segment], voice: Voice, options: Options, rng: torch.Generator
    ) -> Iterator[AudioChunk | Progress | Notice | Rewritten]:
        """Speak the segments. Raises TextError when nothing of them can be spoken, and VoiceError."""
        options = compat.exact(options) if options.compat else options
        speaking = Speaking(self.networks, self.tokenizer, options, rng.initial_seed())
        conditioning = self._conditioning(voice)
        yield from speaking.prepare()
        if options.compat:
            yield Progress(done=0, total=None, label="compiling what scans the text")
            compat.warm_up()
            prepared = self.front_end.read(segments, options)
            texts = [each.spelled for each in prepared if isinstance(each, PreparedSegment)]
            yield from compat.speak(speaking, texts, conditioning)
            return
        conditioning = dataclasses.replace(conditioning, transcript=prepare(conditioning.transcript).text)
        if conditioning.codes is not None and not conditioning.transcript:
            yield Notice(message="what is said in the sample is not known; with its text the voice is likened better")
        found = yield from self._texts(segments, options)
        if options.refine:
            found = yield from self._refined(speaking, found, segments)
        found = [Piece(close(piece.text), piece.segment) for piece in found]
        if options.first_as_prompt and len(found) > 1 and conditioning.codes is None:
            sound: list[Tensor] = []
            for event in speaking.stream(found[:1], conditioning):
                if isinstance(event, AudioChunk):
                    sound.append(torch.from_numpy(event.samples))
                yield event
            if sound:
                prompt = torch.cat(sound).to(self.networks.device)
                conditioning = speaking.with_prompt(conditioning, prompt, found[0].text)
            found = found[1:]
        for start in range(0, len(found), options.max_split_batch):
            yield from speaking.stream(found[start : start + options.max_split_batch], conditioning)

    def _texts(self, segments: Sequence[Segment], options: Options) -> Generator[Notice | Progress, None, list[Piece]]:
        """What is to be said of each segment, and a Notice of what cannot be."""
        found: list[Piece] = []
        index = 0
        for item in self.front_end.read(segments, options):
            if isinstance(item, Notice):
                yield item
                continue
            if item.is_spoken:
                found.append(Piece(item.spelled, index))
            index += 1
            yield Progress(done=index, total=len(segments), label="reading the text")
        return found

    def _refined(
        self, speaking: Speaking, found: Sequence[Piece], segments: Sequence[Segment]
    ) -> Generator[Rewritten | Progress, None, list[Piece]]:
        """The pieces as the model rewrites them, prepared anew: spoken again as they are shown, they stay the same."""
        options = speaking.options
        written: list[str] = []
        for start in range(0, len(found), options.max_split_batch):
            batch = found[start : start + options.max_split_batch]
            for event in speaking.refine([piece.text for piece in batch]):
                if isinstance(event, Progress):
                    yield event
                else:
                    written += event
        for index, (text, piece) in enumerate(zip(written, found, strict=True)):
            prepared = self.front_end.prepared(text, segments[piece.segment].language, options).text
            # What the model has written no word into is spoken as it was.
            written[index] = prepared if speaks(prepared) else piece.text
        yield rewritten(written, options)
        return [Piece(text, piece.segment) for text, piece in zip(written, found, strict=True)]

    def _conditioning(self, voice: Voice) -> Conditioning:
        """What of ``voice`` the network reads. Raises VoiceError for one that this model cannot speak with."""
        voices.check(voice)
        vector, codes = voice.tensors.get("speaker"), voice.tensors.get("codes")
        device, speaker = self.networks.device, None
        if vector is not None:
            speaker = torch.tensor(voices.checked_vector(vector, self._hidden), device=device)
        return Conditioning(
            speaker=speaker,
            codes=None if codes is None else torch.from_numpy(codes.astype("int64")),
            transcript="" if codes is None else voice.meta.get("transcript", ""),
        )
