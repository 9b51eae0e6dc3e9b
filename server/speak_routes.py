"""The HTTP routes of speaking: as a stream, stop it, fetch takes and forget them.

    POST   /studio/speak             `Speak` -> a stream of frames (see `frame`)
    POST   /studio/jobs/{id}/stop    end a job within the time of one event; what was made is kept
    GET    /studio/takes/{id}.json   a finished take; .wav .flac .mp3 .ogg .opus its sound, .png its mel spectrogram
    DELETE /studio/takes/{id}        forget it, files and all -> {"deleted": whether it was there}

An error is {"error": {"type", "message"}} with a fitting status: the answer waits for the first event. An error after
that is the last frame of the stream.
"""

import dataclasses
import json
import struct
from collections.abc import AsyncIterator, Callable
from functools import partial
from typing import Any

import anyio.to_thread
from starlette.requests import Request
from starlette.responses import FileResponse, Response

from engine.audio.encode import FORMATS
from engine.events import AudioChunk, Event, Notice, Progress, Rewritten, Started, Tried, Words
from engine.message import as_told
from engine.speech import Collector
from server.answers import as_json, json_body
from server.errors import RequestError, readable
from server.guard import Guarded
from server.guests import Engines, OwnVoices
from server.jobs import Job, Jobs
from server.made_voices import MadeVoices
from server.requests import Asked, Speak, read_request
from server.rights import Need, Rights, Visitor, visitor_of
from server.streaming import JobResponse, pieces
from server.takes import Take, Takes


def frame(kind: bytes, payload: bytes) -> bytes:
    """One frame: ``kind`` (b"J" for a JSON object, b"P" for float32 little-endian samples), uint32 length, payload."""
    return struct.pack("<cI", kind, len(payload)) + payload


def event_frame(event: str, **values: Any) -> bytes:
    """A JSON frame; ASCII only, so that no text can break it."""
    return frame(b"J", json.dumps({"event": event, **values}).encode("ascii"))


def as_frame(event: Event, told: Callable[[Any], Any] = lambda content: content) -> bytes:
    """An event of the engine as a frame; ``told`` is what may be said of what it says to people."""
    match event:
        case AudioChunk(samples=samples):
            return frame(b"P", samples.astype("<f4").tobytes())
        case Progress(done=done, total=total, label=label):
            return event_frame("progress", done=done, total=total, label=told(as_told(label)))
        case Notice(message=message):
            return event_frame("notice", **told(as_told(message)))
        case Rewritten(text=text, options=options):
            return event_frame("rewritten", text=text, options=dict(options))
        case Words(words=words, segment=segment):
            return event_frame("words", segment=segment, words=[dataclasses.asdict(word) for word in words])
        case Tried(tries=tries, kept=kept):
            return event_frame("tried", tries=[dataclasses.asdict(each) for each in tries], kept=kept)
        case Started(sample_rate=sample_rate, segments=segments, load_s=load_s):
            return event_frame("started", sample_rate=sample_rate, segments=segments, load_s=load_s)


