"""Loads the first system that is ready, in the background after the page is up, and says how far it is."""

import threading
from typing import Any

from engine.engine import Engine
from engine.message import as_told
from server.errors import readable


class WarmUp:
    """One background thread that brings one model into memory; `status` may be asked at any time."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        ready = [spec for spec in engine.systems() if engine.checkpoints(spec.id)]
        self._system = ready[0].id if ready else ""
        self._status: dict[str, Any] = {}
        self._report("loading" if ready else "idle", "")
        self._thread = threading.Thread(target=self._load, name="warm-up", daemon=True)

    def start(self) -> None:
        """Begin; call it once the page answers, since importing torch takes seconds."""
        if self._system:
            self._thread.start()

    def status(self) -> dict[str, Any]:
        """{"system", "state": "loading", "ready", "failed" or "idle", "label": see `as_told`, "done", "total"}."""
        return self._status

    def _load(self) -> None:
        try:
            for step in self._engine.prepare(self._system):
                self._report("loading", step.label, done=step.done, total=step.total)
        except Exception as error:  # noqa: BLE001 - it is shown on the page, and the next request meets it again
            self._report("failed", readable(error).message)
        else:
            self._report("ready", "")

    def _report(self, state: str, label: str, **more: float | None) -> None:
        self._status = {"system": self._system, "state": state, "label": as_told(label), **more}
