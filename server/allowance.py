"""How much a visitor may use in an hour and at once, so that one leaves something for the others.

Counted for the visit and, with `AT_ONE_ADDRESS` times as much, for the address: a visit costs nothing to begin anew,
and several people may share an address. Who has a key of their own has its limits, and is counted by it alone.
"""

import math
import threading
import time
from collections.abc import Generator
from contextlib import closing
from dataclasses import dataclass
from types import TracebackType
from typing import Protocol

from engine.errors import TextError
from engine.events import AudioChunk, Event
from server.errors import RequestError

AT_ONE_ADDRESS = 4
HOUR_S = 3600.0
MOST_KNOWN = 20_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Of one visitor: characters of a text, seconds of sound and requests in an hour, and requests at once."""

    text: int = 2000
    seconds: int = 600
    requests: int = 120
    at_once: int = 2


class Limited(RequestError):
    """A visitor has used what there is for them; in ``wait_s`` seconds there is more."""

    def __init__(self, template: str, wait_s: float, /, **values: object) -> None:
        super().__init__(template, 429, **values)
        self.wait_s = wait_s


class Somebody(Protocol):
    """What is to be known of a visitor here."""

    @property
    def name(self) -> str: ...
    @property
    def address(self) -> str: ...
    @property
    def owner(self) -> bool: ...
    @property
    def limits(self) -> Limits | None: ...


class Meter:
    """Who is told of what is used, by whomever; this one forgets it."""

    def began(self, characters: int) -> None:
        """A request has begun, with a text of so many characters."""

    def first_sound(self, seconds: float) -> None:
        """So long after its beginning a request has brought its first sound."""

    def sounded(self, seconds: float) -> None:
        """So much sound has been made."""

    def ended(self) -> None:
        """A request runs no more."""


@dataclass(slots=True)
class _Use:
    """What one visit or address has used since ``began``, and how many requests it has running."""

    share: int
    began: float
    seconds: float = 0.0
    requests: int = 0
    running: int = 0


class Allowance:
    """Keeps count of every visitor but the owner. Without ``limits`` only those are who have their own.

    What is counted goes on to ``meter``, the owner's too.
    """

    def __init__(self, limits: Limits | None, meter: Meter | None = None) -> None:
        self.limits = limits
        self._meter = meter or Meter()
        self._uses: dict[str, _Use] = {}
        self._lock = threading.Lock()

    def longest(self, visitor: Somebody) -> float:
        """How many characters a text of ``visitor`` may have, as far as it depends on them."""
        limits = self._limits(visitor)
        return math.inf if limits is None else limits.text

    def _limits(self, visitor: Somebody) -> Limits | None:
        return None if visitor.owner else visitor.limits or self.limits

    def begin(self, visitor: Somebody, text: str = "") -> "Going":
        """A request of ``visitor`` that begins now; end it. Raises TextError for a text too long, and Limited."""
        limits = self._limits(visitor)
        if limits is None:
            return Going(self, [], self._meter, text)
        if len(text) > limits.text:
            raise TextError(
                "the text has {count:,} characters; visitors may send {most:,} at a time, so say it in parts",
                count=len(text),
                most=limits.text,
            )
        now = time.monotonic()
        counted = [(f"visit {visitor.name}", 1)]
        if visitor.limits is None and visitor.address:
            counted.append((f"address {visitor.address}", AT_ONE_ADDRESS))
        with self._lock:
            uses = [self._use(key, share, now) for key, share in counted]
            for use in uses:
                self._refuse(limits, use, now)
            for use in uses:
                use.requests += 1
                use.running += 1
        return Going(self, uses, self._meter, text)

    def heard(self, uses: list[_Use], seconds: float) -> None:
        """Count ``seconds`` of sound."""
        with self._lock:
            for use in uses:
                use.seconds += seconds

    def ended(self, uses: list[_Use]) -> None:
        """Count a request that runs no more."""
        with self._lock:
            for use in uses:
                use.running -= 1

    def _use(self, key: str, share: int, now: float) -> _Use:
        use = self._uses.get(key)
        if use is None:
            if len(self._uses) >= MOST_KNOWN:
                self._forget(now)
            use = self._uses[key] = _Use(share=share, began=now)
        elif now - use.began > HOUR_S:
            use.began, use.seconds, use.requests = now, 0.0, 0
        return use

    def _forget(self, now: float) -> None:
        """Make room: what is over goes, and if that is little, the older half of what does not run."""
        idle = [key for key, use in self._uses.items() if not use.running]  # in the order of their first request
        over = [key for key in idle if now - self._uses[key].began > HOUR_S]
        for key in over if len(over) > len(idle) // 2 else idle[: len(idle) // 2]:
            del self._uses[key]

    def _refuse(self, limits: Limits, use: _Use, now: float) -> None:
        left_s = max(1.0, use.began + HOUR_S - now)
        if use.running >= limits.at_once * use.share:
            raise Limited(
                "{count} requests of yours are going on already; wait for one of them", 2.0, count=use.running
            )
        if use.requests >= limits.requests * use.share:
            raise Limited(
                "there are {count} requests an hour for a visitor; more in {minutes} min",
                left_s,
                count=limits.requests,
                minutes=math.ceil(left_s / 60),
            )
        if use.seconds >= limits.seconds * use.share:
            raise Limited(
                "there are {count} s of sound an hour for a visitor; more in {minutes} min",
                left_s,
                count=limits.seconds,
                minutes=math.ceil(left_s / 60),
            )


class Going:
    """One request that is counted while it runs: as a context, or around the events that come of it."""

    def __init__(self, allowance: Allowance, uses: list[_Use], meter: Meter, text: str) -> None:
        self._allowance = allowance
        self._uses = uses
        self._meter = meter
        self._began = time.monotonic()
        self._silent = True
        self._ended = False
        meter.began(len(text))

    def watch(self, events: Generator[Event, None, None]) -> Generator[Event, None, None]:
        """The events; their sound is counted, and the request ends with them."""
        with self, closing(events):
            for event in events:
                if isinstance(event, AudioChunk):
                    self._heard(event.samples.size / event.sample_rate)
                yield event

    def _heard(self, seconds: float) -> None:
        self._allowance.heard(self._uses, seconds)
        self._meter.sounded(seconds)
        if self._silent:
            self._silent = False
            self._meter.first_sound(time.monotonic() - self._began)

    def end(self) -> None:
        """It runs no more; twice is no harm."""
        if not self._ended:
            self._ended = True
            self._allowance.ended(self._uses)
            self._meter.ended()

    def __enter__(self) -> "Going":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.end()
