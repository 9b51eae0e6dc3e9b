"""The engine: a request in, events out. It joins the parts below it and knows no system by name."""

import contextlib
import os
import time
from collections.abc import Generator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

from engine import conversion, door, registry, retakes, voicing
from engine.audio.joiner import join, untouched
from engine.door import Recording, Wish
from engine.errors import OptionError, UserError, VoiceError
from engine.events import AudioChunk, Event, Notice, Progress, Started
from engine.hearing import Hearing
from engine.language import Written, spoken, unread, written
from engine.lexicon import Lexicons
from engine.library import Library, default_folder
from engine.message import Message
from engine.models import LoadedModel, Models, missing
from engine.options import declared, parse, unheeded, values
from engine.reading import FrontEnds, Read, ReadSegment, gather
from engine.recognition.transcript import Transcript
from engine.request import ConversionRequest, SynthesisRequest, Voice, VoicePrompt
from engine.speech import Speech, collect
from engine.steps import finish
from engine.system import Converter, FrontEnd, SystemSpec
from engine.text.sanitize import sanitize
from engine.voice_shelf import VoiceShelf

MAX_SEED = 2**63 - 1


class Engine:
    """Synthesis with any registered system on one device.

    `say`, `stream`, `voice` and `read` take what a person writes in a line. `synthesize`, `make_voice` and `reading`
    are the full doors behind them, for those who want to see how it goes and to stop it: they take requests and yield
    events.

    ``device`` is auto, cpu, cuda or mps and ``dtype`` auto, float32, bfloat16 or float16; both are looked at when the
    first model loads, so that an engine costs nothing to make. ``places`` is how many requests may run at once
    (default: 4 on an accelerator, on a CPU as many as the system says), ``queue`` how many may wait. ``library`` says
    which checkpoints there are: by default those that ship and those in the folder of models that the command line
    uses; for ``specs`` of one's own only what ships. ``shelf`` holds the saved voices, ``lexicons`` how words are read,
    in the same folder. Up to ``models`` stay in memory, each until nobody has used it for ``idle_s`` seconds (None:
    until another needs its place).
    """

    def __init__(
        self,
        specs: tuple[SystemSpec, ...] | None = None,
        *,
        device: str = "auto",
        dtype: str = "auto",
        places: int | None = None,
        queue: int = 8,
        library: Library | None = None,
        models: int = 1,
        idle_s: float | None = None,
    ) -> None:
        self._specs = registry.systems() if specs is None else specs
        self.library = library or Library(specs, default_folder(os.environ) if specs is None else None)
        self.shelf = VoiceShelf(self.library.folder and self.library.folder / "voices")
        self.lexicons = Lexicons(self.library.folder and self.library.folder / "lexicons")
        self._front_ends = FrontEnds()
        self._models = Models(
            self.library, device=device, dtype=dtype, places=places, queue=queue, models=models, idle_s=idle_s
        )
        self.hearing = Hearing(self.library, queue=queue, idle_s=idle_s)

    def say(
        self,
        text: str,
        *,
        system: str = "",
        voice: Voice | str | Path = "",
        recording: Recording | Sequence[Recording] | None = None,
        transcript: str | Sequence[str] = "",
        language: str = "",
        seed: int | None = None,
        tries: int = 1,
        checkpoint: Path | str | None = None,
        **options: Any,
    ) -> Speech:
        """Say ``text``, and wait for all of it.

        ``system`` is by default that of the voice, or the first that is ready. ``voice`` is a name, a string or a
        number that the system understands, a saved voice by its name or its file, or a `Voice`; instead of it, a
        ``recording`` with the ``transcript`` of what is said in it, or a list of each for systems that take several.
        ``seed`` None draws one, which the result's request says. Of up to ``tries`` takes the best is kept, as a
        recogniser hears them. ``checkpoint`` is a path, or a model by its name or id. The other ``options`` are the
        system's own, as ``python -m engine systems`` lists them (``break_`` for break).

        Raises what `synthesize` raises, and AudioError.
        """
        wish = Wish(
            system=system,
            voice=voice,
            recording=recording,
            transcript=transcript,
            language=language,
            seed=seed,
            tries=tries,
            checkpoint=checkpoint,
            options=options,
        )
        request = door.request(self, text, wish)
        return collect(self.synthesize(request), request)

    def stream(
        self,
        text: str,
        *,
        system: str = "",
        voice: Voice | str | Path = "",
        recording: Recording | Sequence[Recording] | None = None,
        transcript: str | Sequence[str] = "",
        language: str = "",
        seed: int | None = None,
        checkpoint: Path | str | None = None,
        **options: Any,
    ) -> Generator[AudioChunk, None, None]:
        """Say ``text``, each piece of sound as soon as it is there. Takes what `say` takes.

        Mistakes are raised at once, not with the first piece. Closing the generator stops the work.
        """
        wish = Wish(
            system=system,
            voice=voice,
            recording=recording,
            transcript=transcript,
            language=language,
            seed=seed,
            checkpoint=checkpoint,
            options=options,
        )
        return _sound(self.synthesize(door.request(self, text, wish)))

    def voice(
        self,
        system: str,
        name: str | Path = "",
        *,
        recording: Recording | Sequence[Recording] | None = None,
        transcript: str | Sequence[str] = "",
        language: str = "",
        checkpoint: Path | str | None = None,
    ) -> Voice:
        """A voice to speak with: that of a ``name``, a string or a file, or one made from a ``recording``.

        Takes these as `say` does, and raises what `make_voice` raises.
        """
        wish = Wish(
            system=system,
            voice=name,
            recording=recording,
            transcript=transcript,
            language=language,
            checkpoint=checkpoint,
        )
        return finish(door.voice(self, wish))

    def systems(self) -> tuple[SystemSpec, ...]:
        """Every system's facts, in the order of the page."""
        return self._specs

    def system(self, system: str) -> SystemSpec:
        """The facts of one system. Raises UnknownSystem."""
        return registry.find(system, self._specs)

    def checkpoints(self, system: str) -> dict[str, Path]:
        """What is installed for a system, by name: the checkpoint that ships first. Raises UnknownSystem."""
        return self.library.installed(system)

    def state(self, system: str) -> str:
        """'ready', 'downloadable' or 'needs a checkpoint': whether the system can speak with what is on disk now."""
        return "ready" if self.checkpoints(system) else self.system(system).state

    def voices(self, system: str, checkpoint: Path | None = None) -> tuple[str, ...]:
        """The names of the voices in a checkpoint (default: the first installed one), without loading it."""
        checkpoint = checkpoint or next(iter(self.checkpoints(system).values()), None)
        return self.system(system).speakers(checkpoint) if checkpoint and checkpoint.exists() else ()

    def fitting(self, system: str, voice: str = "", language: str = "") -> Path | None:
        """Of several installed checkpoints the first that has a voice of this name and speaks this language.

        None, the default, where that is the first of all, or there is none.
        """
        first, *others = self.checkpoints(system).values() or (None,)

        def fits(checkpoint: Path) -> bool:
            try:
                self.check_voice(system, voice, checkpoint)
                return not language or spoken(self.system(system), language) in self.languages(system, checkpoint)
            except UserError:
                return False

        if first is None or not others or fits(first):
            return None
        return next(filter(fits, others), None)

    def languages(self, system: str, checkpoint: Path | None = None) -> tuple[str, ...]:
        """The codes of the languages that a checkpoint (default: the first installed one) reads.

        Raises WeightsMissing, WeightsMismatch and ConfigError.
        """
        return tuple(self._front_end(self.system(system), checkpoint).languages)

    def traits(self, system: str, voice: Voice | None, checkpoint: Path | None = None) -> frozenset[str]:
        """What of a checkpoint (default: the first installed one) and a ``voice`` the system's options may need.

        Without a voice it is what may hold with any. Raises WeightsMissing, WeightsMismatch and ConfigError.
        """
        checkpoint = checkpoint or next(iter(self.checkpoints(system).values()), None)
        return self.system(system).traits(checkpoint, voice) if checkpoint else frozenset()

    def defaults(self, system: str, checkpoint: Path | None = None) -> dict[str, Any]:
        """Every option as a checkpoint (default: the first installed one) recommends it, or else as it is declared."""
        spec = self.system(system)
        options = {option.name: option.default for option in declared(spec.options)}
        checkpoint = checkpoint or next(iter(self.checkpoints(system).values()), None)
        # What is wrong with a checkpoint is told to those who speak with it.
        with contextlib.suppress(UserError):
            options |= spec.defaults(checkpoint) if checkpoint else {}
        return options

    def options(self, system: str, raw: Mapping[str, Any], checkpoint: Path | None = None) -> Any:
        """An instance of the system's options class from loose values; what they leave out is as in `defaults`.

        Raises UnknownSystem, and OptionError as `engine.options.parse` does.
        """
        return parse(self.system(system).options, {**self.defaults(system, checkpoint), **raw})

    def prepare(self, system: str, checkpoint: Path | None = None) -> Generator[Progress, None, None]:
        """Bring a model, or a recogniser, into memory, so that the first request does not wait for it."""
        if checkpoint and any(spec.id == system for spec in self.library.recognisers):
            yield from self.hearing.prepare(system, checkpoint)
            return
        model = yield from self._models.borrow(self.system(system), checkpoint)
        model.release()

    def make_voice(
        self, system: str, source: str | VoicePrompt | tuple[VoicePrompt, ...], checkpoint: Path | None = None
    ) -> Generator[Progress, None, Voice]:
        """A voice to keep: the one that a name or string stands for, or one made from a recording or from several.

        Raises VoiceError, AudioError, Busy and OutOfMemory.
        """
        spec = self.system(system)
        if isinstance(source, str) and (saved := self.saved(system, source, checkpoint)):
            return saved
        model = yield from self._models.borrow(spec, checkpoint)
        with model.at_work() as loaded:
            return voicing.made(spec, loaded, source)

    def check_voice(self, system: str, name: str, checkpoint: Path | None = None) -> None:
        """Return for the name of a saved voice and for what `make_voice` takes, as far as that is known with no model.

        Raises VoiceError for what stands for no voice.
        """
        spec = self.system(system)
        checkpoint = checkpoint or next(iter(self.checkpoints(system).values()), None)
        if spec.check_name is None or (checkpoint and not checkpoint.exists()) or self.shelf.has(system, name):
            return
        spec.check_name(name, checkpoint)

    def saved(self, system: str, name: str, checkpoint: Path | None = None) -> Voice | None:
        """The saved voice of this name; a voice that the checkpoint itself has under the name comes first."""
        if not self.shelf.has(system, name) or name in self.voices(system, checkpoint):
            return None
        return self.shelf.load(system, name)

    def loaded(self) -> tuple[LoadedModel, ...]:
        """The models in memory, the longest loaded first, and then the recogniser, if there is one."""
        return (*self._models.loaded(), *self.hearing.loaded())

    def unload(self, system: str | None = None, checkpoint: Path | None = None) -> int:
        """Drop the models that nobody is using: of one system or of one checkpoint, if named. Returns how many."""
        where = checkpoint and checkpoint.resolve()

        def meant(of: str, its: Path) -> bool:
            return system in (None, of) and where in (None, its)

        return self._models.unload(lambda key: meant(key.system, key.checkpoint)) + self.hearing.unload(meant)

    def close(self) -> None:
        """Drop every model that nobody is using; no other goes by itself any more."""
        self._models.close()
        self.hearing.close()

    def synthesize(self, request: SynthesisRequest) -> Generator[Event, None, None]:
        """Say something.

        Yields Progress while waiting and loading, then one Started, of several tries one Tried, then AudioChunks in
        order with Progress and Notices between them. Closing the generator stops the work and frees the model. The same
        request on the same device gives the same samples.

        Raises UserError kinds for mistakes in the request, Busy, and OutOfMemory.
        """
        _check_seed(request.seed)
        retakes.check(request.tries)
        if request.tries > 1:
            yield from retakes.best(self, request, MAX_SEED)
            return
        spec, text, language, remarks = self._asked(request)
        if isinstance(request.voice, str) and (saved := self.saved(spec.id, request.voice, request.checkpoint)):
            request = replace(request, voice=saved)
        elif isinstance(request.voice, str) and request.prompt is None:
            self.check_voice(spec.id, request.voice, request.checkpoint)
        began = time.monotonic()
        model = yield from self._models.borrow(spec, request.checkpoint)
        load_s = time.monotonic() - began
        with model.at_work() as system:
            import torch

            voice = voicing.of_request(spec, system, request)
            remarks += unread(text, spec, system.front_end.languages, verbatim=spec.verbatim(request.options))
            remarks += self._unheeded(spec, model.checkpoint, voice, request.options)
            segments = system.segment(text, language, request.options)
            yield Started(
                sample_rate=system.sample_rate,
                device=model.device,
                dtype=model.dtype,
                seed=request.seed,
                segments=len(segments),
                load_s=load_s,
            )
            for remark in remarks:
                yield Notice(message=remark)
            rng = torch.Generator().manual_seed(request.seed)
            events = system.synthesize(segments, voice, request.options, rng)
            yield from untouched(events) if request.raw else join(events, segments)

    def check_conversion(self, system: str, checkpoint: Path | None = None) -> None:
        """Return where a checkpoint (default: the first installed one) can do what `convert` does.

        Raises VoiceError where it cannot, and WeightsMissing, WeightsMismatch and ConfigError.
        """
        spec = self.system(system)
        checkpoint = checkpoint or next(iter(self.checkpoints(system).values()), None)
        if spec.check_conversion is None:
            raise VoiceError("{spec} does not change one voice into another; choose another system", spec=spec.name)
        if checkpoint is not None:
            if not checkpoint.exists():
                raise missing(spec, checkpoint)
            spec.check_conversion(checkpoint)

    def convert(self, request: ConversionRequest) -> Generator[Event, None, None]:
        """Say a recording of one voice of a checkpoint in another.

        Yields what `synthesize` yields, with no pieces of text. Closing the generator stops the work. Raises VoiceError
        for a model that cannot or a voice that it does not have, AudioError for a recording that is too short or long,
        and what `synthesize` raises of models and seeds.
        """
        _check_seed(request.seed)
        spec = self.system(request.system)
        self.check_conversion(spec.id, request.checkpoint)
        conversion.check(request)
        began = time.monotonic()
        model = yield from self._models.borrow(spec, request.checkpoint)
        load_s = time.monotonic() - began
        with model.at_work() as system:
            import torch

            source, target = (voicing.made(spec, system, name) for name in (request.source, request.target))
            yield Started(
                sample_rate=system.sample_rate,
                device=model.device,
                dtype=model.dtype,
                seed=request.seed,
                segments=0,
                load_s=load_s,
            )
            samples = conversion.at_rate(request, system.sample_rate)
            rng = torch.Generator().manual_seed(request.seed)
            for event in cast(Converter, system).convert(samples, source, target, rng):
                # Not every vocoder bounds its output.
                yield replace(event, samples=event.samples.clip(-1, 1)) if isinstance(event, AudioChunk) else event

    def transcribe(self, recording: Recording, *, language: str = "", recogniser: str = "") -> Transcript:
        """What is said in a recording, word by word, and wait for all of it.

        Takes what `Hearing.transcribe` takes, which tells how far it is and can be stopped, and raises what it raises.
        """
        return finish(self.hearing.transcribe(recording, language=language, recogniser=recogniser))

    def read(
        self, text: str, *, system: str = "", language: str = "", checkpoint: Path | str | None = None, **options: Any
    ) -> Read:
        """How ``text`` will be read: in words, in phonemes, and what is left out of it. Loads no model.

        Takes these as `say` does, and raises what `reading` raises.
        """
        wish = Wish(
            system=system,
            voice="",
            recording=None,
            transcript="",
            language=language,
            checkpoint=checkpoint,
            options=options,
        )
        return gather(self.reading(door.request(self, text, wish)))

    def reading(self, request: SynthesisRequest) -> Generator[ReadSegment | Notice, None, None]:
        """What `synthesize` says of ``request``, segment by segment, with the Notices that it has of the text.

        No model is loaded; voice and seed do not count. Without a checkpoint (none is named or installed) a text is
        read as the published ones do. Closing the generator stops the work.

        Raises UserError kinds for mistakes in the request or its text.
        """
        spec, text, language, remarks = self._asked(request)
        checkpoint = request.checkpoint or next(iter(self.checkpoints(spec.id).values()), None)
        front_end = self._front_end(spec, checkpoint)
        remarks += unread(text, spec, front_end.languages, verbatim=spec.verbatim(request.options))
        if checkpoint is not None:
            remarks += self._unheeded(spec, checkpoint, None, request.options)
        segments = front_end.segment(text, language, request.options)
        if checkpoint is None:
            remarks = [*remarks, Message("no model of {spec} is installed; the published ones read so", spec=spec.name)]
        for remark in (*remarks, *front_end.caveats(request.options)):
            yield Notice(message=remark)
        remaining = iter(segments)
        for read in front_end.read(segments, request.options):
            if isinstance(read, Notice):
                yield read
                continue
            pause_s = next(remaining).pause_s
            yield ReadSegment(text=read.text, phonemes=read.phonemes, pause_s=pause_s, left_out=read.left_out)

    def written(self, request: SynthesisRequest) -> Written:
        """In which languages the text of ``request`` is, and what of it is in none that its checkpoint speaks.

        No model is loaded; voice, language and seed do not count. Raises UserError kinds for mistakes in the request.
        """
        spec = self.system(request.system)
        front_end = self._front_end(spec, request.checkpoint)
        text = request.text[: spec.max_chars]
        return written(text, spec, front_end.languages, verbatim=spec.verbatim(request.options))

    def _front_end(self, spec: SystemSpec, checkpoint: Path | None) -> FrontEnd:
        """That of a checkpoint, by default of the first that is installed, else of the published ones."""
        checkpoint = checkpoint or next(iter(self.checkpoints(spec.id).values()), None)
        if checkpoint is not None and not checkpoint.exists():
            raise missing(spec, checkpoint)
        return self._front_ends.of(spec, checkpoint)

    def _asked(self, request: SynthesisRequest) -> tuple[SystemSpec, str, str, list[Message]]:
        """The system, the text that can be spoken, its language, and what is to be remarked of the text."""
        spec = self.system(request.system)
        if not isinstance(request.options, spec.options):
            raise OptionError(
                "{spec} takes {name}, not {given}",
                spec=spec.name,
                name=spec.options.__name__,
                given=type(request.options).__name__,
            )
        language = self._language(spec, request)
        verbatim = spec.verbatim(request.options)
        text, remarks = sanitize(request.text, max_chars=spec.max_chars, verbatim=verbatim)
        if not verbatim:
            text, told = self.lexicons.read(
                text, language, request.lexicon, max_chars=spec.max_chars, tokens=tuple(spec.tokens)
            )
            remarks += told
        return spec, text, language, remarks

    def _language(self, spec: SystemSpec, request: SynthesisRequest) -> str:
        """The one that is asked for, else the voice's own; of the same language, the region is the voice's."""
        voice: Voice | str = request.voice
        if isinstance(voice, str) and (saved := self.saved(spec.id, voice, request.checkpoint)):
            voice = saved
        own = spec.voice_language(voice, request.checkpoint or next(iter(self.checkpoints(spec.id).values()), None))
        asked = spoken(spec, request.language or own, request.checkpoint)
        return own if own.partition("-")[0] == asked else asked

    def _unheeded(self, spec: SystemSpec, checkpoint: Path, voice: Voice | None, options: Any) -> list[Message]:
        """What is to be said of options that were set and change nothing."""
        held, unset = values(options), self.defaults(spec.id, checkpoint)
        return [
            Message("{option} changes nothing with this model, this voice and these options", option=option.name)
            for option in unheeded(options, spec.traits(checkpoint, voice))
            if held[option.name] not in (option.default, unset[option.name])
        ]


def _check_seed(seed: int) -> None:
    if not 0 <= seed <= MAX_SEED:
        raise OptionError("Seed must be between 0 and {max_seed:,}; it was {seed}", max_seed=MAX_SEED, seed=seed)


def _sound(events: Generator[Event, None, None]) -> Generator[AudioChunk, None, None]:
    with contextlib.closing(events):
        for event in events:
            if isinstance(event, AudioChunk):
                yield event
