"""Consents: that a speaker agrees to a voice being made of their recording. A voice is made with the id of one.

The recording of a consent is read, so that it is one, and forgotten; what is kept is who agreed, in which language and
when, until the server ends. It stays with the voice for good.
"""

import secrets
import threading
import time
from collections import OrderedDict
from dataclasses import asdict, dataclass, replace
from typing import Any

import anyio.to_thread
from starlette.requests import Request
from starlette.responses import Response

from server.answers import as_json, json_content
from server.held import Room
from server.openai.errors import Mistake
from server.openai.forms import read_form
from server.rights import Rights, Visitor, visitor_of

MAX_RECORDING = 10 * 2**20
MAX_SECONDS = 60.0
MOST = 1000
RATE = 16_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Consent:
    """Who agreed (the ``name`` that the recording was given), in which ``language`` and when."""

    id: str
    name: str
    language: str
    created_at: int

    def describe(self) -> dict[str, Any]:
        """As plain data."""
        return {**asdict(self), "object": "audio.voice_consent"}


class Consents:
    """The handlers and what they keep; up to `MOST` consents, of which the oldest go first."""

    def __init__(self, room: Room, rights: Rights) -> None:
        self._room = room
        self._rights = rights
        self._kept: OrderedDict[str, Consent] = OrderedDict()
        self._lock = threading.Lock()

    async def create(self, request: Request) -> Response:
        """Take a recording in which a speaker agrees."""
        visitor = visitor_of(request)
        with self._rights.allowance.begin(visitor), self._room.share(visitor.address) as held:
            form = await read_form(request, MAX_RECORDING, held.take)
            name, language, recording = form.text("name"), form.text("language", most=35), form.file("recording")
            await anyio.to_thread.run_sync(_check_sound, recording)
        consent = Consent(
            id=f"cons_{secrets.token_urlsafe(12)}", name=name, language=language, created_at=int(time.time())
        )
        self._rights.claim(visitor, consent.id)
        with self._lock:
            self._kept[consent.id] = consent
            while len(self._kept) > MOST:
                self._kept.popitem(last=False)
        return as_json(consent.describe())

    async def listed(self, request: Request) -> Response:
        """Those of one's own, the newest first."""
        visitor, query = visitor_of(request), request.query_params
        with self._lock:
            own = [each for each in reversed(self._kept.values()) if self._rights.owns(visitor, each.id)]
        limit = int(query.get("limit", "20")) if query.get("limit", "20").isdecimal() else 20
        after = next((place + 1 for place, each in enumerate(own) if each.id == query.get("after")), 0)
        page = own[after : after + max(1, min(limit, 100))]
        ids = {"first_id": page[0].id, "last_id": page[-1].id} if page else {"first_id": None, "last_id": None}
        more = after + len(page) < len(own)
        return as_json({"object": "list", "data": [each.describe() for each in page], **ids, "has_more": more})

    async def one(self, request: Request) -> Response:
        """One of them."""
        return as_json(self.of(visitor_of(request), request.path_params["consent"]).describe())

    async def rename(self, request: Request) -> Response:
        """Another name for one."""
        consent = self.of(visitor_of(request), request.path_params["consent"])
        name = await _new_name(request)
        with self._lock:
            self._kept[consent.id] = renamed = replace(consent, name=name)
        return as_json(renamed.describe())

    async def delete(self, request: Request) -> Response:
        """Forget one. The voices that were made with it keep it."""
        consent = self.of(visitor_of(request), request.path_params["consent"])
        with self._lock:
            self._kept.pop(consent.id, None)
        return as_json({"id": consent.id, "deleted": True, "object": "audio.voice_consent"})

    def of(self, visitor: Visitor, id: str) -> Consent:  # noqa: A002
        """A consent that ``visitor`` has brought. Raises Mistake when there is none of this id."""
        with self._lock:
            consent = self._kept.get(id)
        if consent is None or not self._rights.owns(visitor, id):
            raise Mistake("there is no consent {id!r} of yours", 404, param="consent", code="not_found", id=id[:60])
        return consent


async def _new_name(request: Request) -> str:
    content = await json_content(request)
    name = content.get("name") if isinstance(content, dict) else None
    if not isinstance(name, str) or not 0 < len(name.strip()) <= 200:
        raise Mistake("the request needs a name of at most 200 characters", param="name")
    return " ".join(name.split())


def _check_sound(recording: bytes) -> None:
    """Raises AudioError for what is no recording of somebody who could have agreed in it."""
    from engine.audio import decode  # a tenth of a second, which the page need not wait for

    decode.read(recording, sample_rate=RATE, max_seconds=MAX_SECONDS)
