"""Which models are in memory, and who may use them now.

One `Residency` belongs to one `Engine`. It is the only owner of loaded models: a request takes a lease, and a model
without leases may be evicted to make room. A model keeps nothing of a request, so several leases share one model, up
to a number of places; further requests wait in the order they came and see their place in the queue, and when the
queue is full they get `Busy`. A model that nobody has used for a while is dropped, if a limit is set.
"""

import gc
import logging
import time
from collections.abc import Callable, Generator, Hashable, Sequence
from dataclasses import dataclass, field
from threading import Condition, Timer
from typing import Generic, TypeVar

from engine.errors import Busy
from engine.events import Progress
from engine.message import Message

logger = logging.getLogger(__name__)

# What a model is called.
Key = TypeVar("Key", bound=Hashable)
# What a loaded one is: a system, or a recogniser.
Model = TypeVar("Model")
Load = Callable[[], Generator[Progress, None, Model]]


@dataclass(slots=True, eq=False)
class _Resident(Generic[Model]):
    system: Model
    leases: int = 0
    last_used: float = field(default_factory=time.monotonic)


@dataclass(frozen=True, slots=True, kw_only=True)
class Loaded(Generic[Key, Model]):
    """A model in memory: how many requests use it now, and for how many seconds none has."""

    key: Key
    system: Model
    leases: int
    idle_s: float


class Lease(Generic[Key, Model]):
    """The right to use a loaded model until `release`, which may be called more than once."""

    def __init__(self, residency: "Residency[Key, Model]", key: Key, system: Model) -> None:
        self.system = system
        self._residency = residency
        self._key = key
        self._held = True

    def release(self) -> None:
        """Give the place back to whoever waits."""
        if self._held:
            self._held = False
            self._residency._release(self._key)


class Residency(Generic[Key, Model]):
    """Owns up to ``models`` loaded models; up to ``queue`` requests wait for a place, ``patience_s`` s at most.

    A model that has been idle for ``idle_s`` s is dropped (None: never). ``dropped`` is called after models have gone,
    to give back what they have left behind.
    """

    def __init__(
        self,
        *,
        models: int = 1,
        queue: int = 8,
        patience_s: float = 300.0,
        idle_s: float | None = None,
        dropped: Callable[[], object] = gc.collect,
    ) -> None:
        self._models = models
        self._queue = queue
        self._patience_s = patience_s
        self._idle_s = idle_s
        self._dropped = dropped
        # Sleeps until the model that has been idle the longest is due; there is none while nothing is idle.
        self._alarm: Timer | None = None
        self._residents: dict[Key, _Resident[Model]] = {}
        self._loading: set[Key] = set()
        self._waiting: list[object] = []
        self._active = 0
        self._condition = Condition()

    def lease(self, key: Key, load: Load[Model], *, places: int) -> Generator[Progress, None, Lease[Key, Model]]:
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

    def unload(self, which: Callable[[Key], bool] = lambda _: True) -> int:
        """Drop the models that nobody is using and whose keys satisfy ``which``; returns how many."""
        with self._condition:
            return self._drop([key for key in self._idle() if which(key)])

    def loaded(self) -> tuple[Loaded[Key, Model], ...]:
        """The models in memory, the longest loaded first."""
        now = time.monotonic()
        with self._condition:
            return tuple(
                Loaded(key=key, system=r.system, leases=r.leases, idle_s=0.0 if r.leases else now - r.last_used)
                for key, r in self._residents.items()
            )

    def close(self) -> None:
        """Drop every model that nobody is using, and wake up no more."""
        with self._condition:
            self._idle_s = None
            if self._alarm is not None:
                self._alarm.cancel()
                self._alarm = None
            self._drop(self._idle())

    def _wait_for_place(self, key: Key, places: int) -> Generator[Progress, None, bool]:
        """Take a place; returns whether the holder must load the model itself."""
        ticket = object()
        give_up = time.monotonic() + self._patience_s
        with self._condition:
            if not self._waiting and (must_load := self._admit(key, places)) is not None:
                return must_load
            if len(self._waiting) >= self._queue:
                raise Busy(
                    "all {places} places are taken and {count} requests are waiting; try again soon",
                    places=places,
                    count=len(self._waiting),
                )
            self._waiting.append(ticket)
        try:
            while True:
                with self._condition:
                    place = self._waiting.index(ticket)
                    if place == 0 and (must_load := self._admit(key, places)) is not None:
                        return must_load
                if time.monotonic() > give_up:
                    raise Busy(
                        "no place became free within {patience_s:.0f} s; try again later", patience_s=self._patience_s
                    )
                yield Progress(
                    done=0, total=None, label=Message("waiting: place {place} in the queue", place=place + 1)
                )
                with self._condition:
                    self._condition.wait(0.1)
        finally:
            with self._condition:
                self._waiting.remove(ticket)
                self._condition.notify_all()

    def _admit(self, key: Key, places: int) -> bool | None:
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

    def _evict(self, *, keep: int) -> None:
        """Under the lock: drop idle models, the least recently used first, until ``keep`` are left or none is idle."""
        self._drop(self._idle()[: max(0, len(self._residents) - max(0, keep))])

    def _idle(self) -> list[Key]:
        """Under the lock: the models that nobody is using, the least recently used first."""
        idle = [key for key, resident in self._residents.items() if resident.leases == 0]
        return sorted(idle, key=lambda key: self._residents[key].last_used)

    def _drop(self, keys: Sequence[Key]) -> int:
        """Under the lock."""
        for key in keys:
            logger.info("unloading %s", key)
            del self._residents[key]
        if keys:
            self._dropped()
            self._condition.notify_all()
        return len(keys)

    def _release(self, key: Key) -> None:
        with self._condition:
            resident = self._residents[key]
            resident.leases -= 1
            resident.last_used = time.monotonic()
            self._active -= 1
            self._set_alarm()
            self._condition.notify_all()

    def _set_alarm(self) -> None:
        """Under the lock: wake up when the next model is due, unless that has been seen to."""
        if self._idle_s is None or self._alarm is not None or not (idle := self._idle()):
            return
        due = self._residents[idle[0]].last_used + self._idle_s
        self._alarm = Timer(max(0.0, due - time.monotonic()), self._wake_up)
        self._alarm.daemon = True
        self._alarm.start()

    def _wake_up(self) -> None:
        with self._condition:
            if self._idle_s is None:
                return
            self._alarm = None
            longest = time.monotonic() - self._idle_s
            self._drop([key for key in self._idle() if self._residents[key].last_used <= longest])
            self._set_alarm()
