"""The HTTP routes of recordings that a voice is to be made from: what is wrong with one, and one that is mended.

    POST /studio/recordings/check   the bytes of a recording; the query is `Looked` -> see `_described`
    POST /studio/recordings/repair  the bytes of a recording; the query is `Mended` -> the bytes of a WAV file

Both look at the part between ``start`` and ``end``, in seconds: `PART_S` at most, since no system takes more. What is
sent is read and forgotten: nothing is kept, so nobody can come by another's recording, and nothing has to be swept.
They are asked while somebody moves a handle, so they do not count as requests; instead there are few places, and each
visitor has half of those who wait. An error is {"error": {"type", "message"}} with a fitting status: 429 when too many
ask at once.
"""

import io
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeVar

import anyio
import anyio.to_thread
import numpy as np
from starlette.requests import Request
from starlette.responses import Response

from engine.errors import AudioError, Busy, OptionError
from engine.message import as_told
from engine.voicing import MAX_TRANSCRIPT
from server.answers import as_json, raw_body
from server.body import read_query
from server.guard import Guarded
from server.held import Room
from server.rights import Need, Rights, visitor_of
from server.voice_routes import MAX_RECORDING

T = TypeVar("T")

# Of a recording, and of the part of it that a voice is made of, in seconds.
RECORDING_S, PART_S = 180.0, 60.0
LEAST_S = 0.1
# What more samples a second say of a voice, nobody hears.
MOST_RATE = 48_000
PEAKS = 400
# Recordings that are looked at at once, and all that may wait; each is a second's work at most.
PLACES, WAITING = 2, 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A part of a recording in seconds; an ``end`` of 0 is as far as goes."""

    start: float = 0.0
    end: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Looked(Part):
    """What to look at, the ``text`` that is said to be spoken in it, and its ``language``."""

    text: str = ""
    language: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mended(Part):
    """What to mend: ``repairs`` are names of `engine.audio.prompt_check.REPAIRS`, with commas; "" only cuts it out."""

    repairs: str = ""


class RecordingRoutes:
    """The handlers; they share the places."""

    def __init__(self, rights: Rights) -> None:
        self._rights = rights
        self._room = Room()
        self._places = anyio.CapacityLimiter(PLACES)
        self._asked: Counter[str] = Counter()

    def table(self) -> list[Guarded]:
        """The routes, for any app to mount."""
        guarded = partial(Guarded, methods=["POST"], needs=Need.SPEAK, rights=self._rights)
        return [
            guarded("/studio/recordings/check", self.check),
            guarded("/studio/recordings/repair", self.repair),
        ]

    async def check(self, request: Request) -> Response:
        """What there is to say of a recording."""
        looked = read_query(Looked, request.query_params)
        if len(looked.text) > MAX_TRANSCRIPT:
            raise OptionError(
                "the transcript has {count:,} characters; at most {max_transcript:,} are taken",
                count=len(looked.text),
                max_transcript=MAX_TRANSCRIPT,
            )
        return as_json(await self._worked(request, lambda data: _described(data, looked)))

    async def repair(self, request: Request) -> Response:
        """A recording with its faults mended."""
        mended = read_query(Mended, request.query_params)
        data = await self._worked(request, lambda data: _mended(data, mended))
        return Response(data, media_type="audio/wav", headers={"Cache-Control": "no-store"})

    async def _worked(self, request: Request, work: Callable[[bytes], T]) -> T:
        """What ``work`` makes of the request's bytes, on a thread and in its turn. Raises Busy."""
        visitor = visitor_of(request)
        # Handlers run on one event loop, so numbers are enough.
        if self._asked.total() >= PLACES + WAITING or self._asked[visitor.name] >= (PLACES + WAITING) // 2:
            raise Busy("other recordings are being read already; try again in a moment")
        self._asked[visitor.name] += 1
        try:
            with self._room.share(visitor.address) as held:
                data = await raw_body(request, MAX_RECORDING, held.take)
                return await anyio.to_thread.run_sync(work, data, limiter=self._places)
        finally:
            self._asked[visitor.name] -= 1
            self._asked += Counter()  # forgets those at zero


# -- the work, on threads --


def _described(data: bytes, looked: Looked) -> dict[str, Any]:
    """All of a recording as peaks in 0..100, where the part lies, and what there is to say of that."""
    from engine.audio.prompt_check import check as findings_of
    from engine.audio.prompt_repair import in_one
    from engine.audio.transcript_check import check_transcript

    whole, rate = _whole(data)
    start, end = _span(whole.shape[1], rate, looked)
    part = whole[:, start:end]
    found = (*findings_of(part, rate), *check_transcript(looked.text, looked.language, in_one(part), rate))
    return {
        "seconds": whole.shape[1] / rate,
        "start": start / rate,
        "end": end / rate,
        "sample_rate": rate,
        "channels": len(whole),
        "peaks": _peaks(whole),
        "findings": [
            {"name": each.name, "grade": each.grade, "message": as_told(each.message), "repair": each.repair}
            for each in found
        ],
    }


def _mended(data: bytes, mended: Mended) -> bytes:
    """The part as a WAV file of 16 bits."""
    import soundfile
    import soxr

    from engine.audio.prompt_repair import repair

    whole, rate = _whole(data)
    start, end = _span(whole.shape[1], rate, mended)
    part = whole[:, start:end].T
    if rate > MOST_RATE:
        part, rate = soxr.resample(part, rate, MOST_RATE, quality="HQ"), MOST_RATE
    names = [name for name in mended.repairs.split(",") if name]
    made = repair(part.T, rate, names) if names else part
    file = io.BytesIO()
    soundfile.write(file, np.clip(made, -1, 1), rate, format="WAV", subtype="PCM_16")
    return file.getvalue()


def _whole(data: bytes) -> tuple[np.ndarray, int]:
    from engine.audio import decode

    return decode.read_channels(data, max_seconds=RECORDING_S)


def _span(length: int, rate: int, part: Part) -> tuple[int, int]:
    """The first sample of a part and the one after its last. Raises AudioError for one that cannot be."""
    start = round(part.start * rate)
    end = min(length, start + round(PART_S * rate)) if part.end == 0 else min(length, round(part.end * rate))
    if not 0 <= start <= end - round(LEAST_S * rate):
        raise AudioError(
            "the part from {start:.1f} s to {end:.1f} s is none of a recording of {seconds:.1f} s",
            start=part.start,
            end=part.end or length / rate,
            seconds=length / rate,
        )
    if end - start > round(PART_S * rate):
        raise AudioError("at most {most:g} s are taken at a time; choose a shorter part", most=PART_S)
    return start, end


def _peaks(whole: np.ndarray) -> list[int]:
    """The loudest sample in each of `PEAKS` stretches, in 0..100."""
    loudest = np.abs(whole).max(axis=0)
    edges = np.linspace(0, len(loudest), min(PEAKS, len(loudest)) + 1).astype(int)
    return [min(100, round(100 * float(peak))) for peak in np.maximum.reduceat(loudest, edges[:-1])]
