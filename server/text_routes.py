"""The HTTP routes of reading: what will be said, while somebody still types.

    POST /studio/text       `ReadText` -> {"segments": [{"text", "phonemes", "pause_s"}], "left_out", "notices"}
    POST /studio/languages  `ReadText` -> {"speaks", "language", "parts": [{"language", "letters", "read"}]}

A notice is {"message", "template", "values"} (see `engine.message.Message.describe`); which languages a text is in is
said as `engine.language.Written` describes it, also of a text that cannot be read.
No model is loaded. Of a text that is longer than `SHOWN` characters its beginning is read, and a notice says so. Work
that nobody waits for any more ends at the next segment. An error is {"error": {"type", "message"}} with a fitting
status: 429 when too many ask at once.
"""

import contextlib
import itertools
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from threading import Event
from typing import Annotated, Any, TypeVar

import anyio
from starlette.requests import Request
from starlette.responses import Response

from engine.engine import Engine
from engine.errors import Busy
from engine.lexicon import MOST_OWN
from engine.message import Message
from engine.reading import Read, gather
from engine.request import LexiconEntry, SynthesisRequest
from server.answers import as_json, json_body
from server.body import Items
from server.guard import Guarded
from server.requests import checkpoint_of
from server.rights import Need, Rights
from server.watching import GONE, watched

T = TypeVar("T")

# Characters: some minutes of speech, and a fraction of a second of work.
SHOWN = 4000
# Texts that are read at once, and those that wait. The work is short, and holds the interpreter.
PLACES, WAITING = 2, 16


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadText:
    """What to read, as `server.requests.Speak` says it: no voice, since none changes what is said."""

    text: str
    system: str
    model: str = ""
    language: str = ""
    options: Mapping[str, Any] = field(default_factory=dict)
    lexicon: Annotated[tuple[LexiconEntry, ...], Items(most=MOST_OWN)] = ()


class TextRoutes:
    """The handlers; they share an engine and the places at it."""

    def __init__(self, engine: Engine, rights: Rights) -> None:
        self._engine, self._rights = engine, rights
        self._places = anyio.CapacityLimiter(PLACES)
        self._asked = 0

    def table(self) -> list[Guarded]:
        """The routes, for any app to mount."""
        routes = {"/studio/text": self.read, "/studio/languages": self.languages}
        return [
            Guarded(path, route, methods=["POST"], needs=Need.SPEAK, rights=self._rights)
            for path, route in routes.items()
        ]

    async def read(self, request: Request) -> Response:
        """How a text will be read."""
        asked = await json_body(request, ReadText)
        spec = self._engine.system(asked.system)
        # What is too long to be spoken is refused as it stands.
        shown = _beginning(asked.text) if SHOWN < len(asked.text) <= spec.max_chars else asked.text
        synthesis = self._synthesis(asked, shown)
        read = await self._worked(request, lambda gone: self._gathered(synthesis, gone))
        if read is None:
            return Response(status_code=GONE)
        notices = list(read.notices)
        if shown != asked.text:
            notices.insert(
                0, Message("only the first {shown:,} characters are shown here; all are spoken", shown=SHOWN)
            )
        told = [{"message": notice, **Message(notice).describe()} for notice in notices]
        return as_json({**read.describe(), "notices": self._rights.told(told)})

    async def languages(self, request: Request) -> Response:
        """In which languages a text is."""
        asked = await json_body(request, ReadText)
        synthesis = self._synthesis(asked, asked.text)
        written = await self._worked(request, lambda _: self._engine.written(synthesis))
        return Response(status_code=GONE) if written is None else as_json(written.describe())

    def _synthesis(self, asked: ReadText, text: str) -> SynthesisRequest:
        spec = self._engine.system(asked.system)
        checkpoint = checkpoint_of(self._engine, spec, asked.model)
        return SynthesisRequest(
            system=spec.id,
            text=text,
            options=self._engine.options(spec.id, asked.options, checkpoint),
            language=asked.language,
            checkpoint=checkpoint,
            lexicon=asked.lexicon,
        )

    async def _worked(self, request: Request, work: Callable[[Event], T]) -> T | None:
        """What ``work`` makes on a thread, in its turn; None when whoever asked has gone before. Raises Busy."""
        # Handlers run on one event loop, so a number is enough.
        if self._asked >= PLACES + WAITING:
            raise Busy("too many texts are being read already; try again in a moment")
        self._asked += 1
        try:
            return await watched(request, work, self._places)
        finally:
            self._asked -= 1

    def _gathered(self, synthesis: SynthesisRequest, gone: Event) -> Read:
        """On a thread: all of it, or what is there when nobody waits for it any more."""
        with contextlib.closing(self._engine.reading(synthesis)) as events:
            return gather(itertools.takewhile(lambda _: not gone.is_set(), events))


def _beginning(text: str) -> str:
    """The first `SHOWN` characters, as far as the last white space in them."""
    window = text[:SHOWN]
    return window.rsplit(maxsplit=1)[0] if not text[SHOWN].isspace() and len(window.split(maxsplit=1)) > 1 else window
