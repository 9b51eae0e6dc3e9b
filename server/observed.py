"""The outermost layer: each answer is counted, and logged with its route, its status and how long it took."""

import logging
import time

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from server.guard import ROUTE
from server.logs import FACTS, REQUESTS
from server.metrics import Metrics
from server.rights import KEY, Visitor

logger = logging.getLogger(REQUESTS)

OTHER = "other"  # the route of what is none of ours
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
LEFT = 499  # of who went before there was an answer


class Observed:
    """``app``, counted in ``metrics``."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self._app = app
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began, status, sent = time.monotonic(), LEFT, 0

        async def send_on(message: Message) -> None:
            nonlocal status, sent
            if message["type"] == "http.response.start":
                status = message["status"]
            sent += len(message.get("body", b""))
            await send(message)

        try:
            await self._app(scope, receive, send_on)
        finally:
            method = scope["method"] if scope["method"] in METHODS else OTHER
            route = scope.get(ROUTE, OTHER)
            self._metrics.answered(method, route, status)
            facts = {
                "method": method,
                "route": route,
                "status": status,
                "seconds": round(time.monotonic() - began, 3),
                "bytes": sent,
                "who": _who(scope.get(KEY)),
            }
            logger.info("request", extra={FACTS: facts})


def _who(visitor: Visitor | None) -> str:
    """The kind of visitor, or the key's name; None is one who was not let in."""
    if visitor is None:
        return "nobody"
    if visitor.owner:
        return "owner"
    return visitor.name if visitor.limits else "visitor"
