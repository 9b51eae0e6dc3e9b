"""What watches over the studio asks:

GET /health    {"status": "ok"} as long as it answers at all
GET /ready     the same, or 503 while it could not speak: a model is loading, has failed to, or there is none
GET /metrics   numbers in Prometheus' text format, for the owner
"""

from functools import partial

import anyio.to_thread
from starlette.requests import Request
from starlette.responses import Response

from engine.engine import Engine
from server.answers import as_json
from server.guard import Guarded
from server.metrics import MEDIA_TYPE, Metrics
from server.rights import Need, Rights
from server.warmup import WarmUp


class MonitorRoutes:
    """The handlers."""

    def __init__(self, engine: Engine, warm_up: WarmUp, metrics: Metrics, rights: Rights) -> None:
        self._engine = engine
        self._warm_up = warm_up
        self._metrics = metrics
        self._rights = rights

    def table(self) -> list[Guarded]:
        """The routes, for any app to mount."""
        reading = partial(Guarded, methods=["GET"], rights=self._rights)
        return [
            reading("/health", self.health, needs=Need.NOTHING),
            reading("/ready", self.ready, needs=Need.NOTHING),
            reading("/metrics", self.metrics, needs=Need.MANAGE),
        ]

    async def health(self, request: Request) -> Response:  # noqa: ARG002
        """Whether it answers."""
        return as_json({"status": "ok"})

    async def ready(self, request: Request) -> Response:  # noqa: ARG002
        """Whether it can speak."""
        is_ready = await anyio.to_thread.run_sync(self._can_speak)
        return as_json({"status": "ready"}) if is_ready else as_json({"status": "not ready"}, 503)

    async def metrics(self, request: Request) -> Response:  # noqa: ARG002
        """The numbers."""
        return Response(self._metrics.text(), headers={"Cache-Control": "no-store"}, media_type=MEDIA_TYPE)

    def _can_speak(self) -> bool:
        state = self._warm_up.status()["state"]
        if state == "ready" or self._engine.loaded():
            return True
        # Nothing was there to be loaded when it started, and something may be now.
        return state == "idle" and any(self._engine.checkpoints(spec.id) for spec in self._engine.systems())