class SpeakRoutes:
    """The handlers; they share an engine, the jobs in flight, the finished takes and the voices that were made."""

    def __init__(self, engines: Engines, jobs: Jobs, takes: Takes, voices: MadeVoices, rights: Rights) -> None:
        self._rights = rights
        self._engines = engines
        self._voices = voices
        self._jobs = jobs
        self._takes = takes

    def table(self) -> list[Guarded]:
        """The routes, for any app to mount."""
        guarded = partial(Guarded, rights=self._rights)
        return [
            guarded("/studio/speak", self.speak, methods=["POST"], needs=Need.SPEAK),
            guarded("/studio/jobs/{job}/stop", self.stop, methods=["POST"], needs=Need.OWN, of="job"),
            self.takes_under("/studio/takes/{take}.{ending}"),
            guarded("/studio/takes/{take}", self.delete, methods=["DELETE"], needs=Need.OWN, of="take"),
        ]

    def takes_under(self, path: str) -> Guarded:
        """The route to takes, which may be mounted under other addresses, too."""
        return Guarded(path, self.take, methods=["GET"], needs=Need.OWN, of="take", rights=self._rights)

    async def speak(self, request: Request) -> Response:
        """Start a job and stream what it makes. The model is free again as soon as nobody listens."""
        visitor = visitor_of(request)
        engine, own = self._engines.of(visitor), OwnVoices(self._voices, self._rights, visitor)
        asked = read_request(engine, await json_body(request, Speak), own)
        collector = Collector(asked.request)
        going = self._rights.allowance.begin(visitor, asked.request.text)
        try:
            job = self._jobs.start(going.watch(collector.watch(engine.synthesize(asked.request))))
        except BaseException:
            going.end()
            raise
        self._rights.claim(visitor, job.id)
        events = aiter(job)
        try:
            first = await anext(events, None)
        except BaseException:
            self._jobs.end(job)
            raise
        frames = self._frames(visitor, job, asked, collector, first, events)
        return JobResponse(frames, lambda: self._jobs.end(job))

    async def stop(self, request: Request) -> Response:
        """End a job early."""
        if not self._jobs.stop(request.path_params["job"]):
            raise RequestError("there is no such job, or it has ended", 404)
        return as_json({"stopping": True})

    async def take(self, request: Request) -> Response:
        """A take as JSON, as a picture, or as a file in one of the formats."""
        take = self._takes.get(request.path_params["take"])
        ending = request.path_params["ending"]
        if take is None:
            raise RequestError("there is no such take; results are kept for a day", 404)
        if ending == "json":
            words = [dataclasses.asdict(word) for word in take.words]
            return as_json({**self._describe(take), "words": words})
        if ending == "png":
            picture = await anyio.to_thread.run_sync(self._takes.picture, take)
            return FileResponse(picture, media_type="image/png", headers={"Content-Encoding": "identity"})
        if ending not in FORMATS:
            raise RequestError(
                "there is no format {ending!r}; the formats are {formats}",
                404,
                ending=ending[:10],
                formats=", ".join(FORMATS),
            )
        path = await anyio.to_thread.run_sync(self._takes.file, take, ending)
        return FileResponse(
            path,
            media_type=FORMATS[ending].media_type,
            filename=f"{take.stem}.{ending}",
            content_disposition_type="attachment" if "download" in request.query_params else "inline",
            headers={"Content-Encoding": "identity"},
        )

    async def delete(self, request: Request) -> Response:
        """Forget a take and its files. One that is gone already is no mistake: a browser may ask twice."""
        deleted = await anyio.to_thread.run_sync(self._takes.delete, request.path_params["take"])
        return as_json({"deleted": deleted})

    async def _frames(
        self,
        visitor: Visitor,
        job: Job,
        asked: Asked,
        collector: Collector,
        first: Event | None,
        events: AsyncIterator[Event],
    ) -> AsyncIterator[bytes]:
        told = self._rights.told
        try:
            yield event_frame("job", job=job.id)
            event = first
            while event is not None:
                for piece in pieces(as_frame(event, told)):
                    yield piece
                    job.heard()
                event = await anext(events, None)
            speech = collector.speech(stopped=job.stopped)
            take = await anyio.to_thread.run_sync(self._takes.keep, asked, speech) if speech else None
            if take:
                self._rights.claim(visitor, take.id)
            yield event_frame("finished", take=self._describe(take) if take else None)
        except Exception as error:  # noqa: BLE001 - the status is sent; the error goes out as the last frame
            yield event_frame("error", **told(readable(error).describe()))

    def _describe(self, take: Take) -> dict[str, Any]:
        described = take.describe()
        told = self._rights.told(described["notices"])
        return {**described, "notices": told, "encoded": self._takes.encoded(take)}
