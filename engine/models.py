"""From a system and a checkpoint to a model in memory, lent to one request: the checkpoint, the device, the lease."""

import sys
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from engine.errors import OutOfMemory, WeightsMissing
from engine.events import Progress
from engine.fingerprint import Fingerprint, fingerprint
from engine.library import Library
from engine.message import Message
from engine.residency import Lease, Residency
from engine.system import System, SystemSpec

if TYPE_CHECKING:
    pass


@dataclass(frozen=True, slots=True, kw_only=True)
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Borrowed:
    """A loaded model that one request may use until it gives it back; ``device`` and ``dtype`` are torch's words."""

    spec: SystemSpec
    checkpoint: Path
    system: System
    device: str
    dtype: str
    lease: Lease[ModelKey, System]

    def release(self) -> None:
        """Give it back; more than once does no harm."""
        self.lease.release()

    @contextmanager
    def at_work(self) -> Iterator[System]:
        """The system for the body to use; afterwards it is given back. Too little memory becomes OutOfMemory."""
        try:
            yield self.system
        except (MemoryError, RuntimeError) as error:
            if not _is_out_of_memory(error):
                raise
            raise OutOfMemory(
                "{spec} ran out of memory on {device}; try a shorter text or recording, or unload models",
                spec=self.spec.name,
                device=self.device,
            ) from error
        finally:
            self.release()


class Models:
    """The models of one engine, on one device. The arguments are those of `engine.engine.Engine`."""

    def __init__(
        self,
        library: Library,
        *,
        device: str,
        dtype: str,
        places: int | None,
        queue: int,
        models: int,
        idle_s: float | None,
    ) -> None:
        self._library = library
        self._device = device
        self._dtype = dtype
        self._places = places
        self._residency: Residency[ModelKey, System] = Residency(
            models=models, queue=queue, idle_s=idle_s, dropped=_free
        )

    def borrow(self, spec: SystemSpec, checkpoint: Path | None) -> Generator[Progress, None, Borrowed]:
        """The model of ``checkpoint`` (None: the first installed one), loaded if need be.

        Raises WeightsMissing, DeviceError, Busy, OutOfMemory, and what loading raises.
        """
        checkpoint = checkpoint or next(iter(self._library.installed(spec.id).values()), None)
        if checkpoint is None or not checkpoint.exists():
            raise missing(spec, checkpoint)
        if "torch" not in sys.modules:
            yield Progress(done=0, total=None, label="starting the engine")
        from engine.device import resolve

        device, dtype = resolve(self._device, self._dtype, spec.dtypes)
        key = ModelKey(
            system=spec.id,
            checkpoint=checkpoint.resolve(),
            files=fingerprint(checkpoint),
            device=str(device),
            dtype=str(dtype).removeprefix("torch."),
        )
        places = self._places or (spec.cpu_places if device.type == "cpu" else 4)
        try:
            lease = yield from self._residency.lease(key, lambda: spec.load(checkpoint, device, dtype), places=places)
        except (MemoryError, RuntimeError) as error:
            if not _is_out_of_memory(error):
                raise
            raise OutOfMemory(
                "{spec} does not fit into the memory of {device}; unload other models", spec=spec.name, device=device
            ) from error
        self._library.note_use(spec.id, checkpoint)
        where = key.checkpoint
        return Borrowed(
            spec=spec, checkpoint=where, system=lease.system, device=key.device, dtype=key.dtype, lease=lease
        )

    def loaded(self) -> tuple[LoadedModel, ...]:
        """The models in memory, the longest loaded first."""
        return tuple(
            LoadedModel(
                system=model.key.system,
                checkpoint=model.key.checkpoint,
                device=model.key.device,
                dtype=model.key.dtype,
                bytes=sum(tensor.numel() * tensor.element_size() for tensor in model.system.parameters()),
                requests=model.leases,
                idle_s=model.idle_s,
            )
            for model in self._residency.loaded()
        )

    def unload(self, which: Callable[[ModelKey], bool]) -> int:
        """Drop the models that nobody is using and whose keys satisfy ``which``; returns how many."""
        return self._residency.unload(which)

    def close(self) -> None:
        """Drop every model that nobody is using; no other goes by itself any more."""
        self._residency.close()


def missing(spec: SystemSpec, checkpoint: Path | None) -> WeightsMissing:
    """The error of whoever names a ``checkpoint`` that is not there, or (None) none while none is installed."""
    where = (
        Message("{checkpoint} does not exist", checkpoint=checkpoint) if checkpoint else Message("none is installed")
    )
    return WeightsMissing(
        "{spec} needs a checkpoint ({where}); {how}", spec=spec.name, where=where, how=how_to_get(spec)
    )


def how_to_get(spec: SystemSpec) -> Message:
    """What to do for a checkpoint: download the first release that can be, or name one."""
    fetched = next((release.name for release in spec.releases if release.files and release.repo), "")
    if not fetched:
        return Message("name one in its public layout")
    return Message(
        "fetch one (Models on the page, or python -m engine models download {id}), or name one in its public layout",
        id=f"{spec.id}/{fetched}",
    )


def _free() -> None:
    # Models that are gone were loaded with torch; without it there is nothing to give back.
    if "torch" in sys.modules:
        from engine.device import free

        free()


def _is_out_of_memory(error: BaseException) -> bool:
    """torch says so by its own class on an accelerator and by its words on a CPU."""
    return isinstance(error, MemoryError) or "out of memory" in str(error) or "can't allocate memory" in str(error)
