"""The engine: a request in, events out. It joins the parts below it and knows no system by name."""

import sys
import time
from collections.abc import Generator, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from engine import registry
from engine.audio.joiner import join
from engine.errors import OptionError, OutOfMemory, VoiceError, WeightsMissing
from engine.events import Event, Notice, Progress, Started
from engine.request import SynthesisRequest, Voice
from engine.residency import Lease, Residency
from engine.system import System, SystemSpec
from engine.text.sanitize import sanitize

if TYPE_CHECKING:
    import torch

MAX_SEED = 2**63 - 1


@dataclass(frozen=True, slots=True)
class ModelKey:
    """What makes two loaded models the same one; a checkpoint that has changed on disk is another."""

    system: str
    checkpoint: Path
    changed_ns: int
    device: str
    dtype: str


class Engine:
    """Synthesis with any registered system on one device.

    ``device`` is auto, cpu, cuda or mps and ``dtype`` auto, float32, bfloat16 or float16; both are looked at when the
    first model loads, so that an engine costs nothing to make. ``places`` is how many requests may run at once
    (default: 2 on a CPU, 4 on an accelerator), ``queue`` how many may wait. ``models_dir`` holds checkpoints of the
    user's own, as ``<system id>/<any name>/``.
    """

    def __init__(
        self,
        specs: tuple[SystemSpec, ...] | None = None,
        *,
        device: str = "auto",
        dtype: str = "auto",
        places: int | None = None,
        queue: int = 8,
        models_dir: Path | None = None,
    ) -> None:
        self._specs = registry.systems() if specs is None else specs
        self._device = device
        self._dtype = dtype
        self._places = places
        self._models_dir = models_dir
        self._residency = Residency(queue=queue)

    def systems(self) -> tuple[SystemSpec, ...]:
        """Every system's facts, in the order of the page."""
        return self._specs

    def system(self, system: str) -> SystemSpec:
        """The facts of one system. Raises UnknownSystem."""
        return registry.find(system, self._specs)

    def checkpoints(self, system: str) -> dict[str, Path]:
        """What is installed for a system, by name: the checkpoint that ships first, then those under ``models_dir``."""
        spec = self.system(system)
        found = {"built in": spec.bundled} if spec.bundled and spec.bundled.exists() else {}
        folder = self._models_dir / spec.id if self._models_dir else None
        if folder and folder.is_dir():
            found |= {path.name: path for path in sorted(folder.iterdir()) if not path.name.startswith(".")}
        return found

    def voices(self, system: str, checkpoint: Path | None = None) -> tuple[str, ...]:
        """The names of the voices in a checkpoint (default: the first installed one), without loading it."""
        checkpoint = checkpoint or next(iter(self.checkpoints(system).values()), None)
        return self.system(system).speakers(checkpoint) if checkpoint and checkpoint.exists() else ()

    def prepare(self, system: str, checkpoint: Path | None = None) -> Iterator[Progress]:
        """Bring a model into memory, so that the first request does not wait for it."""
        lease, _, _ = yield from self._lease(self.system(system), checkpoint)
        lease.release()

    def unload(self) -> int:
        """Drop every model that nobody is using; returns how many."""
        return self._residency.unload()

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
        began = time.monotonic()
        lease, device, dtype = yield from self._lease(spec, request.checkpoint)
        load_s = time.monotonic() - began
        try:
            import torch

            system = lease.system
            voice = _voice(system, request)
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
            if not _is_out_of_memory(error):
                raise
            raise OutOfMemory(
                f"{spec.name} ran out of memory on {device}; try a shorter text or unload models"
            ) from error
        finally:
            lease.release()

    def _lease(
        self, spec: SystemSpec, checkpoint: Path | None
    ) -> "Generator[Progress, None, tuple[Lease, torch.device, torch.dtype]]":
        checkpoint = checkpoint or next(iter(self.checkpoints(spec.id).values()), None)
        if checkpoint is None or not checkpoint.exists():
            where = f"{checkpoint} does not exist" if checkpoint else "none is installed"
            raise WeightsMissing(f"{spec.name} needs a checkpoint ({where}); name one in its public layout")
        if "torch" not in sys.modules:
            yield Progress(done=0, total=None, label="starting the engine")
        from engine.device import resolve

        device, dtype = resolve(self._device, self._dtype, spec.dtypes)
        key = ModelKey(spec.id, checkpoint.resolve(), checkpoint.stat().st_mtime_ns, str(device), str(dtype))
        places = self._places or (2 if device.type == "cpu" else 4)
        try:
            lease = yield from self._residency.lease(key, lambda: spec.load(checkpoint, device, dtype), places=places)
        except (MemoryError, RuntimeError) as error:
            if not _is_out_of_memory(error):
                raise
            raise OutOfMemory(f"{spec.name} does not fit into the memory of {device}; unload other models") from error
        return lease, device, dtype


def _voice(system: System, request: SynthesisRequest) -> Voice:
    if request.prompt is not None:
        if request.voice:
            raise VoiceError("a voice and a recording were both given; choose one of them")
        return system.encode_voice(request.prompt)
    if isinstance(request.voice, str):
        return system.voice(request.voice)
    if request.voice.system != request.system:
        raise VoiceError(f"voice {request.voice.name!r} belongs to {request.voice.system}, not to {request.system}")
    return request.voice


def _is_out_of_memory(error: BaseException) -> bool:
    """torch says so by its own class on an accelerator and by its words on a CPU."""
    return isinstance(error, MemoryError) or "out of memory" in str(error) or "can't allocate memory" in str(error)
