"""The HTTP routes of what could be downloaded: what the systems' catalogues list, and which model to take.

    GET  /studio/catalogue                          the query is `Search` -> the best fitting entries, see `Found`
    GET  /studio/catalogue/{system}/{name}          a card with its licence, before anything is downloaded: `Offered`
    GET  /studio/catalogue/{system}/{name}/sample   a recording by which it may be heard
    GET  /studio/advice                             the query is `Asked` -> the best models for a language, see `Advice`

Lists and cards come from the hub through this server: the page itself asks nobody else. Whoever is let in may search;
what makes the server fetch more than the lists is the owner's.
"""

from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import anyio.to_thread
from starlette.requests import Request
from starlette.responses import Response

from engine.engine import Engine
from engine.errors import DownloadError, NotFound, WeightsMissing
from engine.library.advice import Wish, advise
from engine.library.catalogues import Listed, Wanted
from server.answers import as_json
from server.body import read_query
from server.errors import RequestError
from server.guard import Guarded
from server.rights import Need, Rights, visitor_of

MOST, MOST_TEXT = 100, 200
LONGEST_CARD = 20_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """What to look for, as in `engine.library.catalogues.Wanted`; at most ``limit`` are told."""

    query: str = ""
    system: str = ""
    language: str = ""
    quality: str = ""
    speakers: int = 0
    most_bytes: int = 0
    limit: int = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What somebody wants to do, as in `engine.library.advice.Wish`; ``language`` is a tag such as ``pt-BR``."""

    language: str
    fast: bool = False
    commercial: bool = False


class CatalogueRoutes:
    """The handlers; they share the engine's library."""

    def __init__(self, engine: Engine, rights: Rights) -> None:
        self._engine = engine
        self._library = engine.library
        self._rights = rights

    def table(self) -> list[Guarded]:
        """The routes, for any app to mount."""
        guarded = partial(Guarded, rights=self._rights, methods=["GET"])
        return [
            guarded("/studio/catalogue", self.search, needs=Need.ENTRY),
            guarded("/studio/catalogue/{system}/{name}", self.offer, needs=Need.MANAGE),
            guarded("/studio/catalogue/{system}/{name}/sample", self.sample, needs=Need.MANAGE),
            guarded("/studio/advice", self.advise, needs=Need.MANAGE),
        ]

    async def search(self, request: Request) -> Response:
        """The first entries that fit, and how many there are."""
        asked = read_query(Search, request.query_params)
        if len(asked.query) > MOST_TEXT:
            raise RequestError("look for fewer words, please; at most {most} characters", most=MOST_TEXT)
        wanted = Wanted(
            query=asked.query,
            language=asked.language,
            quality=asked.quality,
            speakers=asked.speakers,
            most_bytes=asked.most_bytes,
        )
        limit = min(MOST, max(1, asked.limit))
        owner = self._rights.manages(visitor_of(request))
        try:
            found = await anyio.to_thread.run_sync(self._library.catalogues.search, wanted, limit, asked.system)
        except DownloadError as error:
            if owner:
                raise
            raise RequestError("the catalogues cannot be had just now; try again later", 503) from error
        # Which mirrors are asked, and how they are, is the owner's business.
        return as_json((found if owner else replace(found, notes=())).describe())

    async def offer(self, request: Request) -> Response:
        """What one is, and what may be done with it."""
        return as_json(await anyio.to_thread.run_sync(self._offered, request.path_params))

    async def sample(self, request: Request) -> Response:
        """The sound of one, as its publisher has it."""
        data, kind = await anyio.to_thread.run_sync(self._sampled, request.path_params)
        headers = {"X-Content-Type-Options": "nosniff", "Cache-Control": "private, max-age=3600"}
        return Response(data, 200, headers, kind)

    async def advise(self, request: Request) -> Response:
        """Which to take."""
        asked = read_query(Asked, request.query_params)
        language, _, region = asked.language[:MOST_TEXT].replace("_", "-").partition("-")
        wish = Wish(language=language.lower(), region=region.upper(), fast=asked.fast, commercial=asked.commercial)
        advice = await anyio.to_thread.run_sync(advise, self._library, wish)
        return as_json(advice.describe())

    # -- the work, on threads --

    def _listed(self, params: dict[str, Any]) -> Listed:
        spec = self._engine.system(params["system"])
        if listed := self._library.catalogues.find(spec, params["name"]):
            return listed
        raise WeightsMissing("there is no model {id!r}; python -m engine models list shows them all", id=params["name"])

    def _offered(self, params: dict[str, Any]) -> dict[str, Any]:
        listed = self._listed(params)
        card = self._library.card(listed.id)
        told = self._library.catalogues.card(listed)
        return {
            **listed.describe(),
            "card": card.describe(),
            "told": told[:LONGEST_CARD],
            "sample": bool(self._library.catalogues.samples(listed)),
        }

    def _sampled(self, params: dict[str, Any]) -> tuple[bytes, str]:
        try:
            return self._library.catalogues.sample(self._listed(params))
        except NotFound as error:
            raise RequestError("there is no sample of {id}", 404, id=params["name"]) from error
