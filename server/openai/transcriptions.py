"""``POST /v1/audio/transcriptions``: what is said in a recording, as text, as JSON, or as subtitles."""

import json
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from threading import Event
from typing import Any

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response, StreamingResponse

from engine.engine import Engine
from engine.recognition.transcript import HeardWord, Transcript
from server.answers import as_json
from server.held import Room
from server.openai import models
from server.openai.errors import Mistake
from server.openai.forms import Form, read_form
from server.rights import Rights, visitor_of
from server.streaming import UNBUFFERED
from server.transcription_routes import MOST_S
from server.voice_routes import MAX_RECORDING
from server.watching import GONE, as_long_as_wanted, watched

FORMATS = ("json", "text", "srt", "verbose_json", "vtt")
# Where a subtitle ends: at the end of a sentence, before a pause, and when it has been there for so long.
SENTENCE_ENDS = tuple(".?!…。？！")
PAUSE_S, LONGEST_S = 1.0, 7.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """A piece of a transcript, from when to when in seconds."""

    text: str
    start_s: float
    end_s: float


class Transcriptions:
    """The handler, over an engine."""

    def __init__(self, engine: Engine, room: Room, rights: Rights) -> None:
        self._engine = engine
        self._room = room
        self._rights = rights

    async def transcribe(self, request: Request) -> Response:
        """What is said in a recording, which is read and forgotten. The work ends when nobody waits for it."""
        visitor = visitor_of(request)
        with self._rights.allowance.begin(visitor), self._room.share(visitor.address) as held:
            form = await read_form(request, MAX_RECORDING, held.take)
            recording, shape = form.file("file"), _shape(form)

            def work(gone: Event) -> Transcript | None:
                recogniser = models.recogniser(self._engine, form.fields.get("model", ""))
                language = form.fields.get("language", "").strip().lower()
                listening = self._engine.hearing.transcribe(
                    recording, language=language, recogniser=recogniser, max_seconds=MOST_S
                )
                return as_long_as_wanted(listening, gone)

            heard = await watched(request, work)
        if heard is None:
            return Response(status_code=GONE)
        if form.fields.get("stream", "").lower() == "true":
            return StreamingResponse(_events(heard), media_type="text/event-stream", headers=UNBUFFERED)
        return _answer(heard, shape)


def stretches(heard: Transcript) -> Iterator[Stretch]:
    """The transcript in pieces as long as a subtitle, each with its text as it is written in the whole."""
    begun: list[HeardWord] = []
    text_from = at = 0
    for index, word in enumerate(heard.words):
        begun.append(word)
        found = heard.text.find(word.text, at)
        at = found + len(word.text) if found >= 0 else at
        after = heard.words[index + 1] if index + 1 < len(heard.words) else None
        ends = (
            after is None
            or word.text.rstrip("\"'”’」』)）").endswith(SENTENCE_ENDS)
            or after.start_s - word.end_s > PAUSE_S
            or after.end_s - begun[0].start_s > LONGEST_S
        )
        if ends:
            until = len(heard.text) if after is None else at
            yield Stretch(text=heard.text[text_from:until].strip(), start_s=begun[0].start_s, end_s=word.end_s)
            text_from, begun = until, []


def _shape(form: Form) -> str:
    shape = form.fields.get("response_format", "json")
    if shape not in FORMATS:
        raise Mistake(
            "response_format must be one of {allowed}, not {value!r}",
            param="response_format", allowed=", ".join(FORMATS), value=shape[:40],
        )  # fmt: skip
    return shape


def _answer(heard: Transcript, shape: str) -> Response:
    headers = {"Cache-Control": "no-store"}
    usage = {"type": "duration", "seconds": round(heard.audio_s, 2)}
    match shape:
        case "text":
            return PlainTextResponse(f"{heard.text}\n", headers=headers)
        case "srt":
            return PlainTextResponse("\n".join(_srt(heard)), headers=headers, media_type="application/x-subrip")
        case "vtt":
            return PlainTextResponse("\n".join(_vtt(heard)), headers=headers, media_type="text/vtt")
        case "verbose_json":
            return as_json({"task": "transcribe", **_verbose(heard), "usage": usage})
    return as_json({"text": heard.text, "usage": usage})


def _verbose(heard: Transcript) -> dict[str, Any]:
    """All that is known: of a stretch its confidence stands for what OpenAI's recogniser says of its own work."""
    return {
        "text": heard.text,
        "language": heard.language,
        "duration": heard.audio_s,
        "words": [{"word": each.text, "start": each.start_s, "end": each.end_s} for each in heard.words],
        "segments": [
            {"id": number, "text": each.text, "start": each.start_s, "end": each.end_s}
            for number, each in enumerate(stretches(heard))
        ],
    }


async def _events(heard: Transcript) -> AsyncIterator[bytes]:
    """The text when it is there, which is at the end: a recogniser goes back and forth until then."""
    for event in (
        {"type": "transcript.text.delta", "delta": heard.text},
        {"type": "transcript.text.done", "text": heard.text},
    ):
        yield b"data: " + json.dumps(event).encode("ascii") + b"\n\n"


def _srt(heard: Transcript) -> Iterator[str]:
    for number, each in enumerate(stretches(heard), 1):
        yield f"{number}\n{_time(each.start_s, ',')} --> {_time(each.end_s, ',')}\n{each.text}\n"


def _vtt(heard: Transcript) -> Iterator[str]:
    yield "WEBVTT\n"
    for each in stretches(heard):
        yield f"{_time(each.start_s, '.')} --> {_time(each.end_s, '.')}\n{each.text}\n"


def _time(seconds: float, mark: str) -> str:
    whole, milliseconds = divmod(round(seconds * 1000), 1000)
    minutes, seconds = divmod(whole, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours:02}:{minutes:02}:{seconds:02}{mark}{milliseconds:03}"
