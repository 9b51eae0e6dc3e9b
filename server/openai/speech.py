"""``POST /v1/audio/speech``: the sound from its first piece on, as bytes of a file or as server-sent events."""

import base64
import json
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any

import anyio.to_thread
from starlette.requests import Request
from starlette.responses import Response

from engine.audio.encoder import STREAM_FORMATS, Encoder
from engine.audio.label import label
from engine.audio.tempo import FASTEST, SLOWEST, Tempo
from engine.events import AudioChunk, Event
from engine.pace import paced
from engine.request import SynthesisRequest
from server.answers import json_content
from server.body import read
from server.errors import readable
from server.guests import Engines, OwnVoices
from server.jobs import Job, Jobs
from server.made_voices import MadeVoices
from server.openai.errors import Mistake, shape
from server.openai.voices import choose
from server.rights import Rights, Visitor, visitor_of
from server.streaming import Cut, JobResponse, pieces
from server.watching import GONE, unless_gone

# A player reads ahead and then rests, and a place is held meanwhile: so many events wait for it, and so long.
BACKLOG, PATIENCE_S = 64, 20.0
# What a second of sound counts as in the usage that server-sent events end with; of text it is the characters.
TOKENS_PER_S = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Speech:
    """What is sent. ``language``, ``seed`` and ``options`` are ours; what else is sent is left unread."""

    input: str
    model: str = ""
    voice: str = ""
    response_format: str = "mp3"
    speed: float = 1.0
    stream_format: str = "audio"
    language: str = ""
    seed: int = 0
    options: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A request for the engine, and by how much its sound is to be made faster."""

    request: SynthesisRequest
    tempo: float


class SpeechRoute:
    """The handler; it shares the engine, the jobs in flight and the voices that were made."""

    def __init__(self, engines: Engines, jobs: Jobs, voices: MadeVoices, rights: Rights) -> None:
        self._engines = engines
        self._jobs = jobs
        self._voices = voices
        self._rights = rights

    async def speak(self, request: Request) -> Response:
        """Start, and answer once there is sound: until then a mistake has a status of its own."""
        visitor, speech = visitor_of(request), read_speech(await json_content(request))
        wanted = await anyio.to_thread.run_sync(self._wanted, visitor, speech)
        going = self._rights.allowance.begin(visitor, speech.input)
        try:
            spoken = going.watch(self._engines.of(visitor).synthesize(wanted.request))
            job = self._jobs.start(spoken, backlog=BACKLOG, patience_s=PATIENCE_S)
        except BaseException:
            going.end()
            raise
        events = aiter(job)
        try:
            first = await unless_gone(request, lambda: _first_sound(events))
            if first is None:
                self._jobs.end(job)
                return Response(status_code=GONE)
            out = _Output(speech.response_format, first.sample_rate, wanted)
            begun = await anyio.to_thread.run_sync(out.push, first)
        except BaseException:
            self._jobs.end(job)
            raise

        def over() -> None:
            self._jobs.end(job)
            out.close()

        sound = self._sound(job, out, begun, events)
        is_sse = speech.stream_format == "sse"
        return JobResponse(
            self._as_events(sound, out, speech) if is_sse else self._as_file(sound),
            over,
            media_type="text/event-stream" if is_sse else STREAM_FORMATS[speech.response_format].media_type,
            headers={"X-Request-Id": job.id},
        )

    def _wanted(self, visitor: Visitor, speech: Speech) -> Wanted:
        engine, own = self._engines.of(visitor), OwnVoices(self._voices, self._rights, visitor)
        chosen = choose(engine, own, model=speech.model, voice=speech.voice, language=speech.language)
        options = engine.options(chosen.spec.id, speech.options, chosen.checkpoint)
        options, tempo = paced(chosen.spec, options, speech.speed)
        request = SynthesisRequest(
            system=chosen.spec.id,
            text=speech.input,
            options=options,
            voice=chosen.voice,
            language=speech.language,
            seed=speech.seed,
            checkpoint=chosen.checkpoint,
        )
        return Wanted(request=request, tempo=tempo)

    async def _sound(
        self, job: Job, out: "_Output", begun: bytes, events: AsyncIterator[Event]
    ) -> AsyncIterator[bytes]:
        """The bytes as they come, in pieces; the listener is heard with each."""
        for piece in pieces(begun):
            yield piece
            job.heard()
        async for event in events:
            if isinstance(event, AudioChunk):
                for piece in pieces(await anyio.to_thread.run_sync(out.push, event)):
                    yield piece
                    job.heard()
        for piece in pieces(await anyio.to_thread.run_sync(out.finish)):
            yield piece

    async def _as_file(self, sound: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
        try:
            async for piece in sound:
                yield piece
        except Exception as error:
            readable(error)  # logs what was not foreseen
            raise Cut from error

    async def _as_events(self, sound: AsyncIterator[bytes], out: "_Output", speech: Speech) -> AsyncIterator[bytes]:
        try:
            async for piece in sound:
                yield _event(type="speech.audio.delta", audio=base64.b64encode(piece).decode("ascii"))
        except Exception as error:  # noqa: BLE001 - the status is sent; the error is the last event
            yield _event(**self._rights.told(shape(readable(error))))
            return
        tokens = {"input_tokens": len(speech.input), "output_tokens": round(out.seconds * TOKENS_PER_S)}
        yield _event(type="speech.audio.done", usage={**tokens, "total_tokens": sum(tokens.values())})


class _Output:
    """The sound of a request on its way to bytes: at its tempo, and encoded."""

    def __init__(self, format: str, sample_rate: int, wanted: Wanted) -> None:  # noqa: A002
        self._rate = sample_rate
        self._tempo = Tempo(wanted.tempo, sample_rate)
        self._encoder = Encoder(format, sample_rate, label(wanted.request))
        self.seconds = 0.0

    def push(self, chunk: AudioChunk) -> bytes:
        samples = self._tempo.push(chunk.samples)
        self.seconds += samples.size / self._rate
        return self._encoder.push(samples)

    def finish(self) -> bytes:
        rest = self._tempo.finish()
        self.seconds += rest.size / self._rate
        return self._encoder.push(rest) + self._encoder.finish()

    def close(self) -> None:
        self._encoder.close()


def read_speech(content: Any) -> Speech:
    """What is asked for. Fields that are null are as good as left out. Raises RequestError and Mistake."""
    if isinstance(content, Mapping):
        known = {each.name for each in fields(Speech)}
        content = {name: value for name, value in content.items() if name in known and value is not None}
        if isinstance(voice := content.get("voice"), Mapping):
            content["voice"] = voice.get("id")
    speech = read(Speech, content)
    for name, value, allowed in (
        ("response_format", speech.response_format, tuple(STREAM_FORMATS)),
        ("stream_format", speech.stream_format, ("audio", "sse")),
    ):
        if value not in allowed:
            raise Mistake(
                "{name} must be one of {allowed}, not {value!r}",
                param=name, name=name, allowed=", ".join(allowed), value=value[:40],
            )  # fmt: skip
    if not SLOWEST <= speech.speed <= FASTEST:
        raise Mistake(
            "speed must be between {least} and {most}, not {speed:g}",
            param="speed", least=SLOWEST, most=FASTEST, speed=speech.speed,
        )  # fmt: skip
    if not speech.input.strip():
        raise Mistake("input is empty; send the text to say", param="input")
    return replace(speech, voice=speech.voice.strip())


async def _first_sound(events: AsyncIterator[Event]) -> AudioChunk:
    """The first chunk of sound. Raises Mistake where there is none in all of the text."""
    async for event in events:
        if isinstance(event, AudioChunk) and event.samples.size:
            return event
    raise Mistake("nothing in the text makes a sound", param="input")


def _event(**content: Any) -> bytes:
    return b"data: " + json.dumps(content).encode("ascii") + b"\n\n"
