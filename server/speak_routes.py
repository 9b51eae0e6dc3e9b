"""The HTTP routes of speaking: as a stream, stop it, and fetch takes.

    POST /studio/speak             `Speak` -> a stream of frames (see `frame`)
    POST /studio/jobs/{id}/stop    end a job within the time of one event; what was made is kept
    GET  /studio/takes/{id}.json   a finished take; .wav .flac .mp3 .ogg .opus its sound, .png its mel spectrogram

An error is {"error": {"type", "message"}} with a fitting status: the answer waits for the first event. An error after
that is the last frame of the stream.
"""

import json
import struct
from collections.abc import AsyncIterator, Callable
from typing import Any

import anyio.to_thread
from starlette.requests import Request
from starlette.responses import FileResponse, Response, StreamingResponse
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from engine.audio.encode import FORMATS
from engine.engine import Engine
from engine.events import AudioChunk, Event, Notice, Progress, Rewritten, Started
from engine.message import Message
from engine.speech import Collector
from server.answers import answering, as_json, json_body
from server.errors import RequestError, readable
from server.jobs import Job, Jobs
from server.made_voices import MadeVoices
from server.requests import Asked, Speak, read_request
from server.takes import Takes

# No proxy may collect a stream, and no middleware may squeeze sound or hide its length.
UNBUFFERED = {"Cache-Control": "no-store", "X-Accel-Buffering": "no", "Content-Encoding": "identity"}


def frame(kind: bytes, payload: bytes) -> bytes:
    """One frame: ``kind`` (b"J" for a JSON object, b"P" for float32 little-endian samples), uint32 length, payload."""
    return struct.pack("<cI", kind, len(payload)) + payload


def event_frame(event: str, **values: Any) -> bytes:
    """A JSON frame; ASCII only, so that no text can break it."""
    return frame(b"J", json.dumps({"event": event, **values}).encode("ascii"))


def as_frame(event: Event) -> bytes:
    """An event of the engine as a frame."""
    match event:
        case AudioChunk(samples=samples):
            return frame(b"P", samples.astype("<f4").tobytes())
        case Progress(done=done, total=total, label=label):
            return event_frame("progress", done=done, total=total, label=label)
        case Notice(message=message):
            return event_frame("notice", message=message, **Message(message).describe())
        case Rewritten(text=text, options=options):
            return event_frame("rewritten", text=text, options=dict(options))
        case Started(sample_rate=sample_rate, segments=segments, load_s=load_s):
            return event_frame("started", sample_rate=sample_rate, segments=segments, load_s=load_s)


class SpeakRoutes:
    """The handlers; they share an engine, the jobs in flight, the finished takes and the voices that were made."""

    def __init__(self, engine: Engine, jobs: Jobs, takes: Takes, voices: MadeVoices) -> None:
        self._engine = engine
        self._voices = voices
        self._jobs = jobs
        self._takes = takes

    def table(self) -> list[Route]:
        """The routes, for any app to mount."""
        return [
            Route("/studio/speak", answering(self.speak), methods=["POST"]),
            Route("/studio/jobs/{job}/stop", answering(self.stop), methods=["POST"]),
            Route("/studio/takes/{take}.{ending}", answering(self.take), methods=["GET"]),
        ]

    async def speak(self, request: Request) -> Response:
        """Start a job and stream what it makes. The model is free again as soon as nobody listens."""
        asked = read_request(self._engine, await json_body(request, Speak), self._voices)
        collector = Collector(asked.request)
        job = self._jobs.start(collector.watch(self._engine.synthesize(asked.request)))
        events = aiter(job)
        try:
            first = await anext(events, None)
        except BaseException:
            self._jobs.end(job)
            raise
        frames = self._frames(job, asked, collector, first, events)
        return _JobResponse(frames, lambda: self._jobs.end(job))

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
            return as_json(take.describe())
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

    async def _frames(
        self, job: Job, asked: Asked, collector: Collector, first: Event | None, events: AsyncIterator[Event]
    ) -> AsyncIterator[bytes]:
        try:
            yield event_frame("job", job=job.id)
            event = first
            while event is not None:
                yield as_frame(event)
                event = await anext(events, None)
            speech = collector.speech(stopped=job.stopped)
            take = await anyio.to_thread.run_sync(self._takes.keep, asked, speech) if speech else None
            yield event_frame("finished", take=take.describe() if take else None)
        except Exception as error:  # noqa: BLE001 - the status is sent; the error goes out as the last frame
            yield event_frame("error", **readable(error).describe())


class _JobResponse(StreamingResponse):
    """A stream that ends its job when it is over, however that comes about and even if it never began."""

    def __init__(self, frames: AsyncIterator[bytes], end: Callable[[], None]) -> None:
        super().__init__(frames, media_type="application/octet-stream", headers=UNBUFFERED)
        self._end = end

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await super().__call__(scope, receive, send)
        finally:
            self._end()
