"""The engine: a request in, events out. It joins the parts below it and knows no system by name."""

import sys
import time
from collections.abc import Generator, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from engine import registry
from engine.audio.joiner import join
from engine.errors import OptionError, OutOfMemory, TextError, VoiceError, WeightsMissing
from engine.events import Event, Notice, Progress, Started
from engine.fingerprint import Fingerprint, fingerprint
from engine.library import Library
from engine.request import SynthesisRequest, Voice, VoicePrompt
from engine.residency import Lease, Residency
from engine.system import System, SystemSpec
from engine.text.sanitize import sanitize
from engine.text.script import remarks as remarks_on_language
from engine.voice_shelf import VoiceShelf

if TYPE_CHECKING:
    import torch

MAX_SEED = 2**63 - 1


@dataclass(frozen=True, slots=True)
class ModelKey:
    """What makes two loaded models the same one; a checkpoint that has changed on disk is another."""

    system: str
    checkpoint: Path
    files: Fingerprint
    device: str
    dtype: str

    def __str__(self) -> str:
        return f"{self.system} of {self.checkpoint}"


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadedModel:
    """A model in memory: its parameters take ``bytes``, ``requests`` use it now, none has for ``idle_s`` seconds."""

    system: str
    checkpoint: Path
    device: str
    dtype: str
    bytes: int
    requests: int
    idle_s: float


