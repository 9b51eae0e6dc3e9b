"""The HTTP routes of what is said in a recording.

    GET  /studio/recognisers     -> [{"id", "languages"}], those that are here, the one that hears worst first
    POST /studio/transcriptions  the bytes of a recording; the query is `Listen`
                                 -> `engine.recognition.transcript.Transcript.describe`

What is sent is read and forgotten. It counts as a request. When whoever asked has gone, the work ends. An error is
{"error": {"type", "message"}} with a fitting status: 429 when too many ask at once.
"""

from dataclasses import dataclass
from functools import partial
from threading import Event

import anyio.to_thread
from starlette.requests import Request
from starlette.responses import Response

from engine.engine import Engine
from engine.recognition.transcript import Transcript
from server.answers import as_json, raw_body
from server.body import read_query
from server.guard import Guarded
from server.held import Room
from server.rights import Need, Rights, visitor_of
from server.voice_routes import MAX_RECORDING
from server.watching import GONE, as_long_as_wanted, watched

# Of a recording, in seconds; a minute of it is some seconds of work.
MOST_S = 600.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Listen:
    """The ``language`` that is spoken, "" where nobody says, and the ``recogniser``, "" for the best that is here."""

    language: str = ""
    recogniser: str = ""


class TranscriptionRoutes:
    """The handlers, over an engine."""

    def __init__(self, engine: Engine, rights: Rights) -> None:
        self._engine, self._rights = engine, rights
        self._room = Room()

    def table(self) -> list[Guarded]:
        """The routes, for any app to mount."""
        guarded = partial(Guarded, rights=self._rights)
        return [
            guarded("/studio/recognisers", self.recognisers, methods=["GET"], needs=Need.ENTRY),
            guarded("/studio/transcriptions", self.transcribe, methods=["POST"], needs=Need.SPEAK),
        ]

    async def recognisers(self, request: Request) -> Response:  # noqa: ARG002
        """What can listen here."""
        here = await anyio.to_thread.run_sync(self._engine.hearing.available)
        return as_json([{"id": each.id, "languages": list(each.languages)} for each in here])

    async def transcribe(self, request: Request) -> Response:
        """What is said in a recording."""
        asked, visitor = read_query(Listen, request.query_params), visitor_of(request)
        with self._rights.allowance.begin(visitor), self._room.share(visitor.address) as held:
            data = await raw_body(request, MAX_RECORDING, held.take)

            def work(gone: Event) -> Transcript | None:
                listening = self._engine.hearing.transcribe(
                    data, language=asked.language, recogniser=asked.recogniser, max_seconds=MOST_S
                )
                return as_long_as_wanted(listening, gone)

            heard = await watched(request, work)
        if heard is None:
            return Response(status_code=GONE)
        return as_json(heard.describe())
