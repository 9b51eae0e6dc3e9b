"""The loaded system: text and a voice in, sound out."""

from collections.abc import Generator, Iterator, Mapping, Sequence
from itertools import chain
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from engine.errors import TextError, VoiceError, WeightsMismatch
from engine.events import AudioChunk, Notice, Progress, Rewritten
from engine.request import Segment, Voice, VoicePrompt
from engine.systems.chattts import speaker, stability
from engine.systems.chattts.checkpoint import locate
from engine.systems.chattts.config import SAMPLE_RATE
from engine.systems.chattts.options import Options
from engine.systems.chattts.prepare import Prepared, close, in_words, prepare, speaks
from engine.systems.chattts.speaker import SYSTEM
from engine.systems.chattts.speaking import Piece, Speaking, Timbre
from engine.systems.chattts.split import pieces, texts, whole, with_pauses_between
from engine.systems.chattts.text import clean, split_pieces
from engine.systems.chattts.tokenizer import Tokenizer
from engine.systems.chattts.weights import Networks
from engine.systems.chattts.weights import load as load_networks
from engine.text.homophones import homophones, read_table

# A table of the user's own, beside the weights.
TABLE = "homophones_map.json"
MAX_COMPAT_CHARS = 2000
# The reference refines all pieces in one batch, and without splitting speaks all texts in one.
MAX_COMPAT_PIECES = 32
MAX_RECORDING_S = 60


def load(checkpoint: Path, device: torch.device, dtype: torch.dtype) -> Generator[Progress, None, "ChatTTSSystem"]:
    """A system from a checkpoint in the public layout.

    Raises WeightsMissing, WeightsMismatch and ConfigError.
    """
    networks = yield from load_networks(checkpoint, device, dtype)
    files = locate(checkpoint)
    tokenizer = Tokenizer(files.tokenizer)
    if tokenizer.size > networks.embed.config.n_text:
        raise WeightsMismatch(
            f"the tokenizer has {tokenizer.size} tokens and the weights know {networks.embed.config.n_text}; "
            "they are not of the same checkpoint"
        )
    own = next((path for path in (files.asset / TABLE, files.asset.parent / TABLE) if path.is_file()), None)
    system = ChatTTSSystem(networks, tokenizer, read_table(own) if own else homophones())
    system.warm_up()
    return system


