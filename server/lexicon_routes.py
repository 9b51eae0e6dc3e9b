"""The HTTP routes of the lexicons, which the owner of a studio keeps for all (docs/lexicon.md#http).

    GET  /studio/lexicons                    {"languages"}
    GET  /studio/lexicons/{language}         {"entries": [{"word", "respelling", "pinyin"}]}
    POST /studio/lexicons/{language}/add     `Add` -> {"entries"}, as they are kept
    POST /studio/lexicons/{language}/remove  `Remove` -> {}

An error is {"error": {"type", "message"}} with a fitting status; nothing has changed then.
"""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from functools import partial
from typing import Annotated

import anyio.to_thread
from starlette.requests import Request
from starlette.responses import Response

from engine.lexicon import MOST_ENTRIES, Lexicons
from engine.request import LexiconEntry
from server.answers import as_json, json_body
from server.body import Items
from server.guard import Guarded
from server.rights import Need, Rights


@dataclass(frozen=True, slots=True, kw_only=True)
class Add:
    """Entries to keep, each in the place of the one for its word."""

    entries: Annotated[tuple[LexiconEntry, ...], Items(least=1, most=MOST_ENTRIES)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Remove:
    """The word whose entry is to be forgotten."""

    word: str


class LexiconRoutes:
    """The handlers; the disk is their only state."""

    def __init__(self, lexicons: Lexicons, rights: Rights) -> None:
        self._lexicons, self._rights = lexicons, rights

    def table(self) -> list[Guarded]:
        """The routes, for any app to mount."""
        guarded = partial(Guarded, needs=Need.MANAGE, rights=self._rights)
        path = "/studio/lexicons/{language}"
        return [
            guarded("/studio/lexicons", self.languages, methods=["GET"]),
            guarded(path, self.entries, methods=["GET"]),
            guarded(f"{path}/add", self.add, methods=["POST"]),
            guarded(f"{path}/remove", self.remove, methods=["POST"]),
        ]

    async def languages(self, _request: Request) -> Response:
        """Which languages have a lexicon."""
        return as_json({"languages": await anyio.to_thread.run_sync(self._lexicons.languages)})

    async def entries(self, request: Request) -> Response:
        """What one holds."""
        language = request.path_params["language"]
        return _described(await anyio.to_thread.run_sync(self._lexicons.entries, language))

    async def add(self, request: Request) -> Response:
        """Keep entries."""
        asked, language = await json_body(request, Add), request.path_params["language"]
        return _described(await anyio.to_thread.run_sync(self._lexicons.add, language, asked.entries))

    async def remove(self, request: Request) -> Response:
        """Forget an entry."""
        asked, language = await json_body(request, Remove), request.path_params["language"]
        await anyio.to_thread.run_sync(self._lexicons.remove, language, asked.word)
        return as_json({})


def _described(entries: Iterable[LexiconEntry]) -> Response:
    return as_json({"entries": [asdict(entry) for entry in entries]})
