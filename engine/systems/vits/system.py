"""The loaded system: checkpoint to network, text to sound."""

import contextlib
import dataclasses
import re
from collections.abc import Generator, Iterator, Mapping, Sequence
from pathlib import Path

import torch
from torch import Tensor

from engine.errors import ConfigError, EngineError, TextError, VoiceError, WeightsMismatch
from engine.events import AudioChunk, Notice, Progress
from engine.request import Segment, Voice, VoicePrompt
from engine.systems.vits.checkpoint import locate
from engine.systems.vits.config import Config, parse, read_json, symbol_tables
from engine.systems.vits.decoder import zero_stuffing
from engine.systems.vits.model import Scales, Vits
from engine.systems.vits.options import Options
from engine.systems.vits.text import Encoded, SymbolEncoder
from engine.systems.vits.weights import folded, generator_state
from engine.text.segment import CLAUSE_PAUSE_S, SENTENCE_PAUSE_S, split
from engine.weights import bounded, load_strictly
from engine.weights_cache import converted

SYSTEM = "vits"
# Attention is quadratic in the text, and the voices slur beyond some 200 phonemes.
MAX_PHONEMES = 200
# Under compat a text is one piece, which nothing can interrupt.
MAX_COMPAT_CHARS = 2000
# Multiplications that one piece of sound may cost, about 0.3 s of one core: how soon a cancelled request stops.
PIECE_WORK = 16e9
PIECE_FRAMES = (16, 1024)
FIRST_FRAMES = 48


def load(checkpoint: Path, device: torch.device, dtype: torch.dtype) -> Generator[Progress, None, "VitsSystem"]:
    """A system from a checkpoint in the published layout.

    The posterior encoder is left out; speaking does not need it. The first use of everything is slow, so it happens
    here. Raises WeightsMissing, WeightsMismatch, ConfigError, and EngineError where espeak-ng is broken.
    """
    yield Progress(done=0, total=4, label="reading the configuration")
    config_path, weights_path = locate(checkpoint)
    raw = read_json(config_path)
    yield Progress(done=1, total=4, label="reading the weights")
    state = converted(weights_path, lambda held: generator_state(held, weights_path.name), layout="vits/1")
    config = parse(reconcile(raw, state), str(config_path))
    yield Progress(done=2, total=4, label="building the network")
    system = VitsSystem(config, build(config, state, weights_path.name), device, dtype)
    yield Progress(done=3, total=4, label="warming up")
    system.warm_up()
    yield Progress(done=4, total=4, label="ready")
    return system


def read(checkpoint: Path) -> tuple[Config, Vits]:
    """The configuration and the network of a checkpoint, on the CPU. Raises what `load` raises of them."""
    config_path, weights_path = locate(checkpoint)
    raw = read_json(config_path)
    state = converted(weights_path, lambda held: generator_state(held, weights_path.name), layout="vits/1")
    config = parse(reconcile(raw, state), str(config_path))
    return config, build(config, state, weights_path.name)


def build(config: Config, state: Mapping[str, Tensor], source: str, *, with_posterior: bool = False) -> Vits:
    """The network on the CPU in float32, weight norm folded, for inference. Raises WeightsMismatch.

    ``enc_q`` is loaded only ``with_posterior``, but where a checkpoint has it, it must be whole.
    """
    has_posterior = any(key.startswith("enc_q.") for key in state)
    # Not on the meta device: torch would import its compiler to initialise nothing there, which takes seconds.
    with bounded(state, source):
        model = Vits(dataclasses.replace(config.model, weight_norm=False), with_posterior=has_posterior)
    load_strictly(model, folded(state), source)
    constant = state.get("dec.updown_filter")
    if constant is not None and not torch.equal(constant.float(), zero_stuffing(config.model.subbands)):
        raise WeightsMismatch(f"{source} has another dec.updown_filter than the published constant; it is damaged")
    if not with_posterior:
        model.enc_q = None
    return model.eval().requires_grad_(False)


