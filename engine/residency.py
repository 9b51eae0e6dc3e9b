"""Which models are in memory, and who may use them now.

One `Residency` belongs to one `Engine`. It is the only owner of loaded models: a request takes a lease, and a model
without leases may be evicted to make room. A model keeps nothing of a request, so several leases share one model, up
to a number of places; further requests wait in the order they came and see their place in the queue, and when the
queue is full they get `Busy`.
"""

import gc
import logging
import time
from collections.abc import Callable, Generator, Hashable
from dataclasses import dataclass, field
from threading import Condition

from engine.errors import Busy
from engine.events import Progress
from engine.system import System

logger = logging.getLogger(__name__)

Load = Callable[[], Generator[Progress, None, System]]


@dataclass(slots=True, eq=False)
class _Resident:
    system: System
    leases: int = 0
    last_used: float = field(default_factory=time.monotonic)


class Lease:
    """The right to use a loaded model until `release`, which may be called more than once."""

    def __init__(self, residency: "Residency", key: Hashable, system: System) -> None:
        self.system = system
        self._residency = residency
        self._key = key
        self._held = True

    def release(self) -> None:
        """Give the place back to whoever waits."""
        if self._held:
            self._held = False
            self._residency._release(self._key)


class Residency:
    """Owns up to ``models`` loaded models; up to ``queue`` requests wait for a place, ``patience_s`` s at most."""

    def __init__(self, *, models: int = 1, queue: int = 8, patience_s: float = 300.0) -> None:
        self._models = models
        self._queue = queue
        self._patience_s = patience_s
        self._residents: dict[Hashable, _Resident] = {}
        self._loading: set[Hashable] = set()
        self._waiting: list[object] = []
        self._active = 0
        self._condition = Condition()

    def lease(self, key: Hashable, load: Load, *, places: int) -> Generator[Progress, None, Lease]:
        """A lease on the model called ``key``, which ``load`` brings into memory if it is not there.

        Yields the place in the queue while waiting, then the progress of loading. ``places`` is how many requests may
        be at work at once. Closing the generator gives up the place.

        Raises Busy when the queue is full or the wait outlasts the patience, and whatever ``load`` raises.
        """
        must_load = yield from self._wait_for_place(key, places)
        if must_load:
            try:
                system = yield from load()
            except BaseException:
                with self._condition:
                    self._loading.discard(key)
                    self._active -= 1
                    self._condition.notify_all()
                raise
            with self._condition:
                self._loading.discard(key)
                self._residents[key] = _Resident(system, leases=1)
                self._condition.notify_all()
        return Lease(self, key, self._residents[key].system)

    def unload(self) -> int:
        """Drop every model that nobody is using; returns how many."""
        with self._condition:
            return self._evict(keep=0)

    def loaded(self) -> tuple[Hashable, ...]:
        """The keys of the models in memory, the longest loaded first."""
        with self._condition:
            return tuple(self._residents)

    def _wait_for_place(self, key: Hashable, places: int) -> Generator[Progress, None, bool]:
        """Take a place; returns whether the holder must load the model itself."""
        ticket = object()
        give_up = time.monotonic() + self._patience_s
        with self._condition:
            if not self._waiting and (must_load := self._admit(key, places)) is not None:
                return must_load
            if len(self._waiting) >= self._queue:
                raise Busy(
                    f"all {places} places are taken and {len(self._waiting)} requests are waiting; try again soon"
                )
            self._waiting.append(ticket)
        try:
            while True:
                with self._condition:
                    place = self._waiting.index(ticket)
                    if place == 0 and (must_load := self._admit(key, places)) is not None:
                        return must_load
                if time.monotonic() > give_up:
                    raise Busy(f"no place became free within {self._patience_s:.0f} s; try again later")
                yield Progress(done=0, total=None, label=f"waiting: place {place + 1} in the queue")
                with self._condition:
                    self._condition.wait(0.1)
        finally:
            with self._condition:
                self._waiting.remove(ticket)
                self._condition.notify_all()

    def _admit(self, key: Hashable, places: int) -> bool | None:
        """Under the lock: None when there is no place now, else whether the model has yet to be loaded."""
        if self._active >= places:
            return None
        if key in self._residents:
            resident = self._residents[key]
            resident.leases += 1
            resident.last_used = time.monotonic()
            self._active += 1
            return False
        if key in self._loading:
            return None
        self._evict(keep=self._models - 1 - len(self._loading))
        if len(self._residents) + len(self._loading) >= self._models:
            return None
        self._loading.add(key)
        self._active += 1
        return True

    def _evict(self, *, keep: int) -> int:
        """Under the lock: drop idle models, the least recently used first, until ``keep`` are left or none is idle."""
        idle = sorted(
            (k for k, r in self._residents.items() if r.leases == 0), key=lambda k: self._residents[k].last_used
        )
        excess = idle[: max(0, len(self._residents) - max(0, keep))]
        for key in excess:
            logger.info("unloading %s", key)
            del self._residents[key]
        if excess:
            gc.collect()
        return len(excess)

    def _release(self, key: Hashable) -> None:
        with self._condition:
            resident = self._residents[key]
            resident.leases -= 1
            resident.last_used = time.monotonic()
            self._active -= 1
            self._condition.notify_all()
