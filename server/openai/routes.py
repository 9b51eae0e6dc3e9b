"""The table of the routes under /v1/, each with what it needs."""

from functools import partial

from starlette.requests import Request
from starlette.responses import Response

from server.guard import Guarded
from server.guests import Engines
from server.held import Room
from server.jobs import Jobs
from server.made_voices import MadeVoices
from server.openai.clones import Clones
from server.openai.consents import Consents
from server.openai.errors import Mistake, shape
from server.openai.models import Models
from server.openai.speech import SpeechRoute
from server.openai.transcriptions import Transcriptions
from server.openai.voices import Voices
from server.rights import Need, Rights


class OpenAIRoutes:
    """All of them; they share an engine, the jobs in flight and the voices that were made."""

    def __init__(self, engines: Engines, jobs: Jobs, voices: MadeVoices, rights: Rights) -> None:
        room = Room()
        self._rights = rights
        self._models = Models(engines.owner)
        self._speech = SpeechRoute(engines, jobs, voices, rights)
        self._voices = Voices(engines)
        self._transcriptions = Transcriptions(engines.owner, room, rights)
        self._consents = Consents(room, rights)
        self._clones = Clones(engines, voices, self._consents, room, rights)

    def table(self) -> list[Guarded]:
        """The routes, for any app to mount."""
        guarded = partial(Guarded, rights=self._rights, shape=shape)
        reading = partial(guarded, methods=["GET"], needs=Need.ENTRY)
        speaking = partial(guarded, methods=["POST"], needs=Need.SPEAK)
        deleting = partial(guarded, methods=["DELETE"], needs=Need.SPEAK)
        consents = "/v1/audio/voice_consents"
        return [
            speaking("/v1/audio/speech", self._speech.speak),
            speaking("/v1/audio/transcriptions", self._transcriptions.transcribe),
            reading("/v1/models", self._models.listed),
            reading("/v1/models/{model:path}", self._models.one),
            reading("/v1/audio/models", self._models.named),
            reading("/v1/audio/voices", self._voices.listed),
            speaking("/v1/audio/voices", self._clones.create),
            deleting("/v1/audio/voices/{voice:path}", self._clones.delete),
            reading(consents, self._consents.listed),
            speaking(consents, self._consents.create),
            reading(f"{consents}/{{consent}}", self._consents.one),
            speaking(f"{consents}/{{consent}}", self._consents.rename),
            deleting(f"{consents}/{{consent}}", self._consents.delete),
            guarded("/v1/{rest:path}", nothing, methods=["GET", "POST", "PUT", "PATCH", "DELETE"], needs=Need.ENTRY),
        ]


async def nothing(request: Request) -> Response:
    """What this API does not have, such as chats and pictures."""
    raise Mistake(
        "there is no {method} {path} here; this is the speech API: /v1/models, /v1/audio/speech, /v1/audio/voices and "
        "/v1/audio/transcriptions",
        404,
        code="unknown_url",
        method=request.method,
        path=request.url.path[:80],
    )