def reconcile(raw: Mapping, state: Mapping[str, Tensor]) -> dict:
    """config.json with what it leaves open, or what trainers are known to ignore in it, read off the tensors."""
    if not (isinstance(raw.get("data"), dict) and isinstance(raw.get("model"), dict)):
        return {**raw}
    raw = {**raw, "data": dict(raw["data"]), "model": dict(raw["model"])}
    embedding = state.get("enc_p.emb.weight")
    if "symbols" not in raw and embedding is not None:
        # The two published lists differ in length, and no key of a public config tells which one was used.
        fitting = [table for table in symbol_tables().values() if len(table) == embedding.shape[0]]
        if not fitting:
            raise ConfigError(
                f"the checkpoint has {embedding.shape[0]} symbols and its config.json does not list them; "
                'add them as "symbols"'
            )
        raw["symbols"] = list(fitting[0])
    if "emb_g.weight" not in state:
        raw["data"]["n_speakers"] = 0
    elif raw["model"].get("gin_channels") is None:
        raw["model"]["gin_channels"] = state["emb_g.weight"].shape[1]
    if raw["model"].get("use_sdp") is None:
        raw["model"]["use_sdp"] = "dp.flows.0.m" in state
    return raw


class VitsSystem:
    """A model of the family, ready to speak. Nothing of a request stays in it."""

    def __init__(self, config: Config, model: Vits, device: torch.device, dtype: torch.dtype) -> None:
        self.sample_rate = config.audio.sampling_rate
        self.model = model.to(device)
        if dtype != torch.float32:
            self.model.dec.reduce_precision(dtype)
        self._speakers = config.speakers
        self._encoder = SymbolEncoder(config.text)
        # What a checkpoint with other cleaners speaks, nobody knows.
        self.languages = ("en",) if any(name.startswith("english") for name in config.text.cleaners) else ()
        self._device = device
        least, most = PIECE_FRAMES
        margins, frame = model.dec.work(0), model.dec.work(1) - model.dec.work(0)
        self._piece_frames = min(max(int((PIECE_WORK - margins) / frame), least), most)

    @torch.inference_mode()
    def warm_up(self) -> None:
        """Say something to nobody: espeak starts, and torch chooses its kernels."""
        # A broken espeak is no reason to refuse phonemes; whoever gives it text will hear of it.
        with contextlib.suppress(EngineError):
            self._encoder.clean("warm")
        sid = torch.zeros(1, dtype=torch.int64, device=self._device) if self._speakers else None
        next(self._speak([0] * 8, sid, Scales(), torch.Generator(), FIRST_FRAMES))

    def parameters(self) -> Iterator[Tensor]:
        """The network's."""
        return self.model.parameters()

    def voices(self) -> tuple[str, ...]:
        """The speakers of the checkpoint in their order; empty for one."""
        return tuple(self._speakers)

    def voice(self, name: str) -> Voice:
        """A speaker by name or number; "" is the first. Raises VoiceError."""
        if not self._speakers:
            if name not in ("", "0"):
                raise VoiceError(f"there is no voice {name[:60]!r}; this checkpoint has one voice, which needs no name")
            return Voice(system=SYSTEM, name="")
        by_number = {str(number): speaker for speaker, number in self._speakers.items()}
        speaker = next(iter(self._speakers)) if name == "" else name if name in self._speakers else by_number.get(name)
        if speaker is None:
            names = list(self._speakers)
            some = ", ".join(names[:20]) + (f", … ({len(names)} in all)" if len(names) > 20 else "")
            raise VoiceError(f"there is no voice {name[:60]!r}; the voices are {some}")
        return Voice(system=SYSTEM, name=speaker, meta={"id": str(self._speakers[speaker])})

    def encode_voice(self, _prompt: VoicePrompt) -> Voice:
        """Always raises VoiceError: these models cannot take a voice from a recording."""
        raise VoiceError("the voices of this system are fixed; choose one by name instead of giving a recording")

    def segment(self, text: str, language: str, options: Options) -> list[Segment]:
        """The text by sentences and clauses; under ``compat`` as it is. Raises TextError and ConfigError."""
        if not text.strip():
            raise TextError("the text is empty; there is nothing to say")
        if not options.cleaned:
            self._encoder.check_cleaners()
        if options.compat:
            if len(text) > MAX_COMPAT_CHARS:
                raise TextError(
                    f"the text has {len(text):,} characters; compat speaks it in one piece, of at most "
                    f"{MAX_COMPAT_CHARS:,}, so cut it or leave compat off"
                )
            return [Segment(text=text, language=language)]
        if options.cleaned:
            return split_phonemes(" ".join(text.split()), language)
        segments = split(text, language)
        if not segments:
            raise TextError("the text has no letters and no digits; there is nothing to say")
        return segments

    @torch.inference_mode()
    def synthesize(
        self, segments: Sequence[Segment], voice: Voice, options: Options, rng: torch.Generator
    ) -> Iterator[AudioChunk | Progress | Notice]:
        """Speak the segments: chunks as they are decoded, a Progress after each, a Notice when symbols are left out.

        Each is read only when its turn comes, so that the first sound waits for no other. Raises TextError when no
        symbol of the whole text is known, and under ``compat``, before any sound, when one is not.
        """
        if options.compat:
            self._check_symbols(segments, options)
        sid = torch.tensor([int(voice.meta["id"])], device=self._device) if "id" in voice.meta else None
        scales = Scales(noise=options.noise_scale, noise_w=options.noise_scale_w, length=options.length_scale)
        left_out: set[str] = set()
        silent = True
        for index, segment in enumerate(segments):
            item = self._encode(segment, options, last=index == len(segments) - 1)
            for reason, characters in self._left_out(segment, item, options):
                if fresh := [character for character in characters if character not in left_out]:
                    left_out.update(fresh)
                    yield Notice(message=f"left out, because {reason}: {_quoted(fresh)}")
            if item.spoken or options.compat:
                first_frames = FIRST_FRAMES if silent else self._piece_frames
                silent = False
                for samples in self._speak(item.ids, sid, scales, rng, first_frames):
                    yield AudioChunk(samples=samples, sample_rate=self.sample_rate, segment=index)
            yield Progress(done=index + 1, total=len(segments), label="speaking")
        if silent:
            raise TextError("the model has no symbol for any character of this text" + _language_hint(options))

    def _check_symbols(self, segments: Sequence[Segment], options: Options) -> None:
        encoded = [self._encode(segment, options, last=False) for segment in segments]
        unknown = list(dict.fromkeys(symbol for item in encoded for symbol in item.unknown))
        if unknown:
            raise TextError(f"the model has no symbols for {_quoted(unknown)}; without compat they are left out")

    def _left_out(self, segment: Segment, item: Encoded, options: Options) -> Iterator[tuple[str, Sequence[str]]]:
        """What of a segment is not spoken: (why, the characters)."""
        if not options.cleaned:
            yield "the language has no words for them", self._encoder.unread(segment.text)
        yield "the model has no symbols for them", item.unknown

    def _encode(self, segment: Segment, options: Options, *, last: bool) -> Encoded:
        if options.cleaned:
            return self._encoder.encode(segment.text)
        cleaned = self._encoder.clean(segment.text)
        if options.compat:
            return self._encoder.encode(cleaned)
        ends = last or segment.pause_s >= SENTENCE_PAUSE_S
        return self._encoder.encode(self._encoder.close(cleaned, "." if ends else ","))

    def _speak(
        self, ids: Sequence[int], sid: Tensor | None, scales: Scales, rng: torch.Generator, first_frames: int
    ) -> Iterator:
        """The sound of one segment in pieces: float32 arrays (n,)."""
        batch = torch.tensor([ids], device=self._device)
        lengths = torch.tensor([len(ids)], device=self._device)
        latents = self.model.latents(batch, lengths, rng=rng, sid=sid, scales=scales)
        z = latents.z * latents.mask
        for audio in self.model.dec.decode_chunks(z, self.model.speaker(sid), first_frames, self._piece_frames):
            yield audio.reshape(-1).float().cpu().numpy()


def split_phonemes(text: str, language: str) -> list[Segment]:
    """Cleaned text as it is, or, beyond MAX_PHONEMES, cut after the marks that end sentences or else at spaces."""
    segments, rest = [], text
    while len(rest) > MAX_PHONEMES:
        window = rest[:MAX_PHONEMES]
        sentences = [match.end() for match in re.finditer(r"[.!?…]+\s", window)]
        clauses = [match.end() for match in re.finditer(r"[,;:—]\s", window)]
        at = (sentences or clauses or [window.rfind(" ") + 1 or MAX_PHONEMES])[-1]
        pause_s = SENTENCE_PAUSE_S if sentences else CLAUSE_PAUSE_S if clauses else 0.0
        segments.append(Segment(text=rest[:at].rstrip(), language=language, pause_s=pause_s))
        rest = rest[at:]
    return [*segments, Segment(text=rest, language=language)]


def _quoted(symbols: Sequence[str]) -> str:
    shown = " ".join(repr(symbol) for symbol in symbols[:20])
    return shown + (" …" if len(symbols) > 20 else "")


def _language_hint(options: Options) -> str:
    return "; with cleaned=true it must be in the model's own symbols" if options.cleaned else ""
