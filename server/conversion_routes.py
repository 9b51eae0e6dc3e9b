"""The HTTP route of recordings that are said in another voice.

    POST /studio/conversions/{system}  the bytes of a recording; the query is `Convert` -> the bytes of a WAV file

What is sent and what is made of it are forgotten when they are answered. It counts as a request, and so does its sound.
When whoever asked has gone, the work ends. An error is {"error": {"type", "message"}} with a fitting status.
"""

import contextlib
from collections.abc import Generator, Mapping
from dataclasses import dataclass
from threading import Event
from typing import Any

import anyio.to_thread
from starlette.requests import Request
from starlette.responses import Response

from engine import conversion
from engine.engine import Engine
from engine.errors import OptionError
from engine.events import Event as Happened
from server.answers import raw_body
from server.body import read
from server.guard import Guarded
from server.held import Room
from server.requests import checkpoint_of
from server.rights import Need, Rights, visitor_of
from server.voice_routes import MAX_RECORDING
from server.watching import GONE, watched

# Of a recording; a minute of sound is half a minute of work.
MOST_S = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Convert:
    """``source`` and ``target`` are voices of the ``model``, an installed checkpoint ("" is the first one)."""

    source: str
    target: str
    model: str = ""
    seed: int = 0


class ConversionRoutes:
    """The handler, over an engine."""

    def __init__(self, engine: Engine, rights: Rights) -> None:
        self._engine, self._rights = engine, rights
        self._room = Room()

    def table(self) -> list[Guarded]:
        """The route, for any app to mount."""
        path = "/studio/conversions/{system}"
        return [Guarded(path, self.convert, methods=["POST"], needs=Need.SPEAK, rights=self._rights)]

    async def convert(self, request: Request) -> Response:
        """A recording in another voice."""
        asked = read(Convert, _with_seed(request.query_params))
        spec = self._engine.system(request.path_params["system"])
        checkpoint, visitor = checkpoint_of(self._engine, spec, asked.model), visitor_of(request)
        await anyio.to_thread.run_sync(self._engine.check_conversion, spec.id, checkpoint)
        with self._rights.allowance.begin(visitor) as going, self._room.share(visitor.address) as held:
            data = await raw_body(request, MAX_RECORDING, held.take)

            def work(gone: Event) -> bytes:
                from engine.audio.encode import encode
                from engine.audio.label import converted

                wanted = conversion.from_recording(
                    spec.id,
                    data,
                    asked.source,
                    asked.target,
                    seed=asked.seed,
                    checkpoint=checkpoint,
                    max_seconds=MOST_S,
                )
                events = going.watch(self._engine.convert(wanted))
                samples, rate = conversion.gather(_as_long_as_heard(events, gone))
                return b"" if gone.is_set() else encode(samples, rate, "wav", converted(wanted))

            made = await watched(request, work)
        if made is None:
            return Response(status_code=GONE)
        return Response(made, media_type="audio/wav", headers={"Cache-Control": "no-store"})


def _as_long_as_heard(events: Generator[Happened, None, None], gone: Event) -> Generator[Happened, None, None]:
    with contextlib.closing(events):
        for event in events:
            if gone.is_set():
                return
            yield event


def _with_seed(query: Mapping[str, str]) -> dict[str, Any]:
    """A query with its seed as a number. Raises OptionError."""
    found: dict[str, Any] = dict(query)
    if (seed := found.get("seed")) is not None:
        try:
            found["seed"] = int(seed)
        except ValueError:
            raise OptionError("Seed must be a whole number; it was {seed}", seed=seed[:40]) from None
    return found
