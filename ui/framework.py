"""What of Gradio is open to whom, and how the layers of ours get around its app.

Gradio serves some sixty routes. The page and gradio_client's calls of the named endpoint need those below; any other
(uploads, a proxy, logins, monitoring, editors, ...) is not there.
"""

import re
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass

from fastapi import FastAPI
from gradio.route_utils import CustomCORSMiddleware
from starlette.middleware.body_limit import RequestBodyLimitMiddleware
from starlette.types import ASGIApp, Receive, Scope, Send

from server.entrance import Entrance
from server.gate import Gate, Sites
from server.metrics import Metrics
from server.observed import Observed
from server.rights import Need, Rights
from ui.endpoints import NAMES

OURS = re.compile("/(?:studio|v1)/.*|/listen/[^/]+|/(?:mcp|health|ready|metrics)", re.DOTALL)
# A call of an endpoint, with a recording of half a minute in it.
MAX_CALL = 4 * 2**20
# Where gradio_client fetches a file that the endpoint has named by its address: our takes, and nothing else.
FILES = "/gradio_api/file={address:path}/studio/takes/{take}.{ending}"

# The page loads nothing from another host. Gradio's own scripts need the two exceptions, and its handlers are strings.
POLICY = "; ".join(
    [
        "default-src 'self'",
        "script-src 'self' 'unsafe-inline' 'unsafe-eval' blob:",
        "style-src 'self' 'unsafe-inline'",
        "img-src 'self' data: blob:",
        "font-src 'self' data:",
        "media-src 'self' data: blob:",
        "connect-src 'self' data: blob:",
        "worker-src 'self' blob:",
        "object-src 'none'",
        "base-uri 'self'",
        "form-action 'self'",
    ]
)


@dataclass(frozen=True, slots=True)
class Opening:
    """A route of Gradio's that is open: its ``methods``, the pattern of its ``path``, and what it needs."""

    methods: tuple[str, ...]
    path: str
    needs: Need


_GET, _POST = ("GET", "HEAD"), ("POST",)
OPEN = (
    Opening(_GET, "/", Need.ENTRY),
    Opening(_GET, "/config/?", Need.ENTRY),
    Opening(_GET, "(?:/gradio_api)?/theme\\.css", Need.NOTHING),
    Opening(_GET, "/(?:assets|static|svelte)/.+", Need.NOTHING),
    Opening(_GET, "/(?:favicon\\.ico|robots\\.txt|manifest\\.json)", Need.NOTHING),
    Opening(_GET, "/pwa_icon(?:/\\d+)?", Need.NOTHING),
    # Gradio asks itself for this one at the start.
    Opening(_GET, "/gradio_api/startup-events", Need.NOTHING),
    Opening(_GET, "/gradio_api/(?:info/?|app_id/?)", Need.ENTRY),
    Opening(_GET, "/gradio_api/heartbeat/[\\w-]{1,80}", Need.ENTRY),
    Opening(_GET, "/gradio_api/queue/data", Need.ENTRY),
    Opening(_POST, "/gradio_api/(?:cancel|reset/?)", Need.ENTRY),
    Opening(_POST, "/gradio_api/queue/join", Need.SPEAK),
    Opening(_POST, f"/gradio_api/call/(?:{'|'.join(NAMES)})/?", Need.SPEAK),
    Opening(_GET, f"/gradio_api/call/(?:{'|'.join(NAMES)})/[\\w-]{{1,80}}", Need.ENTRY),
    Opening(_GET, "/gradio_api/file=.*/studio/takes/[\\w-]+\\.\\w+", Need.OWN),  # a route of ours: see FILES
)
_TABLE = tuple((opening, re.compile(opening.path)) for opening in OPEN)


def needs(method: str, path: str) -> Need | None:
    """What a path of Gradio's needs; None for those of ours, which check for themselves, and for the closed ones."""
    found = (opening for opening, pattern in _TABLE if method in opening.methods and pattern.fullmatch(path))
    return next((opening.needs for opening in found if opening.needs is not Need.OWN), None)


def is_closed(path: str) -> bool:
    """Whether there is nothing under ``path``: it is neither ours nor one that is open."""
    return not OURS.fullmatch(path) and not any(pattern.fullmatch(path) for _, pattern in _TABLE)


class _Measured:
    """``app`` with bounded bodies for Gradio's routes; ours have limits of their own, up to whole checkpoints."""

    def __init__(self, app: ASGIApp) -> None:
        self._ours = app
        self._theirs = RequestBodyLimitMiddleware(app, MAX_CALL)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        ours = scope["type"] != "http" or OURS.fullmatch(scope["path"]) is not None
        await (self._ours if ours else self._theirs)(scope, receive, send)


def surrounded(
    rights: Rights, sites: Sites, metrics: Metrics
) -> Callable[[FastAPI], AbstractAsyncContextManager[None]]:
    """A lifespan for Gradio's app that puts our layers around everything it serves, before it serves anything.

    Layers that are handed to Gradio end up inside its own, one of which says which other sites may call, in a way of
    its own; so that one is taken out, and ours are put around the finished rest.
    """

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        app.user_middleware = [layer for layer in app.user_middleware if layer.cls is not CustomCORSMiddleware]
        inner = _Measured(app.build_middleware_stack())
        entrance = Entrance(inner, rights=rights, needs=needs, framed=bool(sites.frames))
        gate = Gate(entrance, sites=sites, policy=POLICY, closed=is_closed)
        app.middleware_stack = Observed(gate, metrics)
        yield

    return lifespan