class Engine:
    """Synthesis with any registered system on one device.

    ``device`` is auto, cpu, cuda or mps and ``dtype`` auto, float32, bfloat16 or float16; both are looked at when the
    first model loads, so that an engine costs nothing to make. ``places`` is how many requests may run at once
    (default: 2 on a CPU, 4 on an accelerator), ``queue`` how many may wait. ``library`` says which checkpoints
    there are; by default only those that ship; ``shelf`` holds the saved voices, in the same folder. Up to ``models``
    stay in memory, each until nobody has used it for ``idle_s`` seconds (None: until another needs its place).
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
        self._device = device
        self._dtype = dtype
        self._places = places
        self.library = library or Library(self._specs)
        self.shelf = VoiceShelf(self.library.folder and self.library.folder / "voices")
        self._residency = Residency(models=models, queue=queue, idle_s=idle_s, dropped=_free)

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

    def prepare(self, system: str, checkpoint: Path | None = None) -> Iterator[Progress]:
        """Bring a model into memory, so that the first request does not wait for it."""
        lease, _, _ = yield from self._lease(self.system(system), checkpoint)
        lease.release()

    def make_voice(
        self, system: str, source: str | VoicePrompt, checkpoint: Path | None = None
    ) -> Generator[Progress, None, Voice]:
        """A voice to keep: the one that a name or string stands for, or one made from a recording.

        Raises VoiceError, AudioError, Busy and OutOfMemory.
        """
        spec = self.system(system)
        if isinstance(source, str) and (saved := self._saved(system, source, checkpoint)):
            return saved
        lease, device, _ = yield from self._lease(spec, checkpoint)
        try:
            return _made(lease.system, source)
        except (MemoryError, RuntimeError) as error:
            raise _out_of_memory(error, spec, device) from error
        finally:
            lease.release()

    def loaded(self) -> tuple[LoadedModel, ...]:
        """The models in memory, the longest loaded first."""
        return tuple(
            LoadedModel(
                system=model.key.system,
                checkpoint=model.key.checkpoint,
                device=model.key.device,
                dtype=model.key.dtype.removeprefix("torch."),
                bytes=sum(tensor.numel() * tensor.element_size() for tensor in model.system.parameters()),
                requests=model.leases,
                idle_s=model.idle_s,
            )
            for model in self._residency.loaded()
        )

    def unload(self, system: str | None = None, checkpoint: Path | None = None) -> int:
        """Drop the models that nobody is using: of one system or of one checkpoint, if named. Returns how many."""
        where = checkpoint and checkpoint.resolve()
        return self._residency.unload(
            lambda key: system in (None, key.system) and where in (None, key.checkpoint),
        )

    def close(self) -> None:
        """Drop every model that nobody is using; no other goes by itself any more."""
        self._residency.close()

    def synthesize(self, request: SynthesisRequest) -> Iterator[Event]:
        """Say something.

        Yields Progress while waiting and loading, then one Started, then AudioChunks in order with Progress and
        Notices between them. Closing the generator stops the work and frees the model. The same request on the same
        device gives the same samples.

        Raises UserError kinds for mistakes in the request, Busy, and OutOfMemory.
        """
        spec = self.system(request.system)
        if not isinstance(request.options, spec.options):
            raise OptionError(f"{spec.name} takes {spec.options.__name__}, not {type(request.options).__name__}")
        if not 0 <= request.seed <= MAX_SEED:
            raise OptionError(f"seed={request.seed} is outside 0..{MAX_SEED}")
        # A checkpoint of the user's own may speak what the system's facts do not know.
        spoken = request.checkpoint or request.language.partition("-")[0] in ("", *spec.languages)
        if not spoken:
            raise OptionError(f"language={request.language!r}: {spec.name} speaks {', '.join(spec.languages)}")
        verbatim = getattr(request.options, "compat", False) or getattr(request.options, "cleaned", False)
        text, remarks = sanitize(request.text, max_chars=spec.max_chars, verbatim=verbatim)
        language = request.language or spec.languages[0]
        if isinstance(request.voice, str) and (saved := self._saved(spec.id, request.voice, request.checkpoint)):
            request = replace(request, voice=saved)
        began = time.monotonic()
        lease, device, dtype = yield from self._lease(spec, request.checkpoint)
        load_s = time.monotonic() - began
        try:
            import torch

            system = lease.system
            voice = _voice(system, request)
            remarks += _unread(text, spec, system, request.options)
            segments = system.segment(text, language, request.options)
            yield Started(
                sample_rate=system.sample_rate,
                device=str(device),
                dtype=str(dtype).removeprefix("torch."),
                seed=request.seed,
                segments=len(segments),
                load_s=load_s,
            )
            for remark in remarks:
                yield Notice(message=remark)
            rng = torch.Generator().manual_seed(request.seed)
            events = system.synthesize(segments, voice, request.options, rng)
            yield from events if request.raw else join(events, segments)
        except (MemoryError, RuntimeError) as error:
            raise _out_of_memory(error, spec, device) from error
        finally:
            lease.release()

    def _saved(self, system: str, name: str, checkpoint: Path | None) -> Voice | None:
        """The saved voice of this name; a voice that the checkpoint itself has under the name comes first."""
        if not self.shelf.has(system, name) or name in self.voices(system, checkpoint):
            return None
        return self.shelf.load(system, name)

    def _lease(
        self, spec: SystemSpec, checkpoint: Path | None
    ) -> "Generator[Progress, None, tuple[Lease, torch.device, torch.dtype]]":
        checkpoint = checkpoint or next(iter(self.checkpoints(spec.id).values()), None)
        if checkpoint is None or not checkpoint.exists():
            where = f"{checkpoint} does not exist" if checkpoint else "none is installed"
            raise WeightsMissing(f"{spec.name} needs a checkpoint ({where}); {_how_to_get(spec)}")
        if "torch" not in sys.modules:
            yield Progress(done=0, total=None, label="starting the engine")
        from engine.device import resolve

        device, dtype = resolve(self._device, self._dtype, spec.dtypes)
        key = ModelKey(spec.id, checkpoint.resolve(), fingerprint(checkpoint), str(device), str(dtype))
        places = self._places or (2 if device.type == "cpu" else 4)
        try:
            lease = yield from self._residency.lease(key, lambda: spec.load(checkpoint, device, dtype), places=places)
        except (MemoryError, RuntimeError) as error:
            if not _is_out_of_memory(error):
                raise
            raise OutOfMemory(f"{spec.name} does not fit into the memory of {device}; unload other models") from error
        self.library.note_use(spec.id, checkpoint)
        return lease, device, dtype


def _how_to_get(spec: SystemSpec) -> str:
    """What to do for a checkpoint: download the first release that can be, or name one."""
    fetched = next((release.name for release in spec.releases if release.files and release.repo), "")
    if not fetched:
        return "name one in its public layout"
    command = f"python -m engine models download {spec.id}/{fetched}"
    return f"fetch one (Models on the page, or {command}), or name one in its public layout"


def _unread(text: str, spec: SystemSpec, system: System, options: object) -> list[str]:
    """What of ``text`` the loaded system cannot read. Raises TextError where that is all of it.

    A system whose checkpoints speak other languages than its facts say has them as ``languages``, empty for unknown
    ones. Phonemes are of no script, and a text that is read as the reference reads it is never refused.
    """
    if getattr(options, "cleaned", False):
        return []
    try:
        return remarks_on_language(text, spec.name, getattr(system, "languages", spec.languages))
    except TextError as error:
        if getattr(options, "compat", False):
            return [str(error)]
        raise


def _voice(system: System, request: SynthesisRequest) -> Voice:
    if request.prompt is not None:
        if request.voice:
            raise VoiceError("a voice and a recording were both given; choose one of them")
        return _made(system, request.prompt)
    if isinstance(request.voice, str):
        return _made(system, request.voice)
    if request.voice.system != request.system:
        raise VoiceError(f"voice {request.voice.name!r} belongs to {request.voice.system}, not to {request.system}")
    return request.voice


def _made(system: System, source: str | VoicePrompt) -> Voice:
    return system.voice(source) if isinstance(source, str) else system.encode_voice(source)


def _out_of_memory(error: BaseException, spec: SystemSpec, device: "torch.device") -> OutOfMemory:
    """What to tell of ``error`` if it is about memory; any other is raised as it is."""
    if not _is_out_of_memory(error):
        raise error
    return OutOfMemory(f"{spec.name} ran out of memory on {device}; try a shorter text or recording, or unload models")


def _free() -> None:
    # Models that are gone were loaded with torch; without it there is nothing to give back.
    if "torch" in sys.modules:
        from engine.device import free

        free()


def _is_out_of_memory(error: BaseException) -> bool:
    """torch says so by its own class on an accelerator and by its words on a CPU."""
    return isinstance(error, MemoryError) or "out of memory" in str(error) or "can't allocate memory" in str(error)
