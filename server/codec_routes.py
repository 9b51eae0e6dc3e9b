"""The HTTP routes of codecs: which are here, and how a sound comes back from one.

    GET  /studio/codecs          {"codecs": [{id, title, file, kbps}], "most_s"}
    POST /studio/codecs/{codec}  the bytes of a recording; the query is `Asked` -> see `_described`

What is sent and what is made of it are forgotten when they are answered. A round trip counts as a request, and so does
its sound; one is made at a time. When whoever asked has gone, the work ends. An error is {"error": {"type", "message"}}
with a fitting status.
"""

import base64
import contextlib
from collections.abc import Generator
from dataclasses import dataclass
from functools import partial
from threading import Event
from typing import Any

import anyio
import anyio.to_thread
import numpy as np
from starlette.requests import Request
from starlette.responses import Response

from engine.codecs.shelf import Shelved
from engine.engine import Engine
from engine.events import AudioChunk, Progress
from engine.events import Event as Happened
from server.answers import as_json, raw_body
from server.body import read_query
from server.errors import RequestError
from server.guard import Guarded
from server.held import Room
from server.rights import Need, Rights, visitor_of
from server.voice_routes import MAX_RECORDING
from server.watching import GONE, watched

# Of a sound; half a minute is some ten seconds of work.
MOST_S, LEAST_S = 30.0, 0.1
# What a picture is wide, and each half of it high, in pixels.
WIDTH, HEIGHT = 640, 120
_PEAK = 0.98


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """``kbps`` is one of those that the codec has to choose from; 0 is its usual one."""

    kbps: float = 0.0


class CodecRoutes:
    """The handlers, over an engine."""

    def __init__(self, engine: Engine, rights: Rights) -> None:
        self._engine, self._rights = engine, rights
        self._room = Room()
        self._place = anyio.CapacityLimiter(1)

    def table(self) -> list[Guarded]:
        """The routes, for any app to mount."""
        guarded = partial(Guarded, rights=self._rights)
        return [
            guarded("/studio/codecs", self.list, methods=["GET"], needs=Need.ENTRY),
            guarded("/studio/codecs/{codec}", self.round_trip, methods=["POST"], needs=Need.SPEAK),
        ]

    async def list(self, _request: Request) -> Response:
        """The codecs that are here."""
        ways = await anyio.to_thread.run_sync(self._engine.library.codecs)
        codecs = [{"id": way.id, "title": way.title, "file": way.file, "kbps": list(way.kbps)} for way in ways]
        return as_json(self._rights.told({"codecs": codecs, "most_s": MOST_S}))

    async def round_trip(self, request: Request) -> Response:
        """A recording, to codes and back."""
        asked, visitor = read_query(Asked, request.query_params), visitor_of(request)
        way = await anyio.to_thread.run_sync(self._way, request.path_params["codec"])
        with self._rights.allowance.begin(visitor) as going, self._room.share(visitor.address) as held:
            data = await raw_body(request, MAX_RECORDING, held.take)

            def work(gone: Event) -> dict[str, Any]:
                made: dict[str, Any] = {}
                with contextlib.closing(going.watch(_made(way, data, asked.kbps or None, made))) as events:
                    for _ in events:
                        if gone.is_set():
                            return {}
                return made

            answer = await watched(request, work, self._place)
        return Response(status_code=GONE) if answer is None else as_json(answer)

    def _way(self, id: str) -> Shelved:  # noqa: A002
        for way in self._engine.library.codecs():
            if way.id == id:
                return way
        raise RequestError("there is no such codec here (any more)", 404)


# -- the work, on a thread --


def _made(way: Shelved, data: bytes, kbps: float | None, made: dict[str, Any]) -> Generator[Happened, None, None]:
    """The events of a round trip; what is to be answered is put into ``made``."""
    from engine.audio import decode
    from engine.codecs.round_trip import open_way, round_trip
    from engine.steps import with_progress

    codec, decoder = open_way(way)
    rate = codec.sample_rate
    samples = decode.read(data, sample_rate=rate, max_seconds=MOST_S, min_seconds=LEAST_S)
    progress = Progress(done=0, total=None, label="")
    trip = yield from with_progress(round_trip(codec, decoder, samples, kbps), progress)
    before, after = _at_equal_loudness(samples, trip.after, rate)
    made |= _described(before, after, rate) | {
        "kbps": round(trip.kbps, 3),
        "frames_per_s": round(trip.frames_per_s, 3),
        "codebooks": len(trip.codes),
        "codes": trip.codes.size,
        "seconds": round(len(samples) / rate, 3),
        "encode_s": round(trip.encode_s, 3),
        "decode_s": round(trip.decode_s, 3),
    }
    yield AudioChunk(samples=after, sample_rate=rate, segment=0)


def _at_equal_loudness(before: np.ndarray, after: np.ndarray, rate: int) -> tuple[np.ndarray, np.ndarray]:
    """Both as loud as what went in, or, where one of them would be clipped for that, both softer by as much."""
    from engine.audio.loudness import gain_to

    after = after * np.float32(gain_to(before, after, rate))
    peak = max(float(np.abs(before).max()), float(np.abs(after).max()))
    scale = np.float32(min(1.0, _PEAK / max(peak, 1e-9)))
    return before * scale, after * scale


def _described(before: np.ndarray, after: np.ndarray, rate: int) -> dict[str, Any]:
    """Both sounds as WAV files and their picture, in base64."""
    from engine.audio.encode import encode
    from engine.audio.picture import pair_png

    files = {
        "before": encode(before, rate, "wav", {}),
        "after": encode(after, rate, "wav", {}),
        "picture": pair_png(before, after, rate, width=WIDTH, height=HEIGHT),
    }
    return {name: base64.b64encode(data).decode("ascii") for name, data in files.items()}