class ChatTTSSystem:
    """A model, ready to speak. Nothing of a request stays in it."""

    sample_rate = SAMPLE_RATE

    def __init__(self, networks: Networks, tokenizer: Tokenizer, table: Mapping[str, str]) -> None:
        self.networks = networks
        self.tokenizer = tokenizer
        self._homophones = table
        self._hidden = networks.embed.config.hidden
        # The statistics are of the published size; a model of another has other speakers.
        known = speaker.statistics()
        self._known = known if len(known.mean) == self._hidden else None

    def warm_up(self) -> None:
        """Compile what scans text and read the grammars, so that the first request does not wait for them."""
        clean("[a]热 1!")
        prepare("热1。warm 1.")

    def parameters(self) -> Iterator[Tensor]:
        """The networks'."""
        parts = (self.networks.gpt, self.networks.embed, self.networks.decoder, self.networks.dvae, self.networks.vocos)
        return chain.from_iterable(part.parameters() for part in parts)

    def voices(self) -> tuple[str, ...]:
        """The voices of the reference's page; none where the model's speakers are not the published ones."""
        return tuple(speaker.PRESETS) if self._known else ()

    def voice(self, name: str) -> Voice:
        """A preset, ``seed:2222``, a pasted string, ``none``, or "" for the default. Raises VoiceError."""
        return speaker.parse(name, self._hidden, self._known)

    @torch.inference_mode()
    def encode_voice(self, prompt: VoicePrompt) -> Voice:
        """A sample of a recording at 24 kHz, with what is said in it. Raises VoiceError and AudioError."""
        if prompt.sample_rate != SAMPLE_RATE:
            raise VoiceError(f"the recording has {prompt.sample_rate} Hz; give it at {SAMPLE_RATE}")
        seconds = len(prompt.samples) / SAMPLE_RATE
        if seconds > MAX_RECORDING_S:
            raise VoiceError(f"the recording takes {seconds:.0f} s; cut it to 3 to 20 s, at most {MAX_RECORDING_S}")
        samples = torch.from_numpy(prompt.samples).float().to(self.networks.device)
        codes = self.networks.dvae.encode(samples).to(torch.int32).cpu().numpy()
        return Voice(
            system=SYSTEM,
            name="a recording",
            tensors={"codes": speaker.checked_codes(codes)},
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
        groups = texts(text)
        if options.compat:
            return _as_published(groups, options)
        if options.normalize:
            groups = [in_words(group, language) for group in groups]
        cut = [pieces(group, language) if options.split_text else [whole(group, language)] for group in groups]
        row = with_pauses_between(cut)
        if not row:
            raise TextError("the text has no letters and no digits; there is nothing to say")
        return row

    @torch.inference_mode()
    def synthesize(
        self, segments: Sequence[Segment], voice: Voice, options: Options, rng: torch.Generator
    ) -> Iterator[AudioChunk | Progress | Notice | Rewritten]:
        """Speak the segments. Raises TextError when nothing of them can be spoken, and VoiceError."""
        speaking = Speaking(self.networks, self.tokenizer, options, rng.initial_seed())
        timbre = self._timbre(voice, options)
        yield from speaking.prepare()
        if timbre.codes is not None and not timbre.transcript and not options.compat:
            yield Notice(message="what is said in the sample is not known; with its text the voice is likened better")
        found = yield from self._texts(segments, options)
        if options.refine:
            found = yield from self._refined(speaking, found, segments)
        if options.compat:
            yield from self._published(speaking, found, timbre)
            return
        found = [Piece(close(piece.text), piece.segment) for piece in found]
        if options.first_as_prompt and len(found) > 1 and timbre.codes is None:
            sound: list[Tensor] = []
            for event in speaking.flowing(found[:1], timbre):
                if isinstance(event, AudioChunk):
                    sound.append(torch.from_numpy(event.samples))
                yield event
            if sound:
                heard = torch.cat(sound).to(self.networks.device)
                timbre = speaking.with_prompt(timbre, heard, found[0].text)
            found = found[1:]
        for start in range(0, len(found), options.max_split_batch):
            yield from speaking.flowing(found[start : start + options.max_split_batch], timbre)

    def _texts(self, segments: Sequence[Segment], options: Options) -> Generator[Notice | Progress, None, list[Piece]]:
        """What is to be said of each segment, and a Notice of what cannot be."""
        if options.compat:
            table = self._homophones if options.homophones else None
            cleaned = (clean(segment.text, normalize=options.normalize, homophones=table) for segment in segments)
            return [Piece(text, index) for index, text in enumerate(cleaned)]
        found, told = [], set()
        for index, segment in enumerate(segments):
            prepared = self._prepared(segment.text, segment.language, options)
            new = [character for character in prepared.left_out if character not in told]
            if new:
                told.update(new)
                yield Notice(message=f"left out, because the model cannot say it: {' '.join(map(repr, new[:20]))}")
            if speaks(prepared.text) or "[" in prepared.text:
                found.append(Piece(prepared.text, index))
            yield Progress(done=index + 1, total=len(segments), label="reading")
        if not any(speaks(piece.text) for piece in found):
            if found:
                raise TextError("the text has nothing but control tokens; write at least one word")
            raise TextError("the model cannot say any character of this text; it speaks Chinese and English")
        return found

    def _prepared(self, text: str, language: str, options: Options) -> Prepared:
        return prepare(
            text,
            words=options.normalize,
            language=language,
            homophones=self._homophones if options.homophones else None,
            characters=self.tokenizer.characters,
        )

    def _refined(
        self, speaking: Speaking, found: Sequence[Piece], segments: Sequence[Segment]
    ) -> Generator[Rewritten | Progress, None, list[Piece]]:
        """The pieces as the model rewrites them, prepared anew: spoken again as they are shown, they stay the same."""
        options = speaking.options
        written: list[str] = []
        at_once = len(found) if options.compat else options.max_split_batch
        for start in range(0, len(found), at_once):
            for event in speaking.refine([piece.text for piece in found[start : start + at_once]]):
                if isinstance(event, Progress):
                    yield event
                else:
                    written += event
        if not options.compat:
            for index, (text, piece) in enumerate(zip(written, found, strict=True)):
                prepared = self._prepared(text, segments[piece.segment].language, options).text
                # What the model has written no word into is spoken as it was.
                written[index] = prepared if speaks(prepared) else piece.text
        # Where texts are not split, only a line of dashes keeps them apart.
        text = ("\n" if options.split_text else "\n---\n").join(written)
        yield Rewritten(text=text, options={"refine": False})
        return [Piece(text, piece.segment) for text, piece in zip(written, found, strict=True)]

    def _published(self, speaking: Speaking, found: list[Piece], timbre: Timbre) -> Iterator[AudioChunk | Progress]:
        options = speaking.options
        if options.split_text and options.first_as_prompt and len(found) > 1 and timbre.codes is None:
            for event in speaking.first(found[0], timbre):
                if isinstance(event, Progress):
                    yield event
                else:
                    timbre = speaking.with_prompt(timbre, event, found[0].text)
        if options.stream:
            for piece in found:
                yield from speaking.scheduled(piece, timbre)
            return
        at_once = options.max_split_batch if options.split_text else len(found)
        for start in range(0, len(found), at_once):
            yield from speaking.whole(found[start : start + at_once], timbre)

    def _timbre(self, voice: Voice, options: Options) -> Timbre:
        speaker.check(voice)
        vector, codes = voice.tensors.get("speaker"), voice.tensors.get("codes")
        transcript = voice.meta.get("transcript", "")
        if not options.compat:
            transcript = prepare(transcript).text
        device = self.networks.device
        return Timbre(
            speaker=None
            if vector is None
            else torch.tensor(speaker.checked_vector(vector, self._hidden), device=device),
            codes=None if codes is None else torch.from_numpy(codes.astype("int64")),
            transcript=transcript if codes is not None else "",
        )


def _as_published(groups: Sequence[str], options: Options) -> list[Segment]:
    """One text is split, several are not."""
    longest = max(map(len, groups))
    if longest > MAX_COMPAT_CHARS:
        raise TextError(f"the text has {longest:,} characters; compat speaks at most {MAX_COMPAT_CHARS:,}, so cut it")
    found = split_pieces(groups[0]) if options.split_text and len(groups) == 1 else list(groups)
    if len(found) > MAX_COMPAT_PIECES:
        raise TextError(f"the text has {len(found)} pieces; compat speaks at most {MAX_COMPAT_PIECES}, so cut it")
    if not any(map(str.strip, found)):
        raise TextError("the text is empty; there is nothing to say")
    return [Segment(text=text, language="") for text in found]
